/*
 * verify: the walk over the records of a kind, and the damages.
 */
#include "verify.h"

#include <stdarg.h>
#include <stdio.h>

#include "layerproof/interrupt.h"

DEFINE_CLEANUP(struct store_cursor, store_cursor_close)

int verify_damage(struct verify *verify, const char *format, ...)
{
	char text[ERROR_TEXT_SIZE];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	verify->counts->damages++;
	return verify->listener->damage(verify->listener->context, text) == 0 ? 0 : -1;
}

int verify_failure(struct verify *verify, const struct error *reason, struct error *err,
				   const char *format, ...)
{
	char where[ERROR_TEXT_SIZE];
	va_list arguments;

	if (reason->code != ERROR_MALFORMED) {
		*err = *reason;
		return -1;
	}
	va_start(arguments, format);
	vsnprintf(where, sizeof(where), format, arguments);
	va_end(arguments);
	return verify_damage(verify, "%s: %s", where, reason->text);
}

int verify_walk(struct verify *verify, size_t database, const char *what,
				int (*visit)(struct verify *verify, struct store_bytes key,
							 struct store_bytes value, struct error *err),
				struct error *err)
{
	struct error reason = ERROR_INIT;
	struct store_bytes key = {.size = 0};
	struct store_bytes value;
	CLEANUP(store_cursor_close_at)
	struct store_cursor *cursor = store_cursor_open(verify->txn, database, &reason);

	int more = cursor ? store_cursor_seek(cursor, key, &key, &value, &reason) : -1;
	while (more == 1) {
		if (interrupt_requested())
			return error_set(err, ERROR_INTERRUPTED, "interrupted");
		if (visit(verify, key, value, err) != 0)
			return -1;
		more = store_cursor_next(cursor, &key, &value, &reason);
	}
	return more == 0 ? 0 : verify_failure(verify, &reason, err, "%s", what);
}

int verify_key(struct verify *verify, struct store_bytes key, const char *what,
			   char text[static DIGEST_TEXT_SIZE])
{
	const uint8_t *bytes = key.bytes;
	struct digest digest;

	size_t size = key.size > 0 ? digest_size((enum digest_algorithm)bytes[0]) : 0;
	if (size == 0 || key.size != 1 + size)
		return verify_damage(verify, "%s: a key of %zu bytes is no digest", what, key.size);
	record_read_key(bytes, &digest);
	digest_format(&digest, text);
	return 1;
}
