#include "saved_comparison.h"

#include <string.h>

#include "layerproof/index.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "saved_digest.h"

/* The finding's images, and the one that is shown. */
struct saved_images {
	struct node list;
	size_t place; /* of the one that is shown */
	struct node image;
	struct node layers;
};

static int check_count(const struct node *layers, struct error *err)
{
	size_t count = node_count(layers);
	if (count <= LIMIT_LAYERS)
		return 0;
	node_error(layers, err, "%zu layers, at most %d are read", count, LIMIT_LAYERS);
	err->code = ERROR_OVER_LIMIT;
	return -1;
}

static int open_image(struct saved_images *images, size_t place, struct error *err)
{
	images->place = place;
	images->image = node_element(&images->list, place);
	if (node_expect_object(&images->image, err) != 0 ||
		node_member_array(&images->image, "layers", NODE_OPTIONAL, &images->layers, err) != 0)
		return -1;
	return check_count(&images->layers, err);
}

/* ---- Layers of the candidate ---- */

/* What the bytes are stands above what was declared. */
static int read_names(const struct node *layer, struct alignment_layer *names,
					  struct comparison_layer *out, struct error *err)
{
	struct node computed;
	struct alignment_layer found;
	if (saved_digest_read(layer, "digest", NODE_OPTIONAL, &names->blob, err) != 0 ||
		saved_digest_read(layer, "diff_id", NODE_OPTIONAL, &names->tar, err) != 0 ||
		node_member_object(layer, "computed", NODE_OPTIONAL, &computed, err) != 0)
		return -1;
	out->digest = digest_is_set(&names->blob) ? names->blob : names->tar;
	if (!node_is_set(&computed))
		return 0;
	if (saved_digest_read(&computed, "digest", NODE_OPTIONAL, &found.blob, err) != 0 ||
		saved_digest_read(&computed, "diff_id", NODE_OPTIONAL, &found.tar, err) != 0)
		return -1;
	if (digest_is_set(&found.blob))
		names->blob = found.blob;
	if (digest_is_set(&found.tar))
		names->tar = found.tar;
	return 0;
}

static int read_layer(const struct node *layer, struct alignment_layer *names,
					  struct comparison_layer *out, struct error *err)
{
	const char *level;
	const char *origin;
	if (node_expect_object(layer, err) != 0 || read_names(layer, names, out, err) != 0 ||
		node_member_size(layer, "size", NODE_OPTIONAL, &out->size, err) != 0 ||
		node_member_text(layer, "level", NODE_OPTIONAL, &level, err) != 0 ||
		node_member_text(layer, "origin", NODE_OPTIONAL, &origin, err) != 0 ||
		node_member_bool(layer, "empty", false, &names->is_empty, err) != 0 ||
		node_member_bool(layer, "tampered", false, &out->is_tampered, err) != 0 ||
		node_member_text(layer, "unread", NODE_OPTIONAL, &out->unread, err) != 0)
		return -1;
	out->is_hashed = level != NULL && strcmp(level, "hashed") == 0;
	out->has_origin = origin != NULL && origin_parse(origin, &out->origin) == 0;
	/* A command with a NUL in it is a stranger's too, and no reason to show nothing. */
	struct node created_by = node_find(layer, "created_by");
	out->created_by = node_peek_text(&created_by);
	return 0;
}

static int read_layers(const struct saved_images *images, struct comparison *out, struct error *err)
{
	for (size_t i = 0; i < out->layer_count; i++) {
		struct node layer = node_element(&images->layers, i);
		if (read_layer(&layer, &out->here[i], &out->layers[i], err) != 0)
			return -1;
	}
	return 0;
}

/* ---- Evidence ---- */

static bool is_one_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool names_layer(const struct explained_evidence *evidence)
{
	return evidence->has_layer &&
		   (strcmp(evidence->identity, "layer") == 0 || strcmp(evidence->identity, "diff_id") == 0);
}

static int fits_layer(const struct explained_evidence *evidence, const struct node *layers,
					  bool *out, struct error *err)
{
	struct alignment_layer names;
	struct comparison_layer ignored;
	if (evidence->layer >= node_count(layers))
		return 0;
	struct node layer = node_element(layers, evidence->layer);
	if (read_names(&layer, &names, &ignored, err) != 0)
		return -1;
	bool is_tar = strcmp(evidence->identity, "diff_id") == 0;
	*out = !digest_differs(is_tar ? &names.tar : &names.blob, &evidence->digest);
	return 0;
}

