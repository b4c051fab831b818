/*
 * text_map: texts met lately and a number for each, in bounded memory.
 */
#ifndef LAYERPROOF_TEXT_MAP_H
#define LAYERPROOF_TEXT_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layerproof/memory.h"

struct text_map;

/* Holds texts of at most `memory` bytes together; all are forgotten for the one that is too many.
 */
struct text_map *text_map_new(size_t memory);
void text_map_free(struct text_map *map); /* NULL is legal */
DEFINE_CLEANUP(struct text_map, text_map_free)

/* Whether the text is there, and its number. */
bool text_map_get(const struct text_map *map, const void *text, size_t size, uint32_t *out);

/* Adds a text that is not there. Copies; one of 64 KiB or more is not kept. */
void text_map_put(struct text_map *map, const void *text, size_t size, uint32_t number);

#endif
