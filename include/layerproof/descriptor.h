/*
 * descriptor: type, digest and size of some content (image-spec descriptor.md), with its platform
 * when it has one.
 */
#ifndef LAYERPROOF_DESCRIPTOR_H
#define LAYERPROOF_DESCRIPTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layerproof/digest.h"
#include "layerproof/error.h"
#include "layerproof/node.h"

/* Owns its texts and bytes; descriptor_clear() frees them. */
struct descriptor {
	char *media_type;
	char *digest_text;    /* as written: kept for algorithms that cannot be computed */
	struct digest digest; /* unset when the algorithm is unknown (legal, but unverifiable) */
	int64_t size;         /* bytes; -1 where the format has none (docker-archive) */
	char *platform; /* "linux/amd64", "linux/arm/v7", "unknown/unknown"; NULL when not stated */
	char *artifact_type; /* NULL when not stated */
	uint8_t *data; /* the content itself, embedded and decoded; NULL when not; not yet verified */
	size_t data_size;
	bool has_urls;       /* `urls` was there and not empty: never followed */
	bool is_attestation; /* vnd.docker.reference.type, or platform unknown/unknown (registry-facts
							79) */
	char *ref_name;      /* org.opencontainers.image.ref.name; NULL when none */
};

/* Reads the object at `node`. mediaType, digest and size are required, size >= 0; a digest that
 * breaks the grammar, a sha256 or sha512 of the wrong length, or `data` that is not base64 is
 * ERROR_MALFORMED. */
int descriptor_read(const struct node *node, struct descriptor *out, struct error *err);
void descriptor_clear(struct descriptor *descriptor);

/* Deep copy; the target is overwritten, not freed. */
void descriptor_copy(const struct descriptor *from, struct descriptor *to);

/* Whether the content stands in the descriptor itself: its `data` may be used where both size and
 * digest agree (descriptor.md, "Embedded Content"); data that does not is as if it were not there.
 */
bool descriptor_has_content(const struct descriptor *descriptor);

/* "os/architecture[/variant]" from a platform object (image-index.md). Owned; NULL when `node` is
 * absent. */
int descriptor_read_platform(const struct node *node, char **out, struct error *err);

#endif
