#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "facts_maker.h"

/* Random small worlds and candidates, judged by the module and by a slow reading of DESIGN section
 * 5 on letters alone. The letters 'a' to 'd' have content, '.' is a well-known empty layer, and 'e'
 * has none either, which is learnt by whoever hashes it. */

enum { ROUNDS = 4000, STACK = 6 };

/* ---- Chance, the same at every run ---- */

static uint64_t chance_state;

static unsigned chance(unsigned count)
{
	chance_state = chance_state * 6364136223846793005U + 1442695040888963407U;
	return (unsigned)(chance_state >> 33) % count;
}

/* ---- What the model is told ---- */

struct model_image {
	char letters[STACK + 1];
	enum origin origin;
	size_t boundary;
	bool is_known;
	bool has_manifest; /* its manifest is called by its place: "0", "1"... */
	bool has_config;
};

struct model_layer {
	char letter; /* the bytes', once they were hashed */
	bool is_hashed;
	bool is_empty;
	bool is_unreadable;
	bool is_tampered;
	bool has_our_blob; /* otherwise recompressed: only the diff_id is known */
	int64_t size;
};

struct model {
	struct model_image internals[3];
	size_t internal_count;
	struct model_layer layers[STACK];
	size_t layer_count;
	int manifest; /* the internal image whose manifest it has; -1 */
	int config;
};

static void make_letters(char *letters)
{
	size_t count = 1 + chance(STACK);
	for (size_t i = 0; i < count; i++)
		letters[i] = "abcdabcd.e"[chance(10)];
	letters[count] = '\0';
}

static void make_internal(struct model_image *image)
{
	static const enum origin origins[] = {ORIGIN_OURS,        ORIGIN_OURS,   ORIGIN_OURS,
										  ORIGIN_OURS,        ORIGIN_OURS,   ORIGIN_PUBLIC,
										  ORIGIN_THIRD_PARTY, ORIGIN_UNKNOWN};
	make_letters(image->letters);
	image->origin = origins[chance(8)];
	image->boundary = chance((unsigned)strlen(image->letters) + 1);
	image->is_known = chance(3) == 0;
	image->has_manifest = chance(2) == 0;
	image->has_config = chance(2) == 0;
}

/* Mostly cut from an internal image, so that something matches; 'x' is in none. */
static void make_candidate_letters(const struct model *model, char *letters)
{
	make_letters(letters);
	if (chance(4) > 0)
		strcpy(letters, model->internals[chance((unsigned)model->internal_count)].letters);
	size_t count = strlen(letters);
	for (unsigned changes = chance(3); changes > 0; changes--)
		letters[chance((unsigned)count)] = "abcdex."[chance(7)];
	if (chance(3) == 0)
		letters[1 + chance((unsigned)count)] = '\0';
}

static void make_layer(char letter, bool is_e_learnt, struct model_layer *layer)
{
	*layer = (struct model_layer){
		.letter = letter,
		.is_hashed = chance(3) == 0,
		.has_our_blob = chance(3) > 0,
		.size = chance(5) == 0 ? -1 : (int64_t)chance(3) * 400,
	};
	layer->is_empty = letter == '.' || (letter == 'e' && is_e_learnt);
	if (letter == 'e')
		layer->is_hashed = is_e_learnt;
	layer->is_tampered = layer->is_hashed && chance(8) == 0;
	layer->is_unreadable = !layer->is_hashed && chance(6) == 0;
}

static void make_model(struct model *model)
{
	char letters[STACK + 1];
	bool is_e_learnt = chance(2) == 0;
	*model = (struct model){.internal_count = 1 + chance(3), .manifest = -1, .config = -1};
	for (size_t i = 0; i < model->internal_count; i++)
		make_internal(&model->internals[i]);
	make_candidate_letters(model, letters);
	model->layer_count = strlen(letters);
	for (size_t i = 0; i < model->layer_count; i++)
		make_layer(letters[i], is_e_learnt, &model->layers[i]);
	if (chance(4) == 0)
		model->manifest = (int)chance((unsigned)model->internal_count);
	if (chance(4) == 0)
		model->config = (int)chance((unsigned)model->internal_count);
}

/* ---- The same as facts ---- */

static const char *const manifests[] = {"manifest 0", "manifest 1", "manifest 2"};
static const char *const configs[] = {"config 0", "config 1", "config 2"};

