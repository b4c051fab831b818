#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "facts_maker.h"

/* What each piece of evidence says by itself, and what of several is the reason. Whether a layer is
 * ours is in test_rules.c, what would settle a verdict in test_plan.c. */

/* ---- Names ---- */

static void test_every_reason_has_its_name(void **state)
{
	static const char *const names[REASON_COUNT] = {
		[REASON_NO_MATCH] = "no_match",
		[REASON_PARTIAL] = "partial",
		[REASON_PUBLIC] = "public",
		[REASON_THIRD_PARTY] = "third_party",
		[REASON_NAMES_ONLY] = "names_only",
		[REASON_UNKNOWN_OWNER] = "unknown_owner",
		[REASON_SHARED_BASE] = "shared_base",
		[REASON_DIFF_ID_DECLARED] = "diff_id_declared",
		[REASON_LAYER_DECLARED] = "layer_declared",
		[REASON_TAMPERED] = "tampered",
		[REASON_INDEX] = "index",
		[REASON_CONFIG] = "config",
		[REASON_MANIFEST] = "manifest",
		[REASON_FILES] = "files",
		[REASON_DIFF_ID] = "diff_id",
		[REASON_LAYER] = "layer",
		[REASON_NOT_FOUND] = "not_found",
		[REASON_DENIED] = "denied",
		[REASON_RATE_LIMITED] = "rate_limited",
		[REASON_UNREACHABLE] = "unreachable",
		[REASON_MALFORMED] = "malformed",
		[REASON_BAD_REFERENCE] = "bad_reference",
		[REASON_OVER_LIMIT] = "over_limit",
	};
	(void)state;
	for (int reason = 0; reason < REASON_COUNT; reason++)
		assert_string_equal(reason_name((enum reason)reason), names[reason]);
}

static void test_other_names(void **state)
{
	(void)state;
	assert_string_equal(verdict_name(VERDICT_TRUE_POSITIVE), "true_positive");
	assert_string_equal(verdict_name(VERDICT_NEEDS_REVIEW), "needs_review");
	assert_string_equal(priority_name(PRIORITY_LOW), "low");
	assert_string_equal(priority_name(PRIORITY_MEDIUM), "medium");
	assert_string_equal(priority_name(PRIORITY_HIGH), "high");
	assert_string_equal(basis_name(BASIS_NONE), "none");
	assert_string_equal(basis_name(BASIS_KNOWN_BOUNDARY), "known_boundary");
	assert_string_equal(basis_name(BASIS_WHOLE_IMAGE), "whole_image");
	assert_string_equal(basis_name(BASIS_OUTSIDE_COMMON_BASE), "outside_common_base");
	assert_string_equal(basis_name(BASIS_TOP_LAYER), "top_layer");
	assert_string_equal(basis_name(BASIS_COMMON_BASE), "common_base");
	assert_string_equal(next_action_name(NEXT_NONE), "none");
	assert_string_equal(next_action_name(NEXT_HASH_LAYER), "hash_layer");
	assert_string_equal(next_action_name(NEXT_ADD_BASE), "add_base");
	assert_string_equal(next_action_name(NEXT_ADD_MISSING), "add_missing");
}

/* ---- Candidates that could not be read ---- */

