/*
 * document: bytes served under a manifest's name, what they are and what they hash to.
 */
#ifndef LAYERPROOF_DOCUMENT_H
#define LAYERPROOF_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "layerproof/digest.h"
#include "layerproof/error.h"
#include "layerproof/media_type.h"
#include "layerproof/node.h"

/* Owns its bytes and texts; document_clear() frees them. */
struct document {
	char *bytes; /* raw, as served, NUL behind */
	size_t size;
	char *media_type; /* as the server or descriptor said; NULL when it said nothing */
	struct digest
		digest; /* computed from the bytes, in the algorithm that was asked for, else sha256 */
	struct digest
		digest_sha256; /* computed from the bytes; equal to `digest` unless that is sha512 */
	struct digest
		digest_header; /* Docker-Content-Digest: a hint (registry-facts 3); unset when none */
	char *etag;   /* by which the server may be asked whether this is still what it has; or NULL */
	bool is_held; /* not sent: the bytes of an earlier answer, of which that was said */
};

/* Takes `bytes` (from malloc), copies `media_type` (may be NULL), computes the digests. A schema 1
 * document's digest is that of its signed payload (registry-facts 78), where that is the document
 * without its signatures and nothing else. `asked` may be NULL or unset. */
void document_init(struct document *document, char *bytes, size_t size, const char *media_type,
				   const struct digest *asked);
void document_clear(struct document *document);

/* What the bytes are: MEDIA_INDEX, MEDIA_MANIFEST, MEDIA_SCHEMA1 or MEDIA_CONFIG, told by the
 * body's `mediaType` first, where that is one of these, then by its members (registry-facts 6):
 * `manifests`, `layers`, `fsLayers`, `rootfs`. `*media_type` gets the type it was told by, owned:
 * the body's, else the one it was served under, else the usual one of its kind. `*body` gets the
 * parsed document, owned (json_decref), so that it need not be parsed again; NULL: not wanted.
 *
 * ERROR_MALFORMED for documents that could be read two ways (registry-facts 7): with a member of
 * those, or `config` or `history`, that the kind does not have, whatever the case of its letters;
 * with one of them twice in different case; or served under the type of a manifest or index that
 * the body's `mediaType`, or its members, contradict. A generic type such as application/json is no
 * contradiction (registry-facts 76). ERROR_UNSUPPORTED for JSON that is none of these. */
int document_identify(const struct document *document, enum media_kind *kind, char **media_type,
					  json_t **body, struct error *err);

#endif