static void make_world(const struct model *model, struct world *world)
{
	*world = (struct world){.count = 0};
	for (size_t i = 0; i < model->internal_count; i++) {
		const struct model_image *image = &model->internals[i];
		struct match_internal *internal = add(world, manifests[i], image->origin, image->letters);
		set_boundary(internal, image->boundary, image->is_known);
		if (image->has_manifest)
			add_top(internal, IDENTITY_MANIFEST, manifests[i]);
		if (image->has_config)
			add_top(internal, IDENTITY_CONFIG, configs[i]);
	}
}

static void make_candidate(const struct model *model, struct candidate_facts *candidate)
{
	char letters[STACK + 1] = "";
	for (size_t i = 0; i < model->layer_count; i++)
		letters[i] = model->layers[i].letter;
	begin_candidate(candidate);
	struct match_image *image = add_image(
		candidate, model->manifest < 0 ? NULL : manifests[model->manifest],
		model->config < 0 ? NULL : configs[model->config], letters);
	for (size_t i = 0; i < model->layer_count; i++) {
		const struct model_layer *layer = &model->layers[i];
		if (!layer->has_our_blob)
			recompress(image, i);
		if (layer->is_hashed)
			hash_layer(image, i);
		image->layers[i].is_empty = layer->is_empty;
		image->layers[i].is_unreadable = layer->is_unreadable;
		image->layers[i].is_tampered = layer->is_tampered;
		image->layers[i].size = layer->size;
	}
}

/* ---- DESIGN section 5 on letters ---- */

static bool is_empty_letter(const struct model *model, char letter)
{
	for (size_t i = 0; i < model->layer_count; i++)
		if (model->layers[i].letter == letter && model->layers[i].is_empty)
			return true;
	return letter == '.';
}

/* The stack without its empty layers, and the place that each of the rest had. */
static void strip_internal(const struct model *model, const struct model_image *image, char *out,
						   size_t *places)
{
	size_t used = 0;
	for (size_t i = 0; image->letters[i] != '\0'; i++)
		if (!is_empty_letter(model, image->letters[i])) {
			places[used] = i;
			out[used++] = image->letters[i];
		}
	out[used] = '\0';
}

static void strip_candidate(const struct model *model, char *out, size_t *places)
{
	size_t used = 0;
	for (size_t i = 0; i < model->layer_count; i++)
		if (!model->layers[i].is_empty) {
			places[used] = i;
			out[used++] = model->layers[i].letter;
		}
	out[used] = '\0';
}

/* Whether `part` is left of `whole` when some of its letters are taken out: by trying both ways at
 * every letter. */
static bool is_left_of(const char *part, const char *whole)
{
	if (*part == '\0')
		return true;
	if (*whole == '\0')
		return false;
	return (*part == *whole && is_left_of(part + 1, whole + 1)) || is_left_of(part, whole + 1);
}

static bool lies_above(const struct model_image *image, char letter)
{
	return strlen(image->letters) > image->boundary &&
		   strchr(image->letters + image->boundary, letter) != NULL;
}

static bool is_held_whole(const struct model *model, const struct model_image *image)
{
	char candidate[STACK + 1];
	char ours[STACK + 1];
	size_t places[STACK];
	bool has_own = false;
	strip_candidate(model, candidate, places);
	strip_internal(model, image, ours, places);
	for (size_t i = 0; ours[i] != '\0'; i++)
		has_own = has_own || places[i] >= image->boundary;
	return has_own && is_left_of(ours, candidate);
}

/* A layer of the run that is repeated further up is in the run. */
static bool is_in_common_run(const struct model *model, const struct model_image *image,
							 size_t layer)
{
	char candidate[STACK + 1];
	char ours[STACK + 1];
	size_t places[STACK];
	strip_candidate(model, candidate, places);
	strip_internal(model, image, ours, places);
	for (size_t i = 0; candidate[i] != '\0' && candidate[i] == ours[i]; i++)
		if (candidate[i] == model->layers[layer].letter)
			return true;
	return false;
}

/* The topmost layer of the image that has content; '\0' when none has. */
static char top_of(const struct model *model, const struct model_image *image)
{
	char ours[STACK + 1];
	size_t places[STACK];
	strip_internal(model, image, ours, places);
	return ours[0] == '\0' ? '\0' : ours[strlen(ours) - 1];
}

static bool has_top(const struct model *model, const struct model_image *image)
{
	for (size_t i = 0; i < model->layer_count; i++)
		if (model->layers[i].letter == top_of(model, image))
			return true;
	return false;
}

