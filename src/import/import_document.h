/*
 * import_document: manifests and configurations that stand whole in an export, as text or base64.
 *
 * Whole means that their digest can be computed, and so be compared with what the export says.
 */
#ifndef LAYERPROOF_IMPORT_DOCUMENT_H
#define LAYERPROOF_IMPORT_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "import_record.h"
#include "layerproof/image_config.h"
#include "layerproof/manifest.h"

/* The bytes behind base64. Owned; NULL when the record was refused. */
uint8_t *import_document_decode(struct import_record *record, const char *column, const char *text,
								size_t *size);

/* Parses a manifest. -1: refused. Clear with manifest_clear(). */
int import_document_manifest(struct import_record *record, const char *column, const void *bytes,
							 size_t size, struct manifest *out);

/* Takes from the history of a configuration how far the root of an operating system reaches up,
 * where it lines up with the record's diff_ids. `history` is the list of its entries. */
void import_document_add_history(struct import_record *record, const struct node *history);

/* Parses an image configuration, and takes its history likewise. -1: refused. Clear with
 * image_config_clear(). */
int import_document_config(struct import_record *record, const char *column, const void *bytes,
						   size_t size, struct image_config *out);

/* Whether the media type is that of a layer of an image, foreign and encrypted ones included. */
bool import_document_is_layer(const char *media_type);

/* Whether a manifest is of an image: all of its layers are; false for signatures, attestations and
 * charts. */
bool import_document_is_image(const struct manifest *manifest);

/* The same of a list of layers in the export, of which `member` names the media type: passes the
 * record over where one is no image layer. A layer without a type is taken for one. */
int import_document_check_layers(struct import_record *record, const char *column,
								 const struct node *layers, const char *member);

#endif
