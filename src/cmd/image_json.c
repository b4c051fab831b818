#include "image_json.h"

#include "layerproof/json_build.h"

static json_t *digest_list(const struct digest *digests, size_t count)
{
	char text[DIGEST_TEXT_SIZE];
	json_t *list = json_array();
	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_string(digest_format(&digests[i], text)));
	return list;
}

void image_json_add_digests(json_t *object, const struct internal_image *image)
{
	char text[DIGEST_TEXT_SIZE];
	json_t *digests = json_array();
	for (size_t i = 0; i < image->top_count; i++)
		json_array_append_new(digests, json_pack("{ss ss}", "identity",
												 identity_name(image->tops[i].identity), "digest",
												 digest_format(&image->tops[i].digest, text)));
	json_object_set_new(object, "digests", digests);
	json_object_set_new(object, "layers", digest_list(image->layers, image->layer_count));
	json_object_set_new(object, "diff_ids", digest_list(image->diff_ids, image->diff_id_count));
}

/* Members of the classes that have one. */
static void add_classes(json_t *object, const struct severities *severities)
{
	json_t *classes = json_object();
	if (severities->os != SEVERITY_NONE)
		json_build_text(classes, "os", severity_name(severities->os));
	if (severities->app != SEVERITY_NONE)
		json_build_text(classes, "app", severity_name(severities->app));
	if (json_object_size(classes) > 0)
		json_object_set_new(object, "severities", classes);
	else
		json_decref(classes);
}

void image_json_add_severities(json_t *object, const struct severities *severities,
							   const struct layer_severities *layers, size_t layer_count)
{
	char text[DIGEST_TEXT_SIZE];
	add_classes(object, severities);
	if (layer_count == 0)
		return;
	json_t *list = json_array();
	for (size_t i = 0; i < layer_count; i++) {
		json_t *layer = json_object();
		json_build_text(layer, "digest", digest_format(&layers[i].layer, text));
		add_classes(layer, &layers[i].greatest);
		json_array_append_new(list, layer);
	}
	json_object_set_new(object, "layer_severities", list);
}
