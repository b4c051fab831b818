/*
 * image_record: an image as `inspect` shows it (schema "layerproof.image.v1").
 */
#ifndef LAYERPROOF_IMAGE_RECORD_H
#define LAYERPROOF_IMAGE_RECORD_H

#include "layerproof/finding.h"
#include "layerproof/layer.h"
#include "layerproof/match.h"
#include "layerproof/reference.h"

/* The whole record of `inspect --json`, one line. */
int image_record_write_json(const struct reference *reference, const struct match_facts *facts,
							const struct finding_error *errors, size_t error_count,
							struct buffer *out, struct error *err);

#endif
