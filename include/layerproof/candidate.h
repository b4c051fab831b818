/*
 * candidate: one line of input, taken apart.
 */
#ifndef LAYERPROOF_CANDIDATE_H
#define LAYERPROOF_CANDIDATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layerproof/error.h"
#include "layerproof/node.h"
#include "layerproof/reference.h"

/* Owns everything; candidate_clear() frees it. */
struct candidate {
	char *input; /* the line as valid UTF-8 */
	struct reference reference;
	bool has_reference;
	struct error error; /* why there is none: ERROR_BAD_REFERENCE */
	json_t *discovery;  /* the other members of a JSON candidate; NULL when there are none */
};

/* Where candidates come from: a function that gives one line after the other. */
struct candidate_input {
	/* 1: a line (borrowed until the next call; NUL behind it; may be cut when `*is_long`); 0: end;
	 * -1: error. Called from one thread. */
	int (*next)(void *context, const char **line, size_t *size, bool *is_long, struct error *err);
	void *context;
};

/* Whether a line is blank or a comment: no candidate at all. */
bool candidate_is_skipped(const char *line, size_t size);

/* Never fails: a line that names no image is a candidate with an error. */
void candidate_parse(const char *line, size_t size, bool is_long, struct candidate *out);
void candidate_clear(struct candidate *candidate);

#endif
