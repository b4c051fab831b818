/*
 * facts_maker: small worlds for tests of what a verdict says. One letter is one layer: its blob and
 * its tar have digests of their own, and "abc" stands on "ab". A dot is a well-known empty layer.
 * Nothing is read or written. Included behind cmocka.h.
 */
#ifndef LAYERPROOF_TESTS_FACTS_MAKER_H
#define LAYERPROOF_TESTS_FACTS_MAKER_H

#include <stdio.h>
#include <string.h>

#include "layerproof/buffer.h"
#include "layerproof/match.h"

enum {
	MAKER_INTERNALS = 8,
	MAKER_IMAGES = 4,
	MAKER_LAYERS = 8,
	MAKER_INDEXES = 2,
	MAKER_SIZE = 100
};

static inline struct digest digest_of_text(const char *text)
{
	struct digest digest;
	digest_of(DIGEST_SHA256, text, strlen(text), &digest);
	return digest;
}

static inline struct digest blob_of(char letter)
{
	static const char empty[] =
		"sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4";
	struct error err = ERROR_INIT;
	struct digest digest;
	if (letter != '.')
		return digest_of_text((const char[]){'b', 'l', 'o', 'b', letter, '\0'});
	assert_int_equal(digest_parse(empty, &digest, &err), 0);
	return digest;
}

static inline struct digest tar_of(char letter)
{
	static const char empty[] =
		"sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef";
	struct error err = ERROR_INIT;
	struct digest digest;
	if (letter != '.')
		return digest_of_text((const char[]){'t', 'a', 'r', letter, '\0'});
	assert_int_equal(digest_parse(empty, &digest, &err), 0);
	return digest;
}

/* ---- What is in the index ---- */

struct world {
	struct match_internal internals[MAKER_INTERNALS];
	struct digest digests[MAKER_INTERNALS][2][MAKER_LAYERS];
	struct identified_digest tops[MAKER_INTERNALS][3];
	size_t count;
};

/* Which of its lists the index has of an internal image. */
enum known_lists { LAYERS_AND_DIFF_IDS, LAYERS_ONLY, DIFF_IDS_ONLY, DIFF_IDS_AS_LAYERS };

static inline struct match_internal *add_listed(struct world *world, const char *name,
												enum origin origin, const char *letters,
												enum known_lists lists)
{
	assert_true(world->count < MAKER_INTERNALS && strlen(letters) <= MAKER_LAYERS);
	size_t number = world->count++;
	struct match_internal *internal = &world->internals[number];
	size_t count = strlen(letters);
	*internal = (struct match_internal){.number = (uint32_t)number};
	internal->image = (struct internal_image){
		.name = (char *)(uintptr_t)name,
		.source = (char *)(uintptr_t) "cspm.csv",
		.row = number + 1,
		.origin = origin,
		.tops = world->tops[number],
		.layers = world->digests[number][0],
		.diff_ids = world->digests[number][1],
		.layer_count = lists == DIFF_IDS_ONLY ? 0 : count,
		.diff_id_count = lists == LAYERS_ONLY || lists == DIFF_IDS_AS_LAYERS ? 0 : count,
	};
	for (size_t i = 0; i < count; i++) {
		bool is_tar = lists == DIFF_IDS_AS_LAYERS;
		world->digests[number][0][i] = is_tar ? tar_of(letters[i]) : blob_of(letters[i]);
		world->digests[number][1][i] = tar_of(letters[i]);
	}
	return internal;
}

/* An internal image with a guessed boundary of one layer, or of none when it has one layer. */
static inline struct match_internal *add(struct world *world, const char *name, enum origin origin,
										 const char *letters)
{
	struct match_internal *internal = add_listed(world, name, origin, letters, LAYERS_AND_DIFF_IDS);
	internal->boundary.layers = strlen(letters) > 1 ? 1 : 0;
	internal->boundary.reason = strlen(letters) > 1 ? BOUNDARY_FIRST_LAYER : BOUNDARY_SINGLE_LAYER;
	return internal;
}

static inline struct match_internal *add_ours(struct world *world, const char *name,
											  const char *letters)
{
	return add(world, name, ORIGIN_OURS, letters);
}

static inline void set_boundary(struct match_internal *internal, size_t layers, bool known)
{
	internal->boundary.layers = layers;
	internal->boundary.known = known;
	internal->boundary.reason = known ? BOUNDARY_BASE_DIGEST : BOUNDARY_KNOWN_PREFIX;
}

/* The image is also known by the digest of a document, which is that of `text`. */
static inline void add_top(struct match_internal *internal, enum identity identity,
						   const char *text)
{
	assert_true(internal->image.top_count < 3);
	internal->image.tops[internal->image.top_count++] = (struct identified_digest){
		identity, digest_of_text(text)};
}

