/*
 * image_texts: what whoever made an image wrote of it, text by text. All of it is free text, which
 * anybody may have written; none of it proves anything.
 */
#ifndef LAYERPROOF_IMAGE_TEXTS_H
#define LAYERPROOF_IMAGE_TEXTS_H

#include <stddef.h>

#include "layerproof/node.h"

/* One text and where it stands. Borrowed during the call. */
struct image_text {
	const char *kind; /* "label", "annotation", "env", "history", "user", "working_dir",
						 "entrypoint", "cmd", "shell", "onbuild", "healthcheck", "volume",
						 "hostname", "domainname", "author" or "comment" */
	const char *name; /* of the label, annotation or variable; NULL for the other kinds */
	size_t number;    /* place in the history, from 0 */
	const char *text; /* the name itself, or the value */
};

struct image_texts_listener {
	void *context;
	void (*heard)(void *context, const struct image_text *text);
};

/* Tells of each text of an index, a manifest or a configuration: annotations of the document and of
 * its descriptors, and what a configuration says beside its layers (image-spec config.md; Docker's
 * `container_config` likewise). What is not of its kind is passed over. */
void image_texts_tell(const json_t *document, const struct image_texts_listener *listener);

#endif
