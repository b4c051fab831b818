#include "json_writer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "layerproof/memory.h"
#include "layerproof/text.h"

static void add(struct json_writer *writer, const char *bytes, size_t size)
{
	if (!writer->has_failed && buffer_add(writer->out, bytes, size, writer->err) != 0)
		writer->has_failed = true;
}

/* What stands before a value: a comma behind the one before it, and its name, which is ours and
 * needs no escapes. */
static void begin(struct json_writer *writer, const char *name)
{
	if (writer->needs_comma)
		add(writer, ",", 1);
	writer->needs_comma = true;
	if (name == NULL)
		return;
	add(writer, "\"", 1);
	add(writer, name, strlen(name));
	add(writer, "\":", 2);
}

static void open_brackets(struct json_writer *writer, const char *name, const char *bracket)
{
	begin(writer, name);
	add(writer, bracket, 1);
	writer->needs_comma = false;
}

static void close_brackets(struct json_writer *writer, const char *bracket)
{
	add(writer, bracket, 1);
	writer->needs_comma = true;
}

void json_writer_begin_object(struct json_writer *writer, const char *name)
{
	open_brackets(writer, name, "{");
}

void json_writer_end_object(struct json_writer *writer)
{
	close_brackets(writer, "}");
}

void json_writer_begin_array(struct json_writer *writer, const char *name)
{
	open_brackets(writer, name, "[");
}

void json_writer_end_array(struct json_writer *writer)
{
	close_brackets(writer, "]");
}

static int add_piece(const char *bytes, size_t size, void *context)
{
	struct json_writer *writer = context;
	add(writer, bytes, size);
	return writer->has_failed ? -1 : 0;
}

static void add_value(struct json_writer *writer, const json_t *value)
{
	(void)json_dump_callback(value, add_piece, writer,
							 JSON_COMPACT | JSON_ENSURE_ASCII | JSON_ENCODE_ANY);
}

/* Whether it stands for itself between quotes. */
static bool is_plain(const char *text)
{
	for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++)
		if (*c < 0x20 || *c >= 0x80 || *c == '"' || *c == '\\')
			return false;
	return true;
}

static void add_escaped(struct json_writer *writer, const char *text)
{
	CLEANUP(free_at) char *valid = text_utf8(text, strlen(text));
	json_t *value = json_string_nocheck(valid);
	add_value(writer, value);
	json_decref(value);
}

void json_writer_text(struct json_writer *writer, const char *name, const char *text)
{
	if (text == NULL)
		return;
	begin(writer, name);
	if (!is_plain(text)) {
		add_escaped(writer, text);
		return;
	}
	add(writer, "\"", 1);
	add(writer, text, strlen(text));
	add(writer, "\"", 1);
}

void json_writer_printable(struct json_writer *writer, const char *name, const char *text)
{
	if (text == NULL)
		return;
	CLEANUP(free_at) char *printable = text_printable(text);
	json_writer_text(writer, name, printable);
}

void json_writer_digest(struct json_writer *writer, const char *name, const struct digest *digest)
{
	char text[DIGEST_TEXT_SIZE];
	if (digest != NULL && digest_is_set(digest))
		json_writer_text(writer, name, digest_format(digest, text));
}

void json_writer_number(struct json_writer *writer, const char *name, int64_t number)
{
	char text[32];
	int size = snprintf(text, sizeof(text), "%" PRId64, number);
	begin(writer, name);
	add(writer, text, (size_t)size);
}

void json_writer_bool(struct json_writer *writer, const char *name, bool value)
{
	begin(writer, name);
	add(writer, value ? "true" : "false", value ? 4 : 5);
}

void json_writer_value(struct json_writer *writer, const char *name, const json_t *value)
{
	if (value == NULL)
		return;
	begin(writer, name);
	add_value(writer, value);
}

int json_writer_end_line(struct json_writer *writer)
{
	add(writer, "\n", 1);
	return writer->has_failed ? -1 : 0;
}