static inline unsigned claims_of(const struct internal_image *image, const struct digest *digest)
{
	unsigned claims = 0;
	for (size_t i = 0; i < image->top_count; i++)
		if (digest_equal(&image->tops[i].digest, digest))
			claims |= image->tops[i].identity;
	for (size_t i = 0; i < image->layer_count; i++)
		if (digest_equal(&image->layers[i], digest))
			claims |= IDENTITY_LAYER;
	for (size_t i = 0; i < image->diff_id_count; i++)
		if (digest_equal(&image->diff_ids[i], digest))
			claims |= IDENTITY_DIFF_ID;
	return claims;
}

/* ---- What the candidate is ---- */

struct candidate_facts {
	struct match_facts facts;
	struct tree tree;
	struct tree_image tree_images[MAKER_IMAGES];
	struct tree_layer tree_layers[MAKER_IMAGES][MAKER_LAYERS];
	struct tree_error tree_errors[1];
	struct match_lookup indexes[MAKER_INDEXES];
	struct match_image images[MAKER_IMAGES];
	struct match_layer layers[MAKER_IMAGES][MAKER_LAYERS];
	const struct match_internal
		*holders[MAKER_INDEXES + MAKER_IMAGES * (2 + 2 * MAKER_LAYERS)][MAKER_INTERNALS];
	size_t holder_lists;
};

static inline void begin_candidate(struct candidate_facts *candidate)
{
	*candidate = (struct candidate_facts){.holder_lists = 0};
	candidate->tree.images = candidate->tree_images;
	candidate->tree.errors = candidate->tree_errors;
	candidate->facts = (struct match_facts){
		.tree = &candidate->tree, .indexes = candidate->indexes, .images = candidate->images};
}

/* A platform image of these layers, each of MAKER_SIZE bytes, known by its JSON alone. Its manifest
 * and its config hash to what they are called; NULL: to nothing that anybody knows. */
static inline struct match_image *add_image(struct candidate_facts *candidate, const char *manifest,
											const char *config, const char *letters)
{
	size_t place = candidate->facts.image_count++;
	assert_true(place < MAKER_IMAGES && strlen(letters) <= MAKER_LAYERS);
	struct tree_image *tree = &candidate->tree_images[place];
	struct match_image *image = &candidate->images[place];
	candidate->tree.image_count = candidate->facts.image_count;
	tree->platform = (char *)(uintptr_t) "linux/amd64";
	tree->layers = candidate->tree_layers[place];
	tree->layer_count = strlen(letters);
	tree->manifest = digest_of_text(manifest == NULL ? "a stranger's manifest" : manifest);
	tree->config = digest_of_text(config == NULL ? "a stranger's config" : config);
	image->tree = tree;
	image->layers = candidate->layers[place];
	image->manifest.digest = tree->manifest;
	image->config.digest = tree->config;
	for (size_t i = 0; i < tree->layer_count; i++) {
		tree->layers[i].descriptor.digest = blob_of(letters[i]);
		tree->layers[i].descriptor.size = MAKER_SIZE;
		tree->layers[i].has_blob_digest = true;
		tree->layers[i].diff_id = tar_of(letters[i]);
		image->layers[i] = (struct match_layer){
			.blob.digest = blob_of(letters[i]),
			.tar.digest = tar_of(letters[i]),
			.blob_level = LEVEL_DECLARED,
			.tar_level = LEVEL_DECLARED,
			.size = MAKER_SIZE,
			.is_empty = letters[i] == '.',
		};
	}
	return image;
}

static inline void add_index(struct candidate_facts *candidate, const char *text)
{
	assert_true(candidate->facts.index_count < MAKER_INDEXES);
	candidate->indexes[candidate->facts.index_count++].digest = digest_of_text(text);
}

static inline void add_tree_error(struct candidate_facts *candidate, enum error_code code)
{
	candidate->tree_errors[0] = (struct tree_error){.error.code = code, .image = -1};
	candidate->tree.error_count = 1;
}

/* The layer's bytes were fetched and are what was declared. */
static inline void hash_layer(struct match_image *image, size_t layer)
{
	image->layers[layer].blob_level = LEVEL_HASHED;
	image->layers[layer].tar_level = LEVEL_HASHED;
}

static inline void hash_all(struct match_image *image)
{
	for (size_t i = 0; i < image->tree->layer_count; i++)
		hash_layer(image, i);
}

/* The layer's bytes were fetched and are those of another letter. */
static inline void serve_instead(struct match_image *image, size_t layer, char letter)
{
	hash_layer(image, layer);
	image->layers[layer].blob.digest = blob_of(letter);
	image->layers[layer].tar.digest = tar_of(letter);
	image->layers[layer].is_tampered = true;
}

