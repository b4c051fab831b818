/*
 * signed_payload: the part of a schema 1 manifest that its digest is over; private to this folder.
 *
 * Docker's "pretty" signatures (libtrust; registry-facts 78) are a member put into the signed JSON.
 * Their protected header says how to take it out again: keep `formatLength` bytes, then write
 * `formatTail`.
 */
#ifndef LAYERPROOF_OCI_SIGNED_PAYLOAD_H
#define LAYERPROOF_OCI_SIGNED_PAYLOAD_H

#include <stddef.h>

#include "layerproof/buffer.h"
#include "layerproof/error.h"
#include "layerproof/node.h"

/* `root` is the parsed body, `bytes` the body itself. Adds the payload to `out`. ERROR_MALFORMED
 * where the signatures disagree, or where the payload would not be exactly the body without its
 * signatures: whoever wrote the header must not choose what is hashed. */
int signed_payload_read(const struct node *root, const char *bytes, size_t size, struct buffer *out,
						struct error *err);

#endif