static bool is_ours_by_rules(const struct model *model, size_t layer)
{
	char letter = model->layers[layer].letter;
	for (size_t i = 0; i < model->internal_count; i++) {
		const struct model_image *image = &model->internals[i];
		if (image->origin != ORIGIN_OURS || !lies_above(image, letter))
			continue;
		if (image->is_known || is_held_whole(model, image) ||
			(!is_in_common_run(model, image, layer) && has_top(model, image)))
			return true;
	}
	return false;
}

static bool is_tampered(const struct model *model)
{
	for (size_t i = 0; i < model->layer_count; i++)
		if (model->layers[i].is_tampered)
			return true;
	return false;
}

static bool is_spoken_for(const struct model *model)
{
	bool by_manifest = model->manifest >= 0 && model->internals[model->manifest].has_manifest &&
					   model->internals[model->manifest].origin == ORIGIN_OURS;
	bool by_config = model->config >= 0 && model->internals[model->config].has_config &&
					 model->internals[model->config].origin == ORIGIN_OURS;
	return (by_manifest || by_config) && !is_tampered(model);
}

/* Whether the layer is, or some hashed one is, the topmost of the image. */
static bool is_top_proved(const struct model *model, const struct model_image *image, size_t layer)
{
	char top = top_of(model, image);
	for (size_t i = 0; i < model->layer_count; i++)
		if (model->layers[i].letter == top && (model->layers[i].is_hashed || i == layer))
			return true;
	return false;
}

/* Whether hashing the layer proves it ours: not where only the list of a whole image, or of its
 * top, says so. */
static bool is_settled_by_rules(const struct model *model, size_t layer)
{
	for (size_t i = 0; i < model->internal_count; i++) {
		const struct model_image *image = &model->internals[i];
		if (image->origin != ORIGIN_OURS || !lies_above(image, model->layers[layer].letter))
			continue;
		bool is_listed = is_held_whole(model, image) ||
						 (!is_in_common_run(model, image, layer) && has_top(model, image));
		if (image->is_known ||
			(is_listed && (is_spoken_for(model) || is_top_proved(model, image, layer))))
			return true;
	}
	return false;
}

static bool lies_above_any(const struct model *model, size_t layer)
{
	for (size_t i = 0; i < model->internal_count; i++)
		if (model->internals[i].origin == ORIGIN_OURS &&
			lies_above(&model->internals[i], model->layers[layer].letter))
			return true;
	return false;
}

/* False when no internal image has the layer. */
static bool find_origin(const struct model *model, size_t layer, enum origin *out)
{
	bool is_there = false;
	*out = ORIGIN_UNKNOWN;
	for (size_t i = 0; i < model->internal_count; i++)
		if (strchr(model->internals[i].letters, model->layers[layer].letter) != NULL) {
			is_there = true;
			*out = model->internals[i].origin > *out ? model->internals[i].origin : *out;
		}
	return is_there;
}

static bool is_unread(const struct model *model)
{
	for (size_t i = 0; i < model->layer_count; i++)
		if (model->layers[i].is_unreadable)
			return true;
	return false;
}

static enum reason layer_reason(const struct model *model, size_t layer)
{
	enum origin origin;
	const struct model_layer *held = &model->layers[layer];
	if (held->is_empty || !find_origin(model, layer, &origin))
		return REASON_NO_MATCH;
	if (origin == ORIGIN_PUBLIC)
		return REASON_PUBLIC;
	if (origin == ORIGIN_THIRD_PARTY)
		return REASON_THIRD_PARTY;
	if (origin == ORIGIN_UNKNOWN)
		return REASON_UNKNOWN_OWNER;
	if (!is_ours_by_rules(model, layer))
		return REASON_SHARED_BASE;
	bool is_proof = held->is_hashed && is_settled_by_rules(model, layer);
	if (held->has_our_blob)
		return is_proof ? REASON_LAYER : REASON_LAYER_DECLARED;
	return is_proof ? REASON_DIFF_ID : REASON_DIFF_ID_DECLARED;
}

static enum reason document_reason(const struct model *model, int image, bool is_known,
								   enum reason if_ours)
{
	if (image < 0 || !is_known)
		return REASON_NO_MATCH;
	switch (model->internals[image].origin) {
	case ORIGIN_PUBLIC:
		return REASON_PUBLIC;
	case ORIGIN_THIRD_PARTY:
		return REASON_THIRD_PARTY;
	case ORIGIN_UNKNOWN:
		return REASON_UNKNOWN_OWNER;
	default:
		return is_tampered(model) ? REASON_TAMPERED : if_ours;
	}
}

