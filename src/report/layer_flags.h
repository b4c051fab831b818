/*
 * layer_flags: what is odd about one layer, as words; private to this folder.
 */
#ifndef LAYERPROOF_REPORT_LAYER_FLAGS_H
#define LAYERPROOF_REPORT_LAYER_FLAGS_H

#include <stdbool.h>
#include <stddef.h>

#include "json_writer.h"

enum { LAYER_FLAGS = 3 };

/* Fills `out` with words of layerproof-finding(5), in the order of the alphabet, for bits of enum
 * layer_oddity (layer.h) and for bytes that are not of the format that was declared. Returns how
 * many. */
size_t layer_flags_list(unsigned oddities, bool is_other_format,
						const char *out[static LAYER_FLAGS]);

/* The member "flags" with these words; none where nothing is odd. */
void layer_flags_write(struct json_writer *writer, unsigned oddities, bool is_other_format);

#endif
