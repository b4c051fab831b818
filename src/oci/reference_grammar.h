/*
 * reference_grammar: the parts of a registry's reference, character by character; private to this
 * folder.
 *
 * A reference is text from strangers that becomes part of a URL: what passes here needs no
 * escaping. Each returns 0, or -1 with ERROR_BAD_REFERENCE saying which character offends, counted
 * from 1.
 */
#ifndef LAYERPROOF_OCI_REFERENCE_GRAMMAR_H
#define LAYERPROOF_OCI_REFERENCE_GRAMMAR_H

#include <stdbool.h>
#include <stddef.h>

#include "layerproof/error.h"

/* No control characters anywhere. */
int reference_check_controls(const char *text, struct error *err);

/* Printable ASCII without blanks. */
int reference_check_characters(const char *text, struct error *err);

/* host[:port] (distribution/reference regexp.go, "domain"); the host may be an IPv6 address in
 * brackets, the port is 1 to 65535. */
int reference_check_registry(const char *registry, struct error *err);

/* distribution-spec, "Pulling manifests", <name>. */
int reference_check_repository(const char *repository, struct error *err);

/* distribution-spec, "Pulling manifests", <reference> as a tag. */
int reference_check_tag(const char *tag, struct error *err);

/* Whether the first part of a name, of `size` bytes, is a registry (normalize.go,
 * splitDockerDomain). */
bool reference_is_registry(const char *part, size_t size);

/* Whether the text is an image ID, which distribution/reference refuses as a name. */
bool reference_is_image_id(const char *text);

#endif
