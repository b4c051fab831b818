#include "import_document.h"

#include <string.h>

#include "import_walk.h"
#include "layerproof/base64.h"
#include "layerproof/media_type.h"
#include "layerproof/memory.h"
#include "layerproof/root_history.h"

uint8_t *import_document_decode(struct import_record *record, const char *column, const char *text,
								size_t *size)
{
	size_t length = strlen(text);
	CLEANUP(free_at) uint8_t *bytes = memory_alloc(BASE64_DECODED_ROOM(length), 1);
	if (base64_decode(BASE64_STANDARD, text, length, bytes, size) != 0) {
		import_record_refuse(record, column, "not base64");
		return NULL;
	}
	return STEAL(bytes);
}

int import_document_manifest(struct import_record *record, const char *column, const void *bytes,
							 size_t size, struct manifest *out)
{
	struct error err = ERROR_INIT;
	CLEANUP(json_decref_at) json_t *document = node_parse(bytes, size, "manifest", &err);
	if (document == NULL || manifest_read(document, out, &err) != 0) {
		return import_record_refuse(record, column, "%s", err.text);
	}
	return 0;
}

static bool is_empty_layer(const struct node *entry)
{
	bool empty;
	struct error ignored = ERROR_INIT;
	return node_member_bool(entry, "empty_layer", false, &empty, &ignored) == 0 && empty;
}

void import_document_add_history(struct import_record *record, const struct node *history)
{
	size_t count = 0;
	size_t layers = record->image.diff_id_count;
	CLEANUP(free_at) struct root_history *layer = memory_alloc(layers, sizeof(*layer));
	for (size_t i = 0; i < node_count(history); i++) {
		struct node entry = node_element(history, i);
		if (is_empty_layer(&entry)) {
			continue;
		}
		if (count == layers) {
			return;
		}
		layer[count++].created_by = import_walk_text(&entry, "created_by");
	}
	if (count == layers) {
		record->image.root_layers = root_history_layers(layer, count);
	}
}

static void add_history(struct import_record *record, const struct image_config *config)
{
	CLEANUP(free_at)
	struct root_history *layer = memory_alloc(config->diff_id_count, sizeof(*layer));
	for (size_t i = 0; i < config->diff_id_count; i++) {
		const struct image_history *entry = image_config_layer_history(config, i);
		layer[i].created_by = entry == NULL ? NULL : entry->created_by;
	}
	record->image.root_layers = root_history_layers(layer, config->diff_id_count);
}

int import_document_config(struct import_record *record, const char *column, const void *bytes,
						   size_t size, struct image_config *out)
{
	struct error err = ERROR_INIT;
	if (image_config_parse(bytes, size, out, &err) != 0) {
		return import_record_refuse(record, column, "%s", err.text);
	}
	add_history(record, out);
	return 0;
}

bool import_document_is_layer(const char *media_type)
{
	enum media_kind kind = media_type_kind(media_type);
	return kind == MEDIA_LAYER || kind == MEDIA_LAYER_FOREIGN || kind == MEDIA_LAYER_ENCRYPTED;
}

bool import_document_is_image(const struct manifest *manifest)
{
	for (size_t i = 0; i < manifest->layer_count; i++) {
		if (!import_document_is_layer(manifest->layers[i].media_type)) {
			return false;
		}
	}
	return manifest->is_image;
}

int import_document_check_layers(struct import_record *record, const char *column,
								 const struct node *layers, const char *member)
{
	for (size_t i = 0; i < node_count(layers); i++) {
		struct node layer = node_element(layers, i);
		const char *media_type = import_walk_text(&layer, member);
		if (media_type != NULL && !import_document_is_layer(media_type)) {
			return import_record_pass_over(record, column, media_type);
		}
	}
	return 0;
}
