/*
 * layer_record: what one blob was found to be, as lines of JSON (layerproof-digest(1)).
 */
#ifndef LAYERPROOF_LAYER_RECORD_H
#define LAYERPROOF_LAYER_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "layerproof/buffer.h"
#include "layerproof/error.h"
#include "layerproof/layer.h"

/* Something of a blob that could not be read. */
struct layer_problem {
	const char *where;         /* "blob": its bytes, or their decompression; "tar": its entries */
	const struct error *error; /* borrowed from what was asked about */
};

enum { LAYER_PROBLEMS = 2 };

/* What layer_read() could not read: `failure` is how it ended, ERROR_NONE where it returned 0. What
 * one problem brought about is no second one: where the decompression failed, so must the walk over
 * the tar, and how far it came says nothing. Returns how many. */
size_t layer_record_problems(const struct layer_result *result, const struct error *failure,
							 struct layer_problem out[static LAYER_PROBLEMS]);

/* Whether the blob is damaged, or over a limit: not where it is of a kind that is not read. */
bool layer_record_is_damaged(const struct layer_result *result, const struct error *failure);

/* Appends the record, one line. */
int layer_record_write(const struct layer_result *result, const struct error *failure,
					   struct buffer *out, struct error *err);

/* The same for one of its files; a path of LIMIT_TAR_PATH bytes may take eight times as many. */
int layer_record_write_file(const struct layer_file *file, struct buffer *out, struct error *err);

#endif
