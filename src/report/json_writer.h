/*
 * json_writer: a record as one line of JSON, written straight into a buffer, member after member.
 *
 * What is not ASCII is escaped: a record may be looked at on a terminal, and strangers wrote some
 * of it. In an array, `name` is NULL. What has no value is left out. The first failure (a full
 * buffer) stays: the rest is not written, and json_writer_end_line() tells of it.
 */
#ifndef LAYERPROOF_REPORT_JSON_WRITER_H
#define LAYERPROOF_REPORT_JSON_WRITER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "layerproof/buffer.h"
#include "layerproof/digest.h"
#include "layerproof/error.h"

/* Begun by setting the first two. */
struct json_writer {
	struct buffer *out;
	struct error *err;
	bool needs_comma; /* something stands before, in the same brackets */
	bool has_failed;
};

void json_writer_begin_object(struct json_writer *writer, const char *name);
void json_writer_end_object(struct json_writer *writer);
void json_writer_begin_array(struct json_writer *writer, const char *name);
void json_writer_end_array(struct json_writer *writer);

/* `text` may be NULL; bytes that are not UTF-8 become U+FFFD. */
void json_writer_text(struct json_writer *writer, const char *name, const char *text);

/* The same for a sentence that people read as it is: control characters are shown as \xNN. */
void json_writer_printable(struct json_writer *writer, const char *name, const char *text);

/* `digest` may be NULL or unset. */
void json_writer_digest(struct json_writer *writer, const char *name, const struct digest *digest);

void json_writer_number(struct json_writer *writer, const char *name, int64_t number);
void json_writer_bool(struct json_writer *writer, const char *name, bool value);

/* Any value; NULL is left out. */
void json_writer_value(struct json_writer *writer, const char *name, const json_t *value);

/* Ends the line. -1 with the reason if anything of it could not be written. */
int json_writer_end_line(struct json_writer *writer);

#endif
