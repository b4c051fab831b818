/*
 * image_record: an image as `inspect` shows it (schema "layerproof.image.v1") and as findings embed
 * it.
 */
#ifndef LAYERPROOF_IMAGE_RECORD_H
#define LAYERPROOF_IMAGE_RECORD_H

#include <jansson.h>

#include "layerproof/finding.h"
#include "layerproof/layer.h"
#include "layerproof/match.h"
#include "layerproof/reference.h"

/* {transport, registry, repository, path, tag, digest}; owned by the caller. */
json_t *image_record_reference(const struct reference *reference);

/* images[{platform, manifest, config, created, layers[...]}]; attestations and artifacts are left
 * out. Owned by the caller. */
json_t *image_record_images(const struct match_facts *facts);

/* [{code, where, message}]; owned by the caller. */
json_t *image_record_errors(const struct finding_error *errors, size_t count);

/* The whole record of `inspect --json`, one line. */
int image_record_write_json(const struct reference *reference, const struct match_facts *facts,
							const struct finding_error *errors, size_t error_count,
							struct buffer *out, struct error *err);

#endif
