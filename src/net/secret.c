#include "secret.h"

#include <ctype.h>
#include <string.h>
#include <sys/resource.h>

#include "layerproof/base64.h"
#include "layerproof/memory.h"

void secret_free(char *text)
{
	if (text != NULL)
		explicit_bzero(text, strlen(text));
	free(text);
}

void secret_free_at(char **text)
{
	secret_free(*text);
}

void secret_buffer_clear(struct buffer *buffer)
{
	if (buffer->bytes != NULL)
		explicit_bzero(buffer->bytes, buffer->size);
	buffer_clear(buffer);
}

bool secret_is_header_safe(const char *text)
{
	for (const char *c = text; *c != '\0'; c++) {
		if (*c <= ' ' || *c > '~')
			return false;
	}
	return *text != '\0';
}

char *secret_bearer(const char *token)
{
	return memory_format("Bearer %s", token);
}

char *secret_basic(const char *username, const char *password)
{
	CLEANUP(secret_free_at) char *pair = memory_format("%s:%s", username, password);
	size_t size = strlen(pair);
	CLEANUP(secret_free_at) char *encoded = memory_alloc(BASE64_ENCODED_ROOM(size), 1);
	(void)base64_encode(BASE64_STANDARD, pair, size, encoded);
	return memory_format("Basic %s", encoded);
}

json_t *secret_parse(const void *bytes, size_t size, const char *name, struct error *err)
{
	json_t *value = node_parse(bytes, size, name, err);
	char *quote = value == NULL ? strstr(err->text, " near ") : NULL;
	if (quote != NULL)
		*quote = '\0';
	return value;
}

/* As deep as LIMIT_JSON_DEPTH. */
static void wipe(json_t *value)
{
	if (json_is_string(value))
		explicit_bzero((char *)json_string_value(value), json_string_length(value));
	for (void *at = json_object_iter(value); at != NULL; at = json_object_iter_next(value, at))
		wipe(json_object_iter_value(at));
	for (size_t i = 0; i < json_array_size(value); i++)
		wipe(json_array_get(value, i));
}

void secret_json_free(json_t *value)
{
	wipe(value);
	json_decref(value);
}

void secret_json_free_at(json_t **value)
{
	secret_json_free(*value);
}

/* A byte of 0 becomes a blank, so that nothing hides behind it. */
static char *percent_decoded(const char *text)
{
	char *decoded = memory_copy_text(text);
	char *to = decoded;
	for (const char *from = text; *from != '\0'; from++) {
		char digits[3] = "";
		if (*from == '%' && isxdigit((unsigned char)from[1]) && isxdigit((unsigned char)from[2])) {
			digits[0] = *++from;
			digits[1] = *++from;
		}
		char byte = digits[0] == '\0' ? *from : (char)strtol(digits, NULL, 16);
		*to++ = byte == '\0' ? ' ' : byte;
	}
	*to = '\0';
	return decoded;
}

bool secret_is_in(const char *text, const char *secret)
{
	if (*secret == '\0')
		return false;
	CLEANUP(secret_free_at) char *decoded = percent_decoded(text);
	return strstr(text, secret) != NULL || strstr(decoded, secret) != NULL;
}

/* core(5): a limit of 0 stops files alone; 1 byte, which no core file fits in either, is what the
 * kernel takes for "to nobody" where it would run a program. */
void secret_forbid_core_files(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_CORE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max == 0 ? 0 : 1;
	(void)setrlimit(RLIMIT_CORE, &limit);
}
