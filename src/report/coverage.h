/*
 * coverage: how much of a candidate was read; private to this folder.
 */
#ifndef LAYERPROOF_REPORT_COVERAGE_H
#define LAYERPROOF_REPORT_COVERAGE_H

#include <stddef.h>
#include <stdint.h>

#include "layerproof/match.h"

/* Layers of all matched images, each distinct blob once. */
struct coverage {
	size_t total;
	size_t hashed;   /* their bytes were read and hashed */
	size_t ours;     /* ours by the rules */
	size_t not_ours; /* public or third party */
	size_t unread;   /* could not be read: foreign, encrypted, unsupported, or the fetch failed */
	int64_t bytes;   /* declared */
};

void coverage_count(const struct match_facts *facts, const struct judgement *judgement,
					struct coverage *out);

/* The greatest origin the index knows for a layer; false when it knows neither of its digests. */
bool coverage_layer_origin(const struct match_layer *layer, enum origin *out);

/* Whether the layer's bytes were read and hashed. */
bool coverage_layer_is_hashed(const struct match_layer *layer);

#endif
