/*
 * saved_digest: a digest in a saved finding, private to this folder.
 */
#ifndef LAYERPROOF_REPORT_SAVED_DIGEST_H
#define LAYERPROOF_REPORT_SAVED_DIGEST_H

#include "layerproof/digest.h"
#include "layerproof/node.h"

/* An optional one that is absent leaves `*out` unset. */
int saved_digest_read(const struct node *object, const char *name, enum node_presence presence,
					  struct digest *out, struct error *err);

#endif
