/*
 * member: reading members of image documents more strictly than node.h does; private to this
 * folder.
 */
#ifndef LAYERPROOF_OCI_MEMBER_H
#define LAYERPROOF_OCI_MEMBER_H

#include <stddef.h>

#include "layerproof/digest.h"
#include "layerproof/error.h"
#include "layerproof/memory.h"
#include "layerproof/node.h"

bool member_is_set(const struct node *object, const char *name);

size_t member_count(const struct node *object);

/* How many members of the object have this name when the case of letters does not count. */
size_t member_count_fold(const struct node *object, const char *name);

/* ERROR_MALFORMED when one of the names, which end with NULL, is there twice in different case:
 * programs in Go take the last of them, others the one that is spelled right (domain.md,
 * "Adversarial cases"). */
int member_refuse_variants(const struct node *object, const char *const *names, struct error *err);

/* The node itself as a digest; its path goes before the text. ERROR_MALFORMED, or ERROR_UNSUPPORTED
 * for an algorithm that is not computed here. */
int member_digest(const struct node *node, struct digest *out, struct error *err);

#endif
