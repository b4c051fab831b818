/*
 * layer_progress: how far the large layers that are being read have come, on a terminal.
 *
 * Each has a line, which is there while it is read. NULL stands for a run that shows none.
 */
#ifndef LAYERPROOF_LAYER_PROGRESS_H
#define LAYERPROOF_LAYER_PROGRESS_H

#include <stdint.h>

#include "layerproof/digest.h"

struct layer_progress;

/* NULL when there is no thread to be had. One at a time. */
struct layer_progress *layer_progress_new(int terminal);

/* Erases the lines. After all readings. */
void layer_progress_free(struct layer_progress *progress);

/* One layer that is being read. */
struct layer_reading;

/* `size`: bytes of the blob as declared; -1: not known. An unset digest is not shown. From any
 * thread. */
struct layer_reading *layer_progress_begin(struct layer_progress *progress,
										   const struct digest *digest, int64_t size);

/* layer_options.on_progress of layer.h, with the reading as its context. */
void layer_progress_note(void *reading, int64_t size);

void layer_progress_end(struct layer_progress *progress, struct layer_reading *reading);

#endif
