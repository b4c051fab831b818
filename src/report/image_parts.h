/*
 * image_parts: what findings and image records have in common, private to this folder.
 */
#ifndef LAYERPROOF_REPORT_IMAGE_PARTS_H
#define LAYERPROOF_REPORT_IMAGE_PARTS_H

#include "json_writer.h"
#include "layerproof/finding.h"
#include "layerproof/match.h"
#include "layerproof/reference.h"

/* reference{transport, registry, repository, path, tag, digest} */
void image_parts_add_reference(struct json_writer *writer, const struct reference *reference);

/* images[{platform, reason, manifest, config, created, layers[...]}]; attestations and artifacts
 * are left out, and with `reproducible`, times of ours. `reasons` may be NULL. */
void image_parts_add_images(struct json_writer *writer, const struct match_facts *facts,
							const enum reason *reasons, bool reproducible);

/* The place in the record's `images` of one of the facts' images. */
size_t image_parts_place(const struct match_facts *facts, size_t image);

/* Whether its platform is that of no other image of the record. */
bool image_parts_is_told_by_platform(const struct match_facts *facts, size_t image);

/* errors[{code, where, message}] */
void image_parts_add_errors(struct json_writer *writer, const struct finding_error *errors,
							size_t count, bool reproducible);

#endif
