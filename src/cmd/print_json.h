/*
 * print_json: records of the commands that look after the index; private to this folder.
 */
#ifndef LAYERPROOF_CMD_PRINT_JSON_H
#define LAYERPROOF_CMD_PRINT_JSON_H

#include <jansson.h>

#include "layerproof/buffer.h"

/* Appends the value as one line. */
int print_json_line(const json_t *value, struct buffer *out, struct error *err);

/* Prints one JSON value on a line; returns an exit code. Takes the value. */
int print_json(json_t *value);

/* Sets a member to a text that may be NULL, which leaves it out; bytes that are not UTF-8 become
 * U+FFFD. */
void print_json_set_text(json_t *object, const char *name, const char *text);

#endif