static int fits_document(const struct explained_evidence *evidence, const struct node *image,
						 bool *out, struct error *err)
{
	struct digest digest;
	if (strcmp(evidence->identity, "manifest") != 0 && strcmp(evidence->identity, "config") != 0)
		return 0;
	if (saved_digest_read(image, evidence->identity, NODE_OPTIONAL, &digest, err) != 0)
		return -1;
	*out = !digest_differs(&digest, &evidence->digest);
	return 0;
}

/* Whether the evidence is about the image at hand. Older findings name the platform alone, which
 * two images may have: then the digests tell them apart as far as they can. */
static int fits(const struct explained_evidence *evidence, const struct saved_images *images,
				bool *out, struct error *err)
{
	const char *platform;
	*out = false;
	if (node_member_text(&images->image, "platform", NODE_OPTIONAL, &platform, err) != 0)
		return -1;
	if (!is_one_text(evidence->platform, platform) ||
		(evidence->has_image && evidence->image != images->place))
		return 0;
	return names_layer(evidence) ? fits_layer(evidence, &images->layers, out, err)
								 : fits_document(evidence, &images->image, out, err);
}

static void take_piece(const struct explained_evidence *evidence, struct comparison *out)
{
	struct alignment_layer *names = &out->here[evidence->layer];
	struct comparison_layer *layer = &out->layers[evidence->layer];
	bool is_ours = strcmp(evidence->origin, "ours") == 0 && evidence->basis != NULL &&
				   strcmp(evidence->basis, "common_base") != 0;
	/* The index may know the layer by another algorithm than that by which it was declared. */
	if (strcmp(evidence->identity, "diff_id") == 0)
		names->tar = evidence->digest;
	else
		names->blob = evidence->digest;
	layer->is_ours = layer->is_ours || is_ours;
	if (layer->holder == NULL)
		layer->holder = evidence->internal;
}

static bool is_of_others(const struct explained_evidence *evidence)
{
	return strcmp(evidence->origin, "public") == 0 || strcmp(evidence->origin, "third_party") == 0;
}

static int take_evidence(const struct saved_images *images, struct explanation *out,
						 struct error *err)
{
	struct comparison *comparison = &out->comparison;
	for (size_t i = 0; i < out->evidence_count; i++) {
		const struct explained_evidence *evidence = &out->evidence[i];
		bool is_fit;
		if (fits(evidence, images, &is_fit, err) != 0)
			return -1;
		if (!is_fit)
			continue;
		if (names_layer(evidence))
			take_piece(evidence, comparison);
		if (!comparison->has_nearest && evidence->internal != NULL && !is_of_others(evidence))
			comparison->is_without_nearest = true;
	}
	return 0;
}

/* ---- The internal image ---- */

/* A word that this version does not know stands for itself. */
static const char *reason_text(const char *word)
{
	for (int i = BOUNDARY_NONE; i <= BOUNDARY_SINGLE_LAYER; i++)
		if (strcmp(word, boundary_reason_name((enum boundary_reason)i)) == 0)
			return boundary_reason_text((enum boundary_reason)i);
	return word;
}

static int read_boundary(const struct node *nearest, struct comparison *out, struct error *err)
{
	struct node boundary;
	int64_t layers = 0;
	const char *reason;
	if (node_member_object(nearest, "boundary", NODE_REQUIRED, &boundary, err) != 0 ||
		node_member_size(&boundary, "layers", NODE_REQUIRED, &layers, err) != 0 ||
		node_member_text(&boundary, "reason", NODE_REQUIRED, &reason, err) != 0)
		return -1;
	out->boundary = (size_t)layers;
	out->boundary_reason = reason_text(reason);
	return 0;
}

static int read_there(const struct node *nearest, struct comparison *out, struct error *err)
{
	struct node list;
	int64_t left_out = 0;
	if (node_member_array(nearest, "layers", NODE_OPTIONAL, &list, err) != 0 ||
		check_count(&list, err) != 0 ||
		node_member_size(nearest, "left_out", NODE_OPTIONAL, &left_out, err) != 0)
		return -1;
	out->left_out = (size_t)left_out;
	out->there_count = node_count(&list);
	out->there = memory_alloc(out->there_count, sizeof(*out->there));
	for (size_t i = 0; i < out->there_count; i++) {
		struct node layer = node_element(&list, i);
		if (node_expect_object(&layer, err) != 0 ||
			saved_digest_read(&layer, "digest", NODE_OPTIONAL, &out->there[i].blob, err) != 0 ||
			saved_digest_read(&layer, "diff_id", NODE_OPTIONAL, &out->there[i].tar, err) != 0)
			return -1;
	}
	return 0;
}