/* The strongest row of the table that anything reaches. */
static enum reason expected_reason(const struct model *model)
{
	enum reason best = is_tampered(model) ? REASON_TAMPERED : REASON_NO_MATCH;
	if (best == REASON_NO_MATCH && is_unread(model))
		best = REASON_PARTIAL;
	enum reason documents[] = {
		document_reason(model, model->manifest,
						model->manifest >= 0 && model->internals[model->manifest].has_manifest,
						REASON_MANIFEST),
		document_reason(model, model->config,
						model->config >= 0 && model->internals[model->config].has_config,
						REASON_CONFIG),
	};
	for (size_t i = 0; i < 2; i++)
		best = documents[i] > best ? documents[i] : best;
	for (size_t i = 0; i < model->layer_count; i++)
		best = layer_reason(model, i) > best ? layer_reason(model, i) : best;
	return best;
}

static bool is_document(enum reason reason)
{
	return reason == REASON_MANIFEST || reason == REASON_CONFIG || reason == REASON_INDEX;
}

static enum verdict expected_verdict(enum reason reason)
{
	bool is_proof = reason == REASON_LAYER || reason == REASON_DIFF_ID || is_document(reason);
	return is_proof ? VERDICT_TRUE_POSITIVE : VERDICT_NEEDS_REVIEW;
}

static enum priority expected_priority(const struct model *model, enum reason reason)
{
	enum origin origin;
	switch (reason) {
	case REASON_NO_MATCH:
	case REASON_PUBLIC:
	case REASON_THIRD_PARTY:
		return PRIORITY_LOW;
	case REASON_PARTIAL:
	case REASON_UNKNOWN_OWNER:
		return PRIORITY_MEDIUM;
	case REASON_SHARED_BASE:
		for (size_t i = 0; i < model->layer_count; i++)
			if (!model->layers[i].is_empty && find_origin(model, i, &origin) &&
				origin == ORIGIN_OURS && lies_above_any(model, i))
				return PRIORITY_MEDIUM;
		return PRIORITY_LOW;
	default:
		return PRIORITY_HIGH;
	}
}

static bool expected_anchored(const struct model *model, enum reason reason)
{
	for (size_t i = 0; i < model->layer_count; i++)
		if (model->layers[i].is_hashed && !model->layers[i].is_empty)
			return false;
	return is_document(reason);
}

/* Whether the layer may be fetched for this verdict; `any`: where no own layer can be. */
static bool is_wanted(const struct model *model, size_t layer, bool any)
{
	const struct model_layer *held = &model->layers[layer];
	enum reason reason = layer_reason(model, layer);
	bool is_own = (reason == REASON_LAYER_DECLARED || reason == REASON_DIFF_ID_DECLARED) &&
				  is_settled_by_rules(model, layer);
	return !held->is_empty && !held->is_hashed && !held->is_unreadable && (any || is_own);
}

/* Whether layer `a` is to be fetched rather than `b`, which is lower. */
static bool is_better(const struct model *model, int a, int b, bool any)
{
	uint64_t size_a = (uint64_t)model->layers[a].size; /* -1 is the largest */
	uint64_t size_b = (uint64_t)model->layers[b].size;
	if (size_a != size_b)
		return size_a < size_b;
	return !any && layer_reason(model, (size_t)a) > layer_reason(model, (size_t)b);
}

/* The place of the layer to fetch, or -1. */
static int smallest(const struct model *model, bool any)
{
	int best = -1;
	for (int i = 0; i < (int)model->layer_count; i++)
		if (is_wanted(model, (size_t)i, any) && (best < 0 || is_better(model, i, best, any)))
			best = i;
	return best;
}

static int expected_fetch(const struct model *model, enum reason reason)
{
	bool is_anchored = expected_anchored(model, reason);
	if (!is_anchored && reason != REASON_LAYER_DECLARED && reason != REASON_DIFF_ID_DECLARED &&
		reason != REASON_TAMPERED)
		return -1;
	int own = smallest(model, false);
	return own < 0 && is_anchored ? smallest(model, true) : own;
}

/* Of the layers that are only shared, the smallest that is small enough to be empty, or -1. */
static int smallest_doubtful(const struct model *model)
{
	int best = -1;
	for (int i = 0; i < (int)model->layer_count; i++) {
		const struct model_layer *layer = &model->layers[i];
		bool is_doubtful = layer_reason(model, (size_t)i) == REASON_SHARED_BASE &&
						   lies_above_any(model, (size_t)i) && !layer->is_hashed &&
						   !layer->is_unreadable && layer->size >= 0 && layer->size <= 512;
		if (is_doubtful && (best < 0 || is_better(model, i, best, true)))
			best = i;
	}
	return best;
}