/* The blob is a stranger's compression of our tar: only the diff_id can match. */
static inline void recompress(struct match_image *image, size_t layer)
{
	image->layers[layer].blob.digest = digest_of_text(
		(const char[]){'g', 'z', (char)('0' + layer), '\0'});
}

/* The tar is not declared, or the other way round: a docker-archive has no blob digests. */
static inline void forget_tar(struct match_image *image, size_t layer)
{
	image->layers[layer].tar.digest = (struct digest){.algorithm = DIGEST_NONE};
}

static inline void forget_blob(struct match_image *image, size_t layer)
{
	image->layers[layer].blob.digest = (struct digest){.algorithm = DIGEST_NONE};
}

/* ---- What the index says of the candidate ---- */

static inline void look_up(const struct world *world, struct candidate_facts *candidate,
						   struct match_lookup *lookup)
{
	lookup->is_known = false;
	if (!digest_is_set(&lookup->digest))
		return;
	lookup->holders = candidate->holders[candidate->holder_lists++];
	lookup->holder_count = 0;
	lookup->entry = (struct index_entry){.origin = ORIGIN_UNKNOWN};
	for (size_t i = 0; i < world->count; i++) {
		const struct internal_image *image = &world->internals[i].image;
		unsigned claims = claims_of(image, &lookup->digest);
		if (claims == 0)
			continue;
		lookup->is_known = true;
		lookup->entry.identities |= claims;
		lookup->entry.images++;
		if (image->origin > lookup->entry.origin)
			lookup->entry.origin = image->origin;
		lookup->holders[lookup->holder_count++] = &world->internals[i];
	}
}

static inline void look_everything_up(const struct world *world, struct candidate_facts *candidate)
{
	candidate->holder_lists = 0;
	for (size_t i = 0; i < candidate->facts.index_count; i++)
		look_up(world, candidate, &candidate->indexes[i]);
	for (size_t i = 0; i < candidate->facts.image_count; i++) {
		look_up(world, candidate, &candidate->images[i].manifest);
		look_up(world, candidate, &candidate->images[i].config);
		for (size_t j = 0; j < candidate->tree_images[i].layer_count; j++) {
			look_up(world, candidate, &candidate->layers[i][j].blob);
			look_up(world, candidate, &candidate->layers[i][j].tar);
		}
	}
}

static inline struct judgement judge(const struct world *world, struct candidate_facts *candidate)
{
	struct judgement judgement;
	look_everything_up(world, candidate);
	match_judge(&candidate->facts, &judgement);
	return judgement;
}

/* ---- What was answered, as text to compare ---- */

static inline void add_place(struct buffer *out, size_t image, size_t layer, struct error *err)
{
	if (image == SIZE_MAX)
		buffer_add_format(out, err, " -");
	else if (layer == SIZE_MAX)
		buffer_add_format(out, err, " %zu", image);
	else
		buffer_add_format(out, err, " %zu.%zu", image, layer);
}

static inline void add_evidence_text(struct buffer *out, const struct evidence *evidence,
									 struct error *err)
{
	buffer_add_format(out, err, "  %s", identity_name(evidence->identity));
	add_place(out, evidence->image, evidence->layer, err);
	buffer_add_format(out, err, " %s %s %s%s in %s +%u\n", level_name(evidence->level),
					  origin_name(evidence->origin), basis_name(evidence->basis),
					  evidence->is_ours ? " counts" : "",
					  evidence->internal == NULL ? "-" : evidence->internal->image.name,
					  (unsigned)evidence->others);
}

/* The first line is verdict, reason and priority; each piece of evidence has one, with its place
 * (image.layer) and whether it counts; then what would settle the verdict. */
static inline char *describe(const struct judgement *judgement)
{
	struct buffer out = BUFFER_INIT(65536);
	struct error err = ERROR_INIT;
	buffer_add_format(&out, &err, "%s %s %s%s\n", verdict_name(judgement->verdict),
					  reason_name(judgement->reason), priority_name(judgement->priority),
					  judgement->is_anchored ? " anchored" : "");
	for (size_t i = 0; i < judgement->evidence_count; i++)
		add_evidence_text(&out, &judgement->evidence[i], &err);
	if (judgement->next != NEXT_NONE) {
		buffer_add_format(&out, &err, "  next %s", next_action_name(judgement->next));
		add_place(&out, judgement->next_image, judgement->next_layer, &err);
		buffer_add_format(&out, &err, " %lld\n", (long long)judgement->next_bytes);
	}
	assert_int_equal(err.code, ERROR_NONE);
	return buffer_steal(&out);
}

static inline void expect(const struct world *world, struct candidate_facts *candidate,
						  const char *expected)
{
	struct judgement judgement = judge(world, candidate);
	char *actual = describe(&judgement);
	assert_string_equal(actual, expected);
	free(actual);
	judgement_clear(&judgement);
}

#endif
