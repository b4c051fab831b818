#include "import_manifest.h"

#include <string.h>

#include "import_document.h"
#include "import_walk.h"
#include "layerproof/document.h"
#include "layerproof/image_index.h"
#include "layerproof/manifest.h"
#include "layerproof/media_type.h"
#include "layerproof/memory.h"

/* Signatures and attestations often come with the config of an image. */
static const char *other_than_image(const struct manifest *manifest)
{
	if (!manifest->is_image) {
		return manifest->config.media_type;
	}
	for (size_t i = 0; i < manifest->layer_count; i++) {
		if (import_document_is_layer(manifest->layers[i].media_type)) {
			return NULL;
		}
	}
	return manifest->layer_count == 0 ? NULL : manifest->layers[0].media_type;
}

static int take_layers(struct import_record *record, const char *column,
					   const struct manifest *manifest)
{
	for (size_t i = 0; i < manifest->layer_count; i++) {
		const struct descriptor *layer = &manifest->layers[i];
		if (!digest_is_set(&layer->digest)) {
			return import_record_refuse(record, column, "layer %zu: unknown algorithm: %s", i + 1,
										layer->digest_text);
		}
		internal_image_add_layer(&record->image, &layer->digest);
	}
	return 0;
}

static int take_manifest(struct import_record *record, const char *column,
						 const struct manifest *manifest)
{
	const char *other = other_than_image(manifest);
	if (other != NULL) {
		return import_record_pass_over(record, column, other);
	}
	if (digest_is_set(&manifest->config.digest)) {
		internal_image_add_top(&record->image, IDENTITY_CONFIG, &manifest->config.digest);
	}
	record->image.base_digest = manifest->base_digest;
	return take_layers(record, column, manifest);
}

static int read_manifest(struct import_record *record, const char *column, const json_t *body)
{
	struct manifest manifest;
	struct error err = ERROR_INIT;
	if (manifest_read(body, &manifest, &err) != 0) {
		return import_record_refuse(record, column, "%s", err.text);
	}
	int status = take_manifest(record, column, &manifest);
	manifest_clear(&manifest);
	return status;
}

/* An attestation is no platform of the image. */
static void take_child(struct import_record *record, const struct descriptor *child)
{
	enum media_kind kind = media_type_kind(child->media_type);
	if (child->is_attestation || child->artifact_type != NULL || !digest_is_set(&child->digest)) {
		return;
	}
	if (kind == MEDIA_MANIFEST) {
		internal_image_add_top(&record->image, IDENTITY_MANIFEST, &child->digest);
	} else if (kind == MEDIA_INDEX) {
		internal_image_add_top(&record->image, IDENTITY_INDEX, &child->digest);
	}
}

static int read_index(struct import_record *record, const char *column,
					  const struct document *document)
{
	struct image_index index;
	struct error err = ERROR_INIT;
	if (image_index_parse(document->bytes, document->size, &index, &err) != 0) {
		return import_record_refuse(record, column, "%s", err.text);
	}
	for (size_t i = 0; i < index.count; i++) {
		take_child(record, &index.children[i]);
	}
	image_index_clear(&index);
	return 0;
}

static int take_document(struct import_record *record, const char *column,
						 const struct document *document, enum media_kind kind, const json_t *body)
{
	switch (kind) {
	case MEDIA_INDEX:
		import_walk_name_top(&record->image, IDENTITY_INDEX, &document->digest);
		return read_index(record, column, document);
	case MEDIA_MANIFEST:
		import_walk_name_top(&record->image, IDENTITY_MANIFEST, &document->digest);
		return read_manifest(record, column, body);
	case MEDIA_SCHEMA1: /* its layers stand in another order, with empty ones between */
		import_walk_name_top(&record->image, IDENTITY_MANIFEST, &document->digest);
		return 0;
	default:
		return import_record_refuse(record, column, "no manifest and no index");
	}
}

static int read_document(struct import_record *record, const char *column,
						 const struct document *document, const struct digest *expected)
{
	enum media_kind kind;
	json_t *body = NULL;
	char text[DIGEST_TEXT_SIZE];
	struct error err = ERROR_INIT;
	CLEANUP(free_at) char *media_type = NULL;
	if (expected != NULL && digest_differs(&document->digest, expected)) {
		return import_record_refuse(record, column, "the bytes hash to %s",
									digest_format(&document->digest, text));
	}
	if (document_identify(document, &kind, &media_type, &body, &err) != 0) {
		return import_record_refuse(record, column, "%s", err.text);
	}
	int status = take_document(record, column, document, kind, body);
	json_decref(body);
	return status;
}

int import_record_add_manifest(struct import_record *record, const char *column, const char *bytes,
							   size_t size, const char *media_type, const struct digest *expected)
{
	struct document document;
	document_init(&document, memory_copy_span(bytes, size), size, media_type, expected);
	int status = read_document(record, column, &document, expected);
	document_clear(&document);
	return status;
}