/* The topmost layer of ours that is only shared. */
static int expected_base(const struct model *model)
{
	for (int i = (int)model->layer_count - 1; i >= 0; i--)
		if (layer_reason(model, (size_t)i) == REASON_SHARED_BASE)
			return i;
	return -1;
}

/* ---- Both ---- */

static void compare(const struct model *model, const struct judgement *judgement, unsigned round)
{
	enum reason reason = expected_reason(model);
	int fetch = reason == REASON_SHARED_BASE ? smallest_doubtful(model)
											 : expected_fetch(model, reason);
	if (judgement->reason != reason)
		fail_msg("round %u: %s, expected %s", round, reason_name(judgement->reason),
				 reason_name(reason));
	assert_int_equal(judgement->verdict, expected_verdict(reason));
	assert_int_equal(judgement->priority, expected_priority(model, reason));
	assert_int_equal(judgement->is_anchored, expected_anchored(model, reason));
	if (reason == REASON_SHARED_BASE && fetch < 0) {
		assert_int_equal(judgement->next, NEXT_ADD_BASE);
		assert_int_equal(judgement->next_layer, expected_base(model));
	} else if (fetch < 0) {
		assert_int_equal(judgement->next, NEXT_NONE);
	} else {
		assert_int_equal(judgement->next, NEXT_HASH_LAYER);
		assert_int_equal(judgement->next_layer, fetch);
		assert_int_equal(judgement->next_bytes, model->layers[fetch].size);
	}
}

/* Each layer's evidence says what the rules say of it alone. */
static void compare_layers(const struct model *model, const struct judgement *judgement)
{
	bool has_evidence[STACK] = {false};
	for (size_t i = 0; i < judgement->evidence_count; i++) {
		const struct evidence *evidence = &judgement->evidence[i];
		if (evidence->layer == SIZE_MAX)
			continue;
		enum origin origin = ORIGIN_UNKNOWN;
		has_evidence[evidence->layer] = true;
		assert_true(find_origin(model, evidence->layer, &origin));
		assert_int_equal(evidence->origin, origin);
		assert_int_equal(evidence->is_ours,
						 origin == ORIGIN_OURS && is_ours_by_rules(model, evidence->layer));
	}
	for (size_t i = 0; i < model->layer_count; i++)
		assert_int_equal(has_evidence[i], layer_reason(model, i) != REASON_NO_MATCH);
}

static void test_the_module_and_the_model_agree(void **state)
{
	unsigned seen[REASON_COUNT] = {0};
	(void)state;
	chance_state = 20240229;
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct model model;
		struct world world;
		struct candidate_facts candidate;
		make_model(&model);
		make_world(&model, &world);
		make_candidate(&model, &candidate);
		struct judgement judgement = judge(&world, &candidate);
		compare(&model, &judgement, round);
		compare_layers(&model, &judgement);
		seen[judgement.reason]++;
		judgement_clear(&judgement);
	}
	for (enum reason reason = 0; reason <= REASON_LAYER; reason++)
		if (reason != REASON_INDEX && reason != REASON_NAMES_ONLY && reason != REASON_FILES &&
			seen[reason] < 10) /* of which the model knows nothing */
			fail_msg("%s was met %u times: the worlds are not varied enough", reason_name(reason),
					 seen[reason]);
}

/* Equal facts give equal answers, in whatever order their internal images are numbered. */
static void test_the_order_of_internal_images_is_no_matter(void **state)
{
	(void)state;
	chance_state = 7;
	for (unsigned round = 0; round < ROUNDS / 4; round++) {
		struct model model;
		struct world world;
		struct candidate_facts candidate;
		make_model(&model);
		struct model turned = model;
		for (size_t i = 0; i < model.internal_count; i++)
			turned.internals[i] = model.internals[model.internal_count - 1 - i];
		if (model.manifest >= 0)
			turned.manifest = (int)model.internal_count - 1 - model.manifest;
		if (model.config >= 0)
			turned.config = (int)model.internal_count - 1 - model.config;
		make_world(&turned, &world);
		make_candidate(&turned, &candidate);
		struct judgement judgement = judge(&world, &candidate);
		compare(&model, &judgement, round);
		judgement_clear(&judgement);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_module_and_the_model_agree),
		cmocka_unit_test(test_the_order_of_internal_images_is_no_matter),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
