/*
 * internal_image: what is known of one image of ours: a row of an export, or an image read by
 * `add`.
 *
 * It is what importers make and what the index stores and gives back.
 */
#ifndef LAYERPROOF_INTERNAL_IMAGE_H
#define LAYERPROOF_INTERNAL_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layerproof/digest.h"
#include "layerproof/severity.h"

/* Whose an image, and so a digest, is. Stored in the index: never renumber. Greater disclaims more.
 */
enum origin {
	ORIGIN_UNKNOWN = 0,
	ORIGIN_OURS = 1,
	ORIGIN_THIRD_PARTY = 2,
	ORIGIN_PUBLIC = 3,
};

const char *origin_name(enum origin origin); /* "ours", "third_party", "public", "unknown" */

/* 0 and the value, or -1 when `text` names none. */
int origin_parse(const char *text, enum origin *out);

/* Ways to name content, as bits: one digest may be claimed to be several. Stored in the index:
 * never renumber. */
enum identity {
	IDENTITY_INDEX = 1 << 0,
	IDENTITY_MANIFEST = 1 << 1,
	IDENTITY_CONFIG = 1 << 2,
	IDENTITY_LAYER = 1 << 3,
	IDENTITY_DIFF_ID = 1 << 4,
	IDENTITY_CHAIN_ID = 1 << 5,
	IDENTITY_FILE = 1 << 6,
	IDENTITY_IMAGE =
		1 << 7, /* an export's "digest": index, manifest or config, decided at match time */
};

enum { IDENTITY_COUNT = 8 };

/* What names one image; a layer, a stack or a file may be in many. */
enum {
	IDENTITIES_OF_IMAGE = IDENTITY_INDEX | IDENTITY_MANIFEST | IDENTITY_CONFIG | IDENTITY_IMAGE,
	IDENTITIES_OF_LAYER = IDENTITY_LAYER | IDENTITY_DIFF_ID
};

/* The name of one bit: "index", "manifest"...; IDENTITY_IMAGE is "image". */
const char *identity_name(enum identity identity);

/* What an export attributes to one layer, named by its blob digest or its diff_id. */
struct layer_severities {
	struct digest layer;
	struct severities greatest;
};

/* A list that named an image, and what it said of it. Owns everything. */
struct image_mention {
	char *source;       /* "--source", or the file's name; for `add`, "add" */
	struct digest file; /* SHA-256 of the file that was imported; unset for `add` */
	uint64_t row;       /* row or record of the source, from 1; 0 when it has none */
	bool has_boundary;
	size_t boundary;
	size_t root_layers;
	struct severities severities;
	struct layer_severities *layer_severities;
	size_t layer_severity_count;
};

void image_mention_clear(struct image_mention *mention);

/* A digest with what it is claimed to be. */
struct identified_digest {
	enum identity identity;
	struct digest digest;
};

/* Owns everything; internal_image_clear() frees it. */
struct internal_image {
	char *name;     /* as exported: repo:tag or repo@digest; "" when the export had none */
	char *platform; /* NULL when not known */
	char *source;   /* of the first mention: the rest are in `mentions` */
	uint64_t row;   /* of the first mention */
	enum origin origin;
	struct identified_digest *tops; /* index, manifest, config, image digests; and a layer or
									 * diff_id that the image holds at a place not known */
	size_t top_count;
	struct digest *layers; /* compressed, bottom first; none when not known */
	size_t layer_count;
	struct digest
		*diff_ids; /* bottom first; none when not known; when both are known the counts are equal */
	size_t diff_id_count;
	struct digest base_digest; /* org.opencontainers.image.base.digest; unset when none */
	bool has_boundary;         /* a person said where its own work begins */
	size_t boundary;           /* bottom layers that are not its own work, when one did */
	size_t root_layers; /* bottom layers up to and with the one that holds the root of an operating
						 * system, by its history or its files; 0: none was seen */
	struct severities severities;
	struct layer_severities *layer_severities; /* each layer once */
	size_t layer_severity_count;
	struct image_mention *mentions; /* as the index gives it back: all lists that named it, by
									 * source, file and row; what stands above is then the greatest
									 * of what they say. None as an importer makes it: the image
									 * itself is the one mention */
	size_t mention_count;
};

void internal_image_clear(struct internal_image *image);

/* Appends; a digest already there with this identity is not added twice. */
void internal_image_add_top(struct internal_image *image, enum identity identity,
							const struct digest *digest);
void internal_image_add_layer(struct internal_image *image, const struct digest *digest);
void internal_image_add_diff_id(struct internal_image *image, const struct digest *digest);

/* Raises what is known of one layer. */
void internal_image_raise_layer(struct internal_image *image, const struct digest *layer,
								const struct severities *severities);

#endif
