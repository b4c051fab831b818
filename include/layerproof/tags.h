/*
 * tags: all tags of a repository of a registry (distribution-spec, "Listing Tags").
 */
#ifndef LAYERPROOF_TAGS_H
#define LAYERPROOF_TAGS_H

#include <stddef.h>

#include "layerproof/error.h"
#include "layerproof/reference.h"
#include "layerproof/source.h"

/* Owns everything; tags_clear() frees it. As the registry says them, in its order, each once. */
struct tags {
	char **names;
	size_t count;
};

/* The tags of the repository that `reference` is in, page by page from its registry alone.
 * ERROR_MALFORMED for what is no list, a page that brings nothing new but leads on, or a next page
 * elsewhere; ERROR_OVER_LIMIT for more than LIMIT_TAGS; and what http.h says. */
int tags_list(struct source_client *client, const struct reference *reference, struct tags *out,
			  struct error *err);
void tags_clear(struct tags *tags);

#endif