static void test_failures(void **state)
{
	static const struct {
		enum error_code code;
		const char *expected;
	} cases[] = {
		{ERROR_NOT_FOUND, "needs_review not_found low\n"},
		{ERROR_DENIED, "needs_review denied medium\n"},
		{ERROR_RATE_LIMITED, "needs_review rate_limited medium\n"},
		{ERROR_UNREACHABLE, "needs_review unreachable medium\n"},
		{ERROR_MALFORMED, "needs_review malformed medium\n"},
		{ERROR_BAD_REFERENCE, "needs_review bad_reference medium\n"},
		{ERROR_OVER_LIMIT, "needs_review over_limit medium\n"},
		{ERROR_TAMPERED, "needs_review tampered high\n"},
		{ERROR_UNSUPPORTED, "needs_review partial medium\n"},
		{ERROR_USAGE, "needs_review bad_reference medium\n"},
		{ERROR_SYSTEM, "needs_review unreachable medium\n"},
		{ERROR_INTERRUPTED, "needs_review unreachable medium\n"},
		{ERROR_CODE_COUNT, "needs_review unreachable medium\n"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct judgement judgement;
		match_judge_failure(cases[i].code, &judgement);
		char *actual = describe(&judgement);
		assert_string_equal(actual, cases[i].expected);
		assert_null(judgement.evidence);
		assert_int_equal(judgement.next_bytes, -1);
		free(actual);
		judgement_clear(&judgement);
	}
}

/* ---- Nothing, or not all ---- */

static void test_nothing_matches(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_ours(&world, "app", "abc");
	begin_candidate(&candidate);
	add_image(&candidate, NULL, NULL, "xyz");
	expect(&world, &candidate, "needs_review no_match low\n");
}

static void test_a_candidate_without_images(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	begin_candidate(&candidate);
	expect(&world, &candidate, "needs_review no_match low\n");
}

static void test_an_unreadable_layer_makes_it_partial(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_ours(&world, "app", "abc");
	begin_candidate(&candidate);
	add_image(&candidate, NULL, NULL, "xyz")->layers[2].is_unreadable = true;
	expect(&world, &candidate, "needs_review partial medium\n");
}

static void test_an_unread_document_makes_it_partial(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	begin_candidate(&candidate);
	add_image(&candidate, NULL, NULL, "xyz");
	add_tree_error(&candidate, ERROR_UNREACHABLE);
	expect(&world, &candidate, "needs_review partial medium\n");
}

static void test_what_is_unread_in_an_attestation_is_no_matter(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	begin_candidate(&candidate);
	struct match_image *attestation = add_image(&candidate, NULL, NULL, "x");
	attestation->is_ignored = true;
	attestation->layers[0].is_unreadable = true;
	expect(&world, &candidate, "needs_review no_match low\n");
}

static void test_damage_does_not_hide_proof(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	set_boundary(add_ours(&world, "app", "abc"), 1, true);
	begin_candidate(&candidate);
	struct match_image *image = add_image(&candidate, NULL, NULL, "xbz");
	image->layers[0].is_unreadable = true;
	hash_layer(image, 1);
	serve_instead(image, 2, 'y');
	add_tree_error(&candidate, ERROR_TAMPERED);
	expect(&world, &candidate,
		   "true_positive layer high\n"
		   "  layer 0.1 hashed ours known_boundary counts in app +0\n"
		   "  diff_id 0.1 hashed ours known_boundary counts in app +0\n");
}

/* ---- Documents ---- */

static void test_a_manifest_of_ours(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_top(add_ours(&world, "app", ""), IDENTITY_MANIFEST, "m");
	begin_candidate(&candidate);
	add_image(&candidate, "m", NULL, "xyz");
	expect(&world, &candidate,
		   "true_positive manifest high anchored\n"
		   "  manifest 0 hashed ours none counts in app +0\n"
		   "  next hash_layer 0.0 100\n");
}

static void test_a_config_of_ours(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_top(add_ours(&world, "app", ""), IDENTITY_CONFIG, "c");
	begin_candidate(&candidate);
	add_image(&candidate, NULL, "c", "xyz");
	expect(&world, &candidate,
		   "true_positive config high anchored\n"
		   "  config 0 hashed ours none counts in app +0\n"
		   "  next hash_layer 0.0 100\n");
}

static void test_an_index_of_ours(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_top(add_ours(&world, "app", ""), IDENTITY_INDEX, "i");
	begin_candidate(&candidate);
	add_index(&candidate, "i");
	add_image(&candidate, NULL, NULL, "xyz");
	expect(&world, &candidate,
		   "true_positive index high anchored\n"
		   "  index - hashed ours none counts in app +0\n"
		   "  next hash_layer 0.0 100\n");
}

/* An export's "digest" may be any of the three: what it is is decided by what it equals. */
static void test_an_image_digest_may_be_any_document(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_top(add_ours(&world, "app", ""), IDENTITY_IMAGE, "d");
	begin_candidate(&candidate);
	add_image(&candidate, NULL, "d", "");
	expect(&world, &candidate,
		   "true_positive config high anchored\n"
		   "  config 0 hashed ours none counts in app +0\n");
}

static void test_a_layer_digest_is_no_document(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_top(add_ours(&world, "app", ""), IDENTITY_LAYER, "m");
	begin_candidate(&candidate);
	add_image(&candidate, "m", NULL, "x");
	expect(&world, &candidate, "needs_review no_match low\n");
}

static void test_a_document_digest_is_no_layer(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_top(add_ours(&world, "app", ""), IDENTITY_IMAGE, "blobx");
	add_top(&world.internals[0], IDENTITY_CHAIN_ID, "tarx");
	begin_candidate(&candidate);
	add_image(&candidate, NULL, NULL, "x");
	expect(&world, &candidate, "needs_review no_match low\n");
}

/* "{}" is the config of every artifact and of much else. */
static void test_the_empty_config_is_no_evidence(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_top(add_ours(&world, "app", ""), IDENTITY_CONFIG, "{}");
	begin_candidate(&candidate);
	add_image(&candidate, NULL, "{}", "x");
	expect(&world, &candidate, "needs_review no_match low\n");
}

static void test_attestations_and_artifacts_are_never_matched(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_top(add_ours(&world, "app", "abc"), IDENTITY_MANIFEST, "m");
	add_top(&world.internals[0], IDENTITY_CONFIG, "c");
	begin_candidate(&candidate);
	struct match_image *image = add_image(&candidate, "m", "c", "abc");
	hash_all(image);
	image->is_ignored = true;
	expect(&world, &candidate, "needs_review no_match low\n");
}

/* ---- Whose entry it is ---- */

static void test_other_origins(void **state)
{
	static const struct {
		enum origin origin;
		const char *expected;
	} cases[] = {
		{ORIGIN_PUBLIC, "needs_review public low\n"
						"  layer 0.0 hashed public none in other +0\n"
						"  diff_id 0.0 hashed public none in other +0\n"
						"  manifest 0 hashed public none in other +0\n"},
		{ORIGIN_THIRD_PARTY, "needs_review third_party low\n"
							 "  layer 0.0 hashed third_party none in other +0\n"
							 "  diff_id 0.0 hashed third_party none in other +0\n"
							 "  manifest 0 hashed third_party none in other +0\n"},
		{ORIGIN_UNKNOWN, "needs_review unknown_owner medium\n"
						 "  layer 0.0 hashed unknown none in other +0\n"
						 "  diff_id 0.0 hashed unknown none in other +0\n"
						 "  manifest 0 hashed unknown none in other +0\n"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world world = {.count = 0};
		struct candidate_facts candidate;
		add_top(add(&world, "other", cases[i].origin, "a"), IDENTITY_MANIFEST, "m");
		begin_candidate(&candidate);
		hash_all(add_image(&candidate, "m", NULL, "a"));
		expect(&world, &candidate, cases[i].expected);
	}
}

/* One image of somebody else's that holds it is enough: it is no longer ours alone. */
static void test_disclaimers_beat_ours(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	set_boundary(add_ours(&world, "app", "ab"), 0, true);
	add(&world, "mirror", ORIGIN_THIRD_PARTY, "xa");
	add(&world, "debian", ORIGIN_PUBLIC, "yb");
	begin_candidate(&candidate);
	hash_all(add_image(&candidate, NULL, NULL, "ab"));
	expect(&world, &candidate,
		   "needs_review third_party low\n"
		   "  layer 0.0 hashed third_party none in app +1\n"
		   "  diff_id 0.0 hashed third_party none in app +1\n"
		   "  layer 0.1 hashed public none in app +1\n"
		   "  diff_id 0.1 hashed public none in app +1\n");
}

/* An image nobody can place takes nothing away from one that is ours. */
static void test_ours_beats_unknown(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add(&world, "somewhere", ORIGIN_UNKNOWN, "ab");
	set_boundary(add_ours(&world, "app", "ab"), 1, true);
	begin_candidate(&candidate);
	hash_layer(add_image(&candidate, NULL, NULL, "xb"), 1);
	expect(&world, &candidate,
		   "true_positive layer high\n"
		   "  layer 0.1 hashed ours known_boundary counts in app +1\n"
		   "  diff_id 0.1 hashed ours known_boundary counts in app +1\n");
}

/* ---- Declared or hashed ---- */

static void test_hashed_layer_and_declared_diff_id(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	set_boundary(add_ours(&world, "app", "ab"), 1, true);
	begin_candidate(&candidate);
	add_image(&candidate, NULL, NULL, "xb")->layers[1].blob_level = LEVEL_HASHED;
	expect(&world, &candidate,
		   "true_positive layer high\n"
		   "  layer 0.1 hashed ours known_boundary counts in app +0\n"
		   "  diff_id 0.1 declared ours known_boundary counts in app +0\n");
}

static void test_declared_alone_is_for_review(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	set_boundary(add_ours(&world, "app", "ab"), 1, true);
	begin_candidate(&candidate);
	add_image(&candidate, NULL, NULL, "xb");
	expect(&world, &candidate,
		   "needs_review layer_declared high\n"
		   "  layer 0.1 declared ours known_boundary counts in app +0\n"
		   "  diff_id 0.1 declared ours known_boundary counts in app +0\n"
		   "  next hash_layer 0.1 100\n");
}

static void test_a_recompressed_layer_has_our_diff_id(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	set_boundary(add_ours(&world, "app", "ab"), 1, true);
	begin_candidate(&candidate);
	struct match_image *image = add_image(&candidate, NULL, NULL, "xb");
	recompress(image, 1);
	expect(&world, &candidate,
		   "needs_review diff_id_declared high\n"
		   "  diff_id 0.1 declared ours known_boundary counts in app +0\n"
		   "  next hash_layer 0.1 100\n");
	hash_layer(image, 1);
	expect(&world, &candidate,
		   "true_positive diff_id high\n"
		   "  diff_id 0.1 hashed ours known_boundary counts in app +0\n");
}

/* Nothing else that is declared makes up for bytes: many leads are no proof. */
static void test_leads_never_add_up(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	set_boundary(add_ours(&world, "app", "abc"), 0, true);
	set_boundary(add_ours(&world, "tool", "abcd"), 0, true);
	begin_candidate(&candidate);
	add_image(&candidate, NULL, NULL, "abcd");
	add_image(&candidate, NULL, NULL, "abcd");
	struct judgement judgement = judge(&world, &candidate);
	assert_int_equal(judgement.evidence_count, 16);
	assert_int_equal(judgement.verdict, VERDICT_NEEDS_REVIEW);
	assert_int_equal(judgement.reason, REASON_LAYER_DECLARED);
	judgement_clear(&judgement);
}

/* ---- Tampering ---- */

static void test_tampered_and_nothing_else(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	begin_candidate(&candidate);
	serve_instead(add_image(&candidate, NULL, NULL, "x"), 0, 'y');
	expect(&world, &candidate, "needs_review tampered high\n");
}

/* Bytes are not needed to see that blob and diff_id are not those of one layer; proof beats it, and
 * so do bytes. */
static void test_a_blob_declared_with_another_diff_id(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	struct digest tar = tar_of('a');
	(void)state;
	add(&world, "base", ORIGIN_PUBLIC, "ab");
	begin_candidate(&candidate);
	struct match_image *image = add_image(&candidate, NULL, NULL, "abx");
	expect(&world, &candidate,
		   "needs_review public low\n"
		   "  layer 0.0 declared public none in base +0\n"
		   "  diff_id 0.0 declared public none in base +0\n"
		   "  layer 0.1 declared public none in base +0\n"
		   "  diff_id 0.1 declared public none in base +0\n");
	assert_null(match_contradicted_diff_id(&image->layers[0]));
	image->layers[0].tar.digest = tar_of('x');
	image->layers[2].tar.digest = tar_of('a');
	expect(&world, &candidate,
		   "needs_review tampered high\n"
		   "  layer 0.0 declared public none in base +0\n"
		   "  layer 0.1 declared public none in base +0\n"
		   "  diff_id 0.1 declared public none in base +0\n"
		   "  diff_id 0.2 declared public none in base +0\n");
	assert_true(digest_equal(match_contradicted_diff_id(&image->layers[0]), &tar));
	assert_null(match_contradicted_diff_id(&image->layers[2])); /* nothing is known of its blob */
	hash_layer(image, 0);
	assert_null(match_contradicted_diff_id(&image->layers[0]));
}

static void test_a_tampered_document(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	begin_candidate(&candidate);
	add_image(&candidate, NULL, NULL, "x");
	add_tree_error(&candidate, ERROR_TAMPERED);
	expect(&world, &candidate, "needs_review tampered high\n");
}

/* Somebody else's content stays in the evidence, but no longer is the reason. */
static void test_tampering_is_said_before_who_owns_the_rest(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add(&world, "debian", ORIGIN_PUBLIC, "a");
	begin_candidate(&candidate);
	serve_instead(add_image(&candidate, NULL, NULL, "ax"), 1, 'y');
	expect(&world, &candidate,
		   "needs_review tampered high\n"
		   "  layer 0.0 declared public none in debian +0\n"
		   "  diff_id 0.0 declared public none in debian +0\n");
}

/* Anybody who holds our JSON can serve it over other layers. */
static void test_a_tampered_layer_withdraws_a_document(void **state)
{
	static const enum identity identities[] = {IDENTITY_INDEX, IDENTITY_MANIFEST, IDENTITY_CONFIG};
	static const char *const expected[] = {
		"needs_review tampered high\n  index - hashed ours none in app +0\n",
		"needs_review tampered high\n  manifest 0 hashed ours none in app +0\n",
		"needs_review tampered high\n  config 0 hashed ours none in app +0\n",
	};
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct world world = {.count = 0};
		struct candidate_facts candidate;
		add_top(add_ours(&world, "app", ""), identities[i], "d");
		begin_candidate(&candidate);
		if (identities[i] == IDENTITY_INDEX)
			add_index(&candidate, "d");
		serve_instead(add_image(&candidate, identities[i] == IDENTITY_MANIFEST ? "d" : NULL,
								identities[i] == IDENTITY_CONFIG ? "d" : NULL, "xy"),
					  0, 'z');
		expect(&world, &candidate, expected[i]);
	}
}

/* The config is stolen and its lowest layer forged, but the topmost one really is ours. */
static void test_a_tampered_layer_does_not_withdraw_a_hashed_one(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	struct match_internal *app = add_ours(&world, "app", "abc");
	add_top(app, IDENTITY_CONFIG, "c");
	set_boundary(app, 1, true);
	begin_candidate(&candidate);
	struct match_image *image = add_image(&candidate, NULL, "c", "xbc");
	serve_instead(image, 0, 'z');
	expect(&world, &candidate,
		   "needs_review tampered high\n"
		   "  config 0 hashed ours none in app +0\n"
		   "  layer 0.1 declared ours known_boundary counts in app +0\n"
		   "  layer 0.2 declared ours known_boundary counts in app +0\n"
		   "  diff_id 0.1 declared ours known_boundary counts in app +0\n"
		   "  diff_id 0.2 declared ours known_boundary counts in app +0\n"
		   "  next hash_layer 0.1 100\n");
	hash_layer(image, 2);
	expect(&world, &candidate,
		   "true_positive layer high\n"
		   "  layer 0.2 hashed ours known_boundary counts in app +0\n"
		   "  diff_id 0.2 hashed ours known_boundary counts in app +0\n"
		   "  config 0 hashed ours none in app +0\n"
		   "  layer 0.1 declared ours known_boundary counts in app +0\n"
		   "  diff_id 0.1 declared ours known_boundary counts in app +0\n");
}

/* Our index is served over a manifest that it does not name. */
static void test_an_index_over_another_manifest(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_top(add_ours(&world, "app", ""), IDENTITY_INDEX, "i");
	begin_candidate(&candidate);
	add_index(&candidate, "i");
	hash_all(add_image(&candidate, NULL, NULL, "x"));
	candidate.tree_images[0].manifest_declared = digest_of_text("m");
	add_tree_error(&candidate, ERROR_TAMPERED);
	expect(&world, &candidate,
		   "needs_review tampered high\n"
		   "  index - hashed ours none in app +0\n");
	/* Another platform is as our index has it. */
	add_image(&candidate, NULL, NULL, "y");
	expect(&world, &candidate,
		   "true_positive index high anchored\n"
		   "  index - hashed ours none counts in app +0\n"
		   "  next hash_layer 1.0 100\n");
	hash_layer(&candidate.images[1], 0);
	expect(&world, &candidate,
		   "true_positive index high\n"
		   "  index - hashed ours none counts in app +0\n");
}

static void test_an_index_over_a_manifest_that_could_not_be_read(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_top(add_ours(&world, "app", ""), IDENTITY_INDEX, "i");
	begin_candidate(&candidate);
	add_index(&candidate, "i");
	add_image(&candidate, NULL, NULL, "");
	candidate.tree_images[0].manifest_declared = digest_of_text("m");
	candidate.tree_images[0].manifest = (struct digest){.algorithm = DIGEST_NONE};
	candidate.images[0].manifest.digest = candidate.tree_images[0].manifest;
	add_tree_error(&candidate, ERROR_UNREACHABLE);
	expect(&world, &candidate,
		   "true_positive index high anchored\n"
		   "  index - hashed ours none counts in app +0\n");
}

static void test_a_tampered_platform_does_not_hide_another(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_top(add_ours(&world, "app", ""), IDENTITY_MANIFEST, "m");
	begin_candidate(&candidate);
	serve_instead(add_image(&candidate, NULL, NULL, "x"), 0, 'y');
	add_image(&candidate, "m", NULL, "z");
	expect(&world, &candidate,
		   "true_positive manifest high anchored\n"
		   "  manifest 1 hashed ours none counts in app +0\n"
		   "  next hash_layer 1.0 100\n");
}

/* What is served in place of the declared may itself be ours. */
static void test_tampered_bytes_may_be_ours(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	set_boundary(add_ours(&world, "app", "ab"), 1, true);
	begin_candidate(&candidate);
	serve_instead(add_image(&candidate, NULL, NULL, "xy"), 1, 'b');
	expect(&world, &candidate,
		   "true_positive layer high\n"
		   "  layer 0.1 hashed ours known_boundary counts in app +0\n"
		   "  diff_id 0.1 hashed ours known_boundary counts in app +0\n");
}

/* ---- Several ---- */

static void test_the_order_of_evidence(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	struct match_internal *app = add_ours(&world, "app", "abc");
	set_boundary(app, 1, true);
	add_top(app, IDENTITY_INDEX, "i");
	add_top(app, IDENTITY_MANIFEST, "m");
	add_top(app, IDENTITY_CONFIG, "c");
	add(&world, "mirror", ORIGIN_THIRD_PARTY, "t");
	add(&world, "debian", ORIGIN_PUBLIC, "p");
	add(&world, "lost", ORIGIN_UNKNOWN, "u");
	begin_candidate(&candidate);
	add_index(&candidate, "i");
	struct match_image *image = add_image(&candidate, "m", "c", "puatbcc");
	recompress(image, 4);
	forget_tar(image, 5);
	hash_layer(image, 6);
	expect(&world, &candidate,
		   "true_positive layer high\n"
		   "  layer 0.6 hashed ours whole_image counts in app +0\n"
		   "  diff_id 0.6 hashed ours whole_image counts in app +0\n"
		   "  index - hashed ours none counts in app +0\n"
		   "  manifest 0 hashed ours none counts in app +0\n"
		   "  config 0 hashed ours none counts in app +0\n"
		   "  layer 0.5 declared ours whole_image counts in app +0\n"
		   "  diff_id 0.4 declared ours whole_image counts in app +0\n"
		   "  layer 0.2 declared ours common_base in app +0\n"
		   "  diff_id 0.2 declared ours common_base in app +0\n"
		   "  layer 0.1 declared unknown none in lost +0\n"
		   "  diff_id 0.1 declared unknown none in lost +0\n"
		   "  layer 0.3 declared third_party none in mirror +0\n"
		   "  diff_id 0.3 declared third_party none in mirror +0\n"
		   "  layer 0.0 declared public none in debian +0\n"
		   "  diff_id 0.0 declared public none in debian +0\n");
}

static void test_the_digests_of_evidence(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	struct digest blob = blob_of('b');
	struct digest tar = tar_of('b');
	(void)state;
	set_boundary(add_ours(&world, "app", "ab"), 1, true);
	begin_candidate(&candidate);
	add_image(&candidate, NULL, NULL, "xb");
	struct judgement judgement = judge(&world, &candidate);
	assert_int_equal(judgement.evidence_count, 2);
	assert_true(digest_equal(&judgement.evidence[0].digest, &blob));
	assert_true(digest_equal(&judgement.evidence[1].digest, &tar));
	assert_true(digest_equal(&judgement.next_digest, &blob));
	judgement_clear(&judgement);
	assert_null(judgement.evidence);
}

static void test_two_platforms_with_one_ours(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_top(add_ours(&world, "app", ""), IDENTITY_MANIFEST, "arm");
	begin_candidate(&candidate);
	add_index(&candidate, "a stranger's index");
	hash_all(add_image(&candidate, "amd", NULL, "x"));
	add_image(&candidate, "arm", NULL, "yz");
	/* Hashing the other platform says nothing of this one. */
	expect(&world, &candidate,
		   "true_positive manifest high anchored\n"
		   "  manifest 1 hashed ours none counts in app +0\n"
		   "  next hash_layer 1.0 100\n");
	hash_layer(&candidate.images[1], 1);
	expect(&world, &candidate,
		   "true_positive manifest high\n"
		   "  manifest 1 hashed ours none counts in app +0\n");
}

static void test_each_platform_is_judged_alone(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_ours(&world, "app", "ab");
	begin_candidate(&candidate);
	add_image(&candidate, NULL, NULL, "x");
	hash_all(add_image(&candidate, NULL, NULL, "ab"));
	add_image(&candidate, NULL, NULL, "ay");
	serve_instead(add_image(&candidate, NULL, NULL, "z"), 0, 'w');
	struct judgement judgement = judge(&world, &candidate);
	assert_int_equal(judgement.reason, REASON_LAYER);
	assert_int_equal(judgement.image_reasons[0], REASON_NO_MATCH);
	assert_int_equal(judgement.image_reasons[1], REASON_LAYER);
	assert_int_equal(judgement.image_reasons[2], REASON_SHARED_BASE);
	assert_int_equal(judgement.image_reasons[3], REASON_TAMPERED);
	judgement_clear(&judgement);
}

static void test_others_that_hold_it_are_counted(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_top(add_ours(&world, "one", ""), IDENTITY_CONFIG, "c");
	add_top(add_ours(&world, "two", ""), IDENTITY_CONFIG, "c");
	add_top(add_ours(&world, "three", ""), IDENTITY_CONFIG, "c");
	begin_candidate(&candidate);
	add_image(&candidate, NULL, "c", "");
	expect(&world, &candidate,
		   "true_positive config high anchored\n"
		   "  config 0 hashed ours none counts in one +2\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_reason_has_its_name),
		cmocka_unit_test(test_other_names),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_nothing_matches),
		cmocka_unit_test(test_a_candidate_without_images),
		cmocka_unit_test(test_an_unreadable_layer_makes_it_partial),
		cmocka_unit_test(test_an_unread_document_makes_it_partial),
		cmocka_unit_test(test_what_is_unread_in_an_attestation_is_no_matter),
		cmocka_unit_test(test_damage_does_not_hide_proof),
		cmocka_unit_test(test_a_manifest_of_ours),
		cmocka_unit_test(test_a_config_of_ours),
		cmocka_unit_test(test_an_index_of_ours),
		cmocka_unit_test(test_an_image_digest_may_be_any_document),
		cmocka_unit_test(test_a_layer_digest_is_no_document),
		cmocka_unit_test(test_a_document_digest_is_no_layer),
		cmocka_unit_test(test_the_empty_config_is_no_evidence),
		cmocka_unit_test(test_attestations_and_artifacts_are_never_matched),
		cmocka_unit_test(test_other_origins),
		cmocka_unit_test(test_disclaimers_beat_ours),
		cmocka_unit_test(test_ours_beats_unknown),
		cmocka_unit_test(test_hashed_layer_and_declared_diff_id),
		cmocka_unit_test(test_declared_alone_is_for_review),
		cmocka_unit_test(test_a_recompressed_layer_has_our_diff_id),
		cmocka_unit_test(test_leads_never_add_up),
		cmocka_unit_test(test_tampered_and_nothing_else),
		cmocka_unit_test(test_a_blob_declared_with_another_diff_id),
		cmocka_unit_test(test_a_tampered_document),
		cmocka_unit_test(test_tampering_is_said_before_who_owns_the_rest),
		cmocka_unit_test(test_a_tampered_layer_withdraws_a_document),
		cmocka_unit_test(test_a_tampered_layer_does_not_withdraw_a_hashed_one),
		cmocka_unit_test(test_an_index_over_another_manifest),
		cmocka_unit_test(test_an_index_over_a_manifest_that_could_not_be_read),
		cmocka_unit_test(test_a_tampered_platform_does_not_hide_another),
		cmocka_unit_test(test_tampered_bytes_may_be_ours),
		cmocka_unit_test(test_the_order_of_evidence),
		cmocka_unit_test(test_the_digests_of_evidence),
		cmocka_unit_test(test_two_platforms_with_one_ours),
		cmocka_unit_test(test_each_platform_is_judged_alone),
		cmocka_unit_test(test_others_that_hold_it_are_counted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
