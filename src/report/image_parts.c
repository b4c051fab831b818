#include "image_parts.h"

#include <string.h>

#include "coverage.h"
#include "layer_flags.h"
#include "layerproof/clock.h"

void image_parts_add_reference(struct json_writer *writer, const struct reference *reference)
{
	json_writer_begin_object(writer, "reference");
	json_writer_text(writer, "transport", reference_transport_name(reference->transport));
	json_writer_text(writer, "registry", reference->registry);
	json_writer_text(writer, "repository", reference->repository);
	json_writer_text(writer, "path", reference->path);
	json_writer_text(writer, "tag", reference->tag);
	json_writer_digest(writer, "digest", &reference->digest);
	json_writer_end_object(writer);
}

static bool is_undecoded(const struct match_layer *layer)
{
	return layer->unread == UNREAD_FORMAT || layer->unread == UNREAD_DAMAGED;
}

/* What the bytes hash to, where that is not what was declared, or is all there is to know. */
static void add_computed(struct json_writer *writer, const struct tree_layer *declared,
						 const struct match_layer *layer)
{
	bool is_other_blob = is_undecoded(layer) ||
						 !digest_equal(&layer->blob.digest, &declared->descriptor.digest);
	bool has_blob = declared->has_blob_digest && layer->blob_level == LEVEL_HASHED &&
					is_other_blob && digest_is_set(&layer->blob.digest);
	bool has_tar = layer->tar_level == LEVEL_HASHED && digest_is_set(&layer->tar.digest) &&
				   !digest_equal(&layer->tar.digest, &declared->diff_id);
	if (!layer->is_tampered && !is_undecoded(layer))
		return;
	if (has_blob || has_tar) {
		json_writer_begin_object(writer, "computed");
		json_writer_digest(writer, "digest", has_blob ? &layer->blob.digest : NULL);
		json_writer_digest(writer, "diff_id", has_tar ? &layer->tar.digest : NULL);
		json_writer_end_object(writer);
	}
	if (layer->is_tampered)
		json_writer_bool(writer, "tampered", true);
}

static void add_layer(struct json_writer *writer, const struct tree_layer *declared,
					  const struct match_layer *layer, bool reproducible)
{
	enum origin origin;
	char time[CLOCK_TEXT_SIZE];
	json_writer_begin_object(writer, NULL);
	if (declared->has_blob_digest)
		json_writer_digest(writer, "digest", &declared->descriptor.digest);
	if (declared->descriptor.size >= 0)
		json_writer_number(writer, "size", declared->descriptor.size);
	json_writer_text(writer, "media_type", declared->descriptor.media_type);
	json_writer_digest(writer, "diff_id", &declared->diff_id);
	json_writer_text(writer, "level",
					 level_name(coverage_layer_is_hashed(layer) ? LEVEL_HASHED : LEVEL_DECLARED));
	if (layer->hashed_at > 0 && !reproducible)
		json_writer_text(writer, "hashed_at", clock_format(layer->hashed_at, time));
	if (coverage_layer_origin(layer, &origin))
		json_writer_text(writer, "origin", origin_name(origin));
	json_writer_bool(writer, "empty", layer->is_empty);
	json_writer_text(writer, "created_by", declared->created_by);
	json_writer_text(writer, "unread",
					 layer->unread == UNREAD_NOT ? NULL : unread_name(layer->unread));
	add_computed(writer, declared, layer);
	layer_flags_write(writer, layer->oddities, layer->is_other_format);
	json_writer_end_object(writer);
}

static void add_stack(struct json_writer *writer, const struct match_stack *stack)
{
	if (stack->layers == 0)
		return;
	const struct internal_image *internal = &stack->internal->image;
	json_writer_begin_object(writer, "built_on");
	json_writer_number(writer, "layers", (int64_t)stack->layers);
	json_writer_bool(writer, "whole", internal->diff_id_count == stack->layers);
	json_writer_text(writer, "origin", origin_name(stack->origin));
	json_writer_text(writer, "name", internal->name);
	json_writer_end_object(writer);
}

static void add_image(struct json_writer *writer, const struct match_image *image,
					  const enum reason *reason, bool reproducible)
{
	json_writer_begin_object(writer, NULL);
	json_writer_text(writer, "platform", image->tree->platform);
	if (reason != NULL)
		json_writer_text(writer, "reason", reason_name(*reason));
	json_writer_digest(writer, "manifest", &image->tree->manifest);
	json_writer_digest(writer, "config", &image->tree->config);
	json_writer_text(writer, "created", image->tree->created);
	add_stack(writer, &image->built_on);
	json_writer_begin_array(writer, "layers");
	for (size_t i = 0; i < image->tree->layer_count; i++)
		add_layer(writer, &image->tree->layers[i], &image->layers[i], reproducible);
	json_writer_end_array(writer);
	json_writer_end_object(writer);
}

void image_parts_add_images(struct json_writer *writer, const struct match_facts *facts,
							const enum reason *reasons, bool reproducible)
{
	json_writer_begin_array(writer, "images");
	for (size_t i = 0; i < facts->image_count; i++)
		if (!facts->images[i].is_ignored)
			add_image(writer, &facts->images[i], reasons == NULL ? NULL : &reasons[i],
					  reproducible);
	json_writer_end_array(writer);
}

size_t image_parts_place(const struct match_facts *facts, size_t image)
{
	size_t place = 0;
	for (size_t i = 0; i < image; i++)
		place += !facts->images[i].is_ignored;
	return place;
}

static bool is_one_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

bool image_parts_is_told_by_platform(const struct match_facts *facts, size_t image)
{
	for (size_t i = 0; i < facts->image_count; i++)
		if (i != image && !facts->images[i].is_ignored &&
			is_one_text(facts->images[i].tree->platform, facts->images[image].tree->platform))
			return false;
	return true;
}

static void add_retry_at(struct json_writer *writer, int64_t moment)
{
	char time[CLOCK_TEXT_SIZE];
	if (moment > 0)
		json_writer_text(writer, "retry_at", clock_format(moment, time));
}

void image_parts_add_errors(struct json_writer *writer, const struct finding_error *errors,
							size_t count, bool reproducible)
{
	json_writer_begin_array(writer, "errors");
	for (size_t i = 0; i < count; i++) {
		json_writer_begin_object(writer, NULL);
		json_writer_text(writer, "code", error_code_name(errors[i].code));
		json_writer_printable(writer, "where", errors[i].where);
		json_writer_printable(writer, "message", errors[i].message);
		if (!reproducible)
			add_retry_at(writer, errors[i].retry_at);
		json_writer_end_object(writer);
	}
	json_writer_end_array(writer);
}