static int read_nearest(const struct node *nearest, struct comparison *out, struct error *err)
{
	struct node origin;
	const char *word;
	if (node_member_text(nearest, "name", NODE_OPTIONAL, &out->name, err) != 0 ||
		node_member_text(nearest, "source", NODE_OPTIONAL, &out->source, err) != 0 ||
		node_member_size(nearest, "row", NODE_OPTIONAL, &out->row, err) != 0 ||
		node_member_text(nearest, "platform", NODE_OPTIONAL, &out->there_platform, err) != 0 ||
		node_member(nearest, "origin", NODE_REQUIRED, &origin, err) != 0 ||
		node_text(&origin, &word, err) != 0 || read_boundary(nearest, out, err) != 0)
		return -1;
	if (origin_parse(word, &out->origin) != 0)
		return node_error(&origin, err, "not an origin: \"%s\"", word);
	if (out->name == NULL)
		out->name = "";
	out->has_nearest = true;
	return read_there(nearest, out, err);
}

/* ---- All of it ---- */

/* Takes the layers of the image at hand. */
static int take_image(const struct saved_images *images, struct explanation *out, struct error *err)
{
	struct comparison *comparison = &out->comparison;
	comparison_begin(comparison, node_count(&images->layers));
	out->has_comparison = true;
	if (node_member_text(&images->image, "platform", NODE_OPTIONAL, &comparison->platform, err) !=
		0)
		return -1;
	return read_layers(images, comparison, err);
}

/* The image that one piece of evidence is about: 1 when it was found, and has layers. */
static int find_image(struct saved_images *images, const struct explained_evidence *evidence,
					  struct error *err)
{
	size_t count = node_count(&images->list);
	for (size_t place = 0; place < count; place++) {
		bool is_fit;
		if (open_image(images, place, err) != 0 || fits(evidence, images, &is_fit, err) != 0)
			return -1;
		if (is_fit && node_count(&images->layers) > 0)
			return 1;
	}
	return 0;
}

/* The image that the strongest evidence is about, as nearest.h has it. The search is bounded:
 * nobody's finding has as much evidence that leads nowhere. */
static int find_by_evidence(struct saved_images *images, const struct explanation *explanation,
							struct error *err)
{
	size_t count = explanation->evidence_count < LIMIT_LAYERS ? explanation->evidence_count
															  : LIMIT_LAYERS;
	for (size_t i = 0; i < count; i++) {
		int found = find_image(images, &explanation->evidence[i], err);
		if (found != 0)
			return found;
	}
	return 0;
}

static int find_by_nearest(struct saved_images *images, const struct node *nearest,
						   struct error *err)
{
	int64_t place = 0;
	if (node_member_size(nearest, "image", NODE_REQUIRED, &place, err) != 0)
		return -1;
	if ((uint64_t)place >= node_count(&images->list))
		return node_error(nearest, err, "there is no image %lld", (long long)place);
	if (open_image(images, (size_t)place, err) != 0)
		return -1;
	return node_count(&images->layers) > 0 ? 1
										   : node_error(nearest, err, "its image has no layers");
}

static int open_images(const struct node *root, struct saved_images *out, struct error *err)
{
	if (node_member_array(root, "images", NODE_OPTIONAL, &out->list, err) != 0)
		return -1;
	size_t count = node_count(&out->list);
	if (count <= LIMIT_INDEX_CHILDREN)
		return 0;
	node_error(&out->list, err, "%zu images, at most %d are read", count, LIMIT_INDEX_CHILDREN);
	err->code = ERROR_OVER_LIMIT;
	return -1;
}

int saved_comparison_read(const struct node *root, struct explanation *out, struct error *err)
{
	struct saved_images images;
	struct node nearest;
	if (open_images(root, &images, err) != 0 ||
		node_member_object(root, "nearest", NODE_OPTIONAL, &nearest, err) != 0)
		return -1;
	int found = node_is_set(&nearest) ? find_by_nearest(&images, &nearest, err)
									  : find_by_evidence(&images, out, err);
	if (found < 1)
		return found;
	if (take_image(&images, out, err) != 0 ||
		(node_is_set(&nearest) && read_nearest(&nearest, &out->comparison, err) != 0))
		return -1;
	return take_evidence(&images, out, err);
}
