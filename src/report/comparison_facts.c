#include "comparison_facts.h"

#include "coverage.h"
#include "internal_layers.h"
#include "layerproof/memory.h"
#include "layerproof/nearest.h"

static void take_layer(const struct tree_layer *declared, const struct match_layer *layer,
					   struct alignment_layer *names, struct comparison_layer *out)
{
	bool has_blob = declared->has_blob_digest && digest_is_set(&declared->descriptor.digest);
	*names = (struct alignment_layer){layer->blob.digest, layer->tar.digest, layer->is_empty};
	*out = (struct comparison_layer){
		.digest = has_blob ? declared->descriptor.digest : declared->diff_id,
		.size = declared->descriptor.size,
		.is_hashed = coverage_layer_is_hashed(layer),
		.is_tampered = layer->is_tampered,
		.created_by = declared->created_by,
		.unread = layer->unread == UNREAD_NOT ? NULL : unread_name(layer->unread),
	};
	out->has_origin = coverage_layer_origin(layer, &out->origin);
}

/* The strongest comes first: its internal image is named. */
static void take_evidence(const struct judgement *judgement, size_t image,
						  struct comparison *comparison)
{
	for (size_t i = 0; i < judgement->evidence_count; i++) {
		const struct evidence *evidence = &judgement->evidence[i];
		bool is_layer = evidence->identity == IDENTITY_LAYER ||
						evidence->identity == IDENTITY_DIFF_ID;
		if (evidence->image != image || !is_layer)
			continue;
		struct comparison_layer *layer = &comparison->layers[evidence->layer];
		layer->is_ours = layer->is_ours || evidence->is_ours;
		if (layer->holder == NULL && evidence->internal != NULL)
			layer->holder = evidence->internal->image.name;
	}
}

static void take_nearest(const struct match_internal *internal, struct comparison *out)
{
	const struct internal_image *image = &internal->image;
	out->has_nearest = true;
	out->name = image->name == NULL ? "" : image->name;
	out->source = image->source;
	out->row = (int64_t)image->row;
	out->there_platform = image->platform;
	out->origin = image->origin;
	out->boundary = internal->boundary.layers;
	out->boundary_reason = boundary_reason_text(internal->boundary.reason);
	out->there_count = internal_layers_bounded(image);
	out->left_out = internal_layers_count(image) - out->there_count;
	out->there = memory_alloc(out->there_count, sizeof(*out->there));
	for (size_t i = 0; i < out->there_count; i++)
		out->there[i] = internal_layers_get(image, i);
}

bool comparison_of_facts(const struct match_facts *facts, const struct judgement *judgement,
						 struct comparison *out)
{
	struct nearest nearest;
	if (!nearest_find(facts, judgement, &nearest))
		return false;
	const struct match_image *image = &facts->images[nearest.image];
	comparison_begin(out, image->tree->layer_count);
	out->platform = image->tree->platform;
	for (size_t i = 0; i < image->tree->layer_count; i++)
		take_layer(&image->tree->layers[i], &image->layers[i], &out->here[i], &out->layers[i]);
	take_evidence(judgement, nearest.image, out);
	if (nearest.internal != NULL)
		take_nearest(nearest.internal, out);
	return true;
}
