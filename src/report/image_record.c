#include "layerproof/image_record.h"

#include "coverage.h"
#include "layerproof/json_build.h"

json_t *image_record_reference(const struct reference *reference)
{
	json_t *object = json_object();
	json_build_text(object, "transport", reference_transport_name(reference->transport));
	json_build_text(object, "registry", reference->registry);
	json_build_text(object, "repository", reference->repository);
	json_build_text(object, "path", reference->path);
	json_build_text(object, "tag", reference->tag);
	json_build_digest(object, "digest", &reference->digest);
	return object;
}

/* What the bytes hash to, where that is not what was declared. */
static void set_computed(json_t *object, const struct tree_layer *declared,
						 const struct match_layer *layer)
{
	if (!layer->is_tampered)
		return;
	json_t *computed = json_object();
	if (declared->has_blob_digest && layer->blob_level == LEVEL_HASHED &&
		!digest_equal(&layer->blob.digest, &declared->descriptor.digest))
		json_build_digest(computed, "digest", &layer->blob.digest);
	if (layer->tar_level == LEVEL_HASHED && !digest_equal(&layer->tar.digest, &declared->diff_id))
		json_build_digest(computed, "diff_id", &layer->tar.digest);
	if (json_object_size(computed) > 0)
		json_object_set(object, "computed", computed);
	json_decref(computed);
	json_object_set_new(object, "tampered", json_true());
}

static json_t *layer_object(const struct tree_layer *declared, const struct match_layer *layer)
{
	json_t *object = json_object();
	enum origin origin;
	if (declared->has_blob_digest)
		json_build_digest(object, "digest", &declared->descriptor.digest);
	if (declared->descriptor.size >= 0)
		json_build_count(object, "size", declared->descriptor.size);
	json_build_text(object, "media_type", declared->descriptor.media_type);
	json_build_digest(object, "diff_id", &declared->diff_id);
	json_build_text(object, "level",
					level_name(coverage_layer_is_hashed(layer) ? LEVEL_HASHED : LEVEL_DECLARED));
	if (coverage_layer_origin(layer, &origin))
		json_build_text(object, "origin", origin_name(origin));
	json_object_set_new(object, "empty", json_boolean(layer->is_empty));
	json_build_text(object, "created_by", declared->created_by);
	set_computed(object, declared, layer);
	return object;
}

static json_t *image_object(const struct match_image *image)
{
	json_t *object = json_object();
	json_t *layers = json_array();
	json_build_text(object, "platform", image->tree->platform);
	json_build_digest(object, "manifest", &image->tree->manifest);
	json_build_digest(object, "config", &image->tree->config);
	json_build_text(object, "created", image->tree->created);
	for (size_t i = 0; i < image->tree->layer_count; i++)
		json_array_append_new(layers, layer_object(&image->tree->layers[i], &image->layers[i]));
	json_object_set_new(object, "layers", layers);
	return object;
}

json_t *image_record_images(const struct match_facts *facts)
{
	json_t *list = json_array();
	for (size_t i = 0; i < facts->image_count; i++)
		if (!facts->images[i].is_ignored)
			json_array_append_new(list, image_object(&facts->images[i]));
	return list;
}

json_t *image_record_errors(const struct finding_error *errors, size_t count)
{
	json_t *list = json_array();
	for (size_t i = 0; i < count; i++) {
		json_t *object = json_object();
		json_build_text(object, "code", error_code_name(errors[i].code));
		json_build_printable(object, "where", errors[i].where);
		json_build_printable(object, "message", errors[i].message);
		json_array_append_new(list, object);
	}
	return list;
}

int image_record_write_json(const struct reference *reference, const struct match_facts *facts,
							const struct finding_error *errors, size_t error_count,
							struct buffer *out, struct error *err)
{
	json_t *record = json_object();
	json_build_text(record, "schema", "layerproof.image.v1");
	json_object_set_new(record, "reference", image_record_reference(reference));
	json_build_digest(record, "digest", &facts->tree->digest);
	json_build_text(record, "media_type", facts->tree->media_type);
	json_object_set_new(record, "images", image_record_images(facts));
	json_object_set_new(record, "errors", image_record_errors(errors, error_count));
	int result = json_build_write(record, out, err);
	json_decref(record);
	return result;
}
