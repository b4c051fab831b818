/*
 * json_build: members of the commands' own records. What has no value is left out.
 */
#ifndef LAYERPROOF_JSON_BUILD_H
#define LAYERPROOF_JSON_BUILD_H

#include <jansson.h>

#include "layerproof/buffer.h"
#include "layerproof/error.h"

/* `text` may be NULL; bytes that are not UTF-8 become U+FFFD. */
void json_build_text(json_t *object, const char *name, const char *text);

void json_build_count(json_t *object, const char *name, json_int_t count);

/* One line: the value without blanks or newlines in it, then a newline. What is not ASCII is
 * escaped: a record may be looked at on a terminal, and strangers wrote some of it. */
int json_build_write(const json_t *value, struct buffer *out, struct error *err);

#endif
