/*
 * output: finished lines, each written whole, in order if asked; private to this folder.
 */
#ifndef LAYERPROOF_CHECK_OUTPUT_H
#define LAYERPROOF_CHECK_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layerproof/error.h"

struct output;

/* With `is_ordered`, line `number` waits for all before it, at most `window` of them at a time. */
struct output *output_new(int descriptor, bool is_ordered, size_t window);
void output_free(struct output *output); /* NULL is legal */

/* Blocks until line `number` is inside the window, so that what waits stays bounded. Call it before
 * the work on it begins, in the order of the numbers. */
void output_wait_for_room(struct output *output, uint64_t number);

/* Hands over the line (from malloc) of this number. Safe from any thread. */
void output_put(struct output *output, uint64_t number, char *line, size_t size);

/* Whether writing has failed: nothing more can reach the reader. */
bool output_has_failed(struct output *output);

/* 0, or -1 with why writing failed; ERROR_INTERRUPTED when the reader closed the pipe. */
int output_result(struct output *output, struct error *err);

#endif
