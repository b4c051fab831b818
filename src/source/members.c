#include "members.h"

#include <inttypes.h>

#include "bounded_reader.h"
#include "layerproof/buffer.h"

void members_close(struct members *members)
{
	if (members != NULL)
		members->close(members);
}

struct reader *members_open(struct members *members, const char *name, int64_t *size,
							struct error *err)
{
	return members->open(members, name, size, err);
}

/* Reads at most one chunk past the bounds. The smaller of the two speaks: a declared size within
 * the limit says what is wrong better than the limit does. */
static int read_within(struct reader *reader, const struct member_bounds *bounds,
					   struct buffer *buffer, struct error *err)
{
	bool is_declared = bounds->declared >= 0 && bounds->declared <= bounds->limit;
	CLEANUP(reader_close_at)
	struct reader *bounded = bounded_reader_new(reader, is_declared ? bounds->declared : -1, NULL);
	return reader_read_all(bounded, buffer, err);
}

int members_read(struct members *members, const char *name, const struct member_bounds *bounds,
				 char **bytes, size_t *size, struct error *err)
{
	int64_t stated;
	struct reader *reader = members_open(members, name, &stated, err);
	if (reader == NULL)
		return -1;
	struct buffer buffer = BUFFER_INIT(bounds->limit);
	if (read_within(reader, bounds, &buffer, err) != 0) {
		buffer_clear(&buffer);
		return error_add_context(err, "%s: %s", members->path, name);
	}
	*size = buffer.size;
	*bytes = buffer_steal(&buffer);
	return 0;
}

int members_read_document(struct members *members, const char *name,
						  const struct member_bounds *bounds, const char *media_type,
						  const struct digest *asked, struct document *out, struct error *err)
{
	char *bytes = NULL;
	size_t size = 0;
	if (members_read(members, name, bounds, &bytes, &size, err) != 0)
		return -1;
	document_init(out, bytes, size, media_type, asked);
	return 0;
}
