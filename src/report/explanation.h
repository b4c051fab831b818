/*
 * explanation: a finding as people are shown it, be it just made or read from a file; private to
 * this folder.
 */
#ifndef LAYERPROOF_REPORT_EXPLANATION_H
#define LAYERPROOF_REPORT_EXPLANATION_H

#include <stdbool.h>
#include <stddef.h>

#include "comparison.h"
#include "layerproof/buffer.h"
#include "layerproof/digest.h"
#include "layerproof/finding_table.h"

/* Words are those of layerproof-finding(5), or of a later version of it. */
struct explained_evidence {
	const char *identity;
	const char *level;
	const char *origin;
	struct digest digest;
	bool has_image; /* `image` is its place in the saved finding's images */
	size_t image;
	bool has_layer;
	size_t layer;
	const char *platform; /* NULL */
	const char *internal; /* the name of the internal image; NULL */
	const char *basis;    /* why a layer is ours, or is not shown to be; NULL: not told */
	uint64_t others;
};

/* A name that points to us. */
struct explained_hint {
	const char *place;
	const char *text; /* NULL */
	const char *pattern;
	const char *platform; /* NULL */
};

/* Owns its lists, reference and summary, and borrows all other texts; strangers may have written
 * any of them. */
struct explanation {
	const char *verdict;
	const char *priority;
	const char *reason;
	char *reference; /* or the input, where that is none */
	char *summary;
	struct explained_evidence *evidence; /* strongest first */
	size_t evidence_count;
	struct explained_hint *hints;
	size_t hint_count;
	bool has_comparison;
	struct comparison comparison;
};

void explanation_clear(struct explanation *explanation);

/* The line of the table, and with `table->evidence` all that is below it. */
int explanation_write(const struct explanation *explanation, const struct finding_table *table,
					  struct buffer *out, struct error *err);

#endif
