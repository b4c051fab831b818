#include "internal_parts.h"

#include "image_parts.h"
#include "internal_layers.h"
#include "layerproof/nearest.h"

static const struct digest *main_digest(const struct internal_image *image)
{
	if (image->top_count > 0)
		return &image->tops[0].digest;
	if (image->diff_id_count > 0)
		return &image->diff_ids[image->diff_id_count - 1];
	return image->layer_count > 0 ? &image->layers[image->layer_count - 1] : NULL;
}

/* Its name, and where to find it in its list. */
static void add_names(struct json_writer *writer, const struct internal_image *image)
{
	json_writer_text(writer, "name", image->name);
	json_writer_digest(writer, "digest", main_digest(image));
	json_writer_text(writer, "source", image->source);
	if (image->row > 0)
		json_writer_number(writer, "row", (int64_t)image->row);
}

void internal_parts_add(struct json_writer *writer, const struct internal_image *image)
{
	json_writer_begin_object(writer, "internal");
	add_names(writer, image);
	json_writer_end_object(writer);
}

static void add_boundary(struct json_writer *writer, const struct boundary *boundary)
{
	json_writer_begin_object(writer, "boundary");
	json_writer_number(writer, "layers", (int64_t)boundary->layers);
	json_writer_bool(writer, "known", boundary->known);
	json_writer_text(writer, "reason", boundary_reason_name(boundary->reason));
	json_writer_end_object(writer);
}

static void add_layers(struct json_writer *writer, const struct internal_image *image)
{
	size_t all = internal_layers_count(image);
	size_t count = internal_layers_bounded(image);
	json_writer_begin_array(writer, "layers");
	for (size_t i = 0; i < count; i++) {
		struct alignment_layer layer = internal_layers_get(image, i);
		json_writer_begin_object(writer, NULL);
		json_writer_digest(writer, "digest", &layer.blob);
		json_writer_digest(writer, "diff_id", &layer.tar);
		json_writer_end_object(writer);
	}
	json_writer_end_array(writer);
	if (count < all)
		json_writer_number(writer, "left_out", (int64_t)(all - count));
}

void internal_parts_add_nearest(struct json_writer *writer, const struct match_facts *facts,
								const struct judgement *judgement)
{
	struct nearest nearest;
	if (!nearest_find(facts, judgement, &nearest) || nearest.internal == NULL)
		return;
	const struct internal_image *image = &nearest.internal->image;
	json_writer_begin_object(writer, "nearest");
	add_names(writer, image);
	json_writer_text(writer, "platform", image->platform);
	json_writer_text(writer, "origin", origin_name(image->origin));
	json_writer_number(writer, "image", (int64_t)image_parts_place(facts, nearest.image));
	add_boundary(writer, &nearest.internal->boundary);
	add_layers(writer, image);
	json_writer_end_object(writer);
}
