/*
 * json_same: elements of a list that were met already, byte for byte.
 */
#ifndef LAYERPROOF_JSON_SAME_H
#define LAYERPROOF_JSON_SAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_same_slot {
	size_t at, size; /* in the text; 0 bytes: free */
	uint32_t hash;
};

/* Open value; zero it at first. */
struct json_same {
	struct json_same_slot *slots;
	size_t capacity, count;
};

/* Whether the `size` bytes at `at` of `text` were added before; else they are now. The text only
 * grows. One that would be long to look for is not remembered: so the time is bounded by the size.
 */
bool json_same_add(struct json_same *same, const char *text, size_t at, size_t size);

/* Another text begins. */
void json_same_reset(struct json_same *same);

void json_same_clear(struct json_same *same);

#endif
