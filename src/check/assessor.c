#include "layerproof/assessor.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "assessment_private.h"
#include "built_on.h"
#include "completeness.h"
#include "confirm.h"
#include "hands.h"
#include "layerproof/limits.h"
#include "layerproof/media_type.h"
#include "layerproof/memory.h"
#include "layerproof/origin.h"
#include "layerproof/source.h"
#include "layers.h"
#include "learn.h"
#include "once.h"
#include "recall.h"
#include "verify.h"

struct assessor {
	struct assessor_options options;
	struct verify_tools tools;
	struct digest_set released;
	struct memory *memory;
	struct once *assessments;
	struct once *authorized; /* those of images found where the company itself publishes */
	struct hands *hands;
	struct completeness *completeness;
	pthread_mutex_t lock;
	struct error failure; /* of the index; ERROR_NONE */
};

struct assessor_worker {
	struct assessor *assessor;
	struct source_client *client;
	struct lent_hands hands;
	uint64_t layer_bytes;
};

int depth_parse(const char *text, enum depth *out)
{
	static const char *const names[] = {"manifest", "decisive", "full"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(text, names[i]) == 0) {
			*out = (enum depth)i;
			return 0;
		}
	return -1;
}

static void release_value(void *value)
{
	assessment_release(value);
}

/* An index that cannot be read says so at the first candidate. */
static bool knows_sha512(struct index *index)
{
	struct error ignored;
	struct index_snapshot *snapshot = index == NULL ? NULL : index_snapshot_begin(index, &ignored);
	bool knows = snapshot != NULL && index_knows_algorithm(snapshot, DIGEST_SHA512, &ignored) == 1;
	index_snapshot_end(snapshot);
	return knows;
}

struct assessor *assessor_new(const struct assessor_options *options)
{
	struct assessor *assessor = memory_alloc(1, sizeof(*assessor));
	assessor->options = *options;
	assessor->tools = (struct verify_tools){
		.crew = options->crew,
		.is_sha512_wanted = knows_sha512(options->index),
		.progress = options->progress,
		.files = options->depth == DEPTH_FULL && file_hits_are_wanted(options->index)
					 ? options->index
					 : NULL,
	};
	released_list(options->released, options->released_count, options->index, &assessor->released);
	pthread_mutex_init(&assessor->lock, NULL);
	assessor->memory = memory_new(options->cache);
	assessor->completeness = completeness_new(options->index);
	assessor->hands = hands_new(options->readers, options->network);
	assessor->assessments = once_new(LIMIT_MEMO_ASSESSMENTS, assessment_retain, release_value);
	assessor->authorized = once_new(LIMIT_MEMO_ASSESSMENTS, assessment_retain, release_value);
	return assessor;
}

void assessor_free(struct assessor *assessor)
{
	if (assessor == NULL)
		return;
	once_free(assessor->assessments);
	once_free(assessor->authorized);
	hands_free(assessor->hands);
	completeness_free(assessor->completeness);
	memory_free(assessor->memory);
	digest_set_clear(&assessor->released);
	pthread_mutex_destroy(&assessor->lock);
	free(assessor);
}

const struct name_patterns *assessor_names(const struct assessor *assessor)
{
	return assessor->options.names;
}

bool assessor_has_failed(struct assessor *assessor, struct error *err)
{
	pthread_mutex_lock(&assessor->lock);
	bool has_failed = assessor->failure.code != ERROR_NONE;
	if (has_failed)
		*err = assessor->failure;
	pthread_mutex_unlock(&assessor->lock);
	return has_failed;
}

/* The index is ours, not the candidate's: whatever is wrong with it says nothing of the image. */
static void fail_on_index(struct assessor *assessor, struct assessment *assessment,
						  struct error *why)
{
	why->code = ERROR_SYSTEM;
	assessment_set_failure(assessment, why);
	pthread_mutex_lock(&assessor->lock);
	if (assessor->failure.code == ERROR_NONE)
		assessor->failure = *why;
	pthread_mutex_unlock(&assessor->lock);
}

struct assessor_worker *assessor_worker_new(struct assessor *assessor, struct error *err)
{
	struct source_client *client = source_client_new(assessor->options.network, err);
	if (client == NULL)
		return NULL;
	struct assessor_worker *worker = memory_alloc(1, sizeof(*worker));
	worker->assessor = assessor;
	worker->client = client;
	return worker;
}

void assessor_worker_free(struct assessor_worker *worker)
{
	if (worker == NULL)
		return;
	source_client_free(worker->client);
	free(worker);
}

void assessor_worker_count(const struct assessor_worker *worker, uint64_t *requests,
						   uint64_t *bytes, uint64_t *layer_bytes)
{
	source_client_count(worker->client, requests, bytes);
	*requests += worker->hands.requests;
	*bytes += worker->hands.bytes;
	*layer_bytes = worker->layer_bytes;
}

/* Where one image is read. */
struct place {
	struct assessor_worker *worker;
	const struct reference *reference;
	struct source *source;
	struct recall recall;
	bool is_authorized; /* the company itself publishes there */
	bool is_not_resent; /* of the last reading's top document */
};

/* ---- Looking up ---- */

/* Runs while no transaction is held on the network: one snapshot for the tree, one for each layer
 * learnt. */
static int gather(struct place *place, struct assessment *assessment, struct error *err)
{
	struct index_snapshot *snapshot = NULL;
	struct assessor *assessor = place->worker->assessor;
	const struct fact_options options = {
		.complete_bases = assessor->options.complete_bases,
		.is_authorized = place->is_authorized,
		.released = &assessor->released,
	};
	if (assessor->options.index != NULL) {
		snapshot = index_snapshot_begin(assessor->options.index, err);
		if (snapshot == NULL)
			return -1;
		assessment->has_index = true;
		index_snapshot_id(snapshot, assessment->index_id, &assessment->index_updated_at);
	}
	assessment->has_facts = true;
	hints_drop_attestations(&assessment->hints, &assessment->tree);
	int result = fact_book_gather(&assessment->book, &assessment->tree, &options, snapshot, err);
	if (result == 0)
		result = built_on_gather(&assessment->book, snapshot, err);
	index_snapshot_end(snapshot);
	assessment->book.facts.hints = assessment->hints.items;
	assessment->book.facts.hint_count = assessment->hints.count;
	return result;
}

/* ---- Verifying ---- */

static int verify_one(struct place *place, struct assessment *assessment, size_t image,
					  size_t layer, struct error *err)
{
	struct assessor_worker *worker = place->worker;
	struct verified found;
	verify_layer(&worker->assessor->tools, place->source,
				 &assessment->tree.images[image].layers[layer], &place->recall, &found);
	worker->layer_bytes += found.fetched;
	int result = learn_layer(assessment, worker->assessor->options.index, image, layer, &found,
							 err);
	verified_clear(&found);
	return result;
}

static void judge(struct assessment *assessment)
{
	judgement_clear(&assessment->judgement);
	match_judge(&assessment->book.facts, &assessment->judgement);
}

/* Fetches the smallest layer that would settle the verdict until it is settled or nothing more can
 * settle it. Each turn leaves one layer fewer to fetch. */
static int settle(struct place *place, struct assessment *assessment, struct error *err)
{
	while (assessment->judgement.next == NEXT_HASH_LAYER) {
		if (verify_one(place, assessment, assessment->judgement.next_image,
					   assessment->judgement.next_layer, err) != 0)
			return -1;
		judge(assessment);
	}
	return 0;
}

static int verify_all(struct place *place, struct assessment *assessment, struct error *err)
{
	struct assessor_worker *worker = place->worker;
	const struct layers_place where = {
		.reference = place->reference,
		.source = place->source,
		.recall = &place->recall,
		.index = worker->assessor->options.index,
		.tools = &worker->assessor->tools,
		.hands = &worker->hands,
		.layer_bytes = &worker->layer_bytes,
	};
	if (layers_verify(&where, assessment, err) != 0)
		return -1;
	judge(assessment);
	return 0;
}

static int assess_tree(struct place *place, struct assessment *assessment, struct error *err)
{
	struct assessor *assessor = place->worker->assessor;
	for (size_t i = 0; i < assessment->tree.error_count; i++) {
		const struct tree_error *error = &assessment->tree.errors[i];
		assessment_add_failure(assessment, error->where, &error->error);
	}
	if (gather(place, assessment, err) != 0)
		return -1;
	judge(assessment);
	switch (assessor->options.depth) {
	case DEPTH_MANIFEST:
		break;
	case DEPTH_DECISIVE:
		if (settle(place, assessment, err) != 0)
			return -1;
		break;
	case DEPTH_FULL:
		if (verify_all(place, assessment, err) != 0)
			return -1;
		break;
	}
	learn_note_contradictions(assessment);
	assessment_note_flags(assessment);
	return completeness_suggest(assessor->completeness, &assessment->book.facts,
								&assessment->judgement, err);
}

/* Only what was read without any error is shared: a failure belongs to the place where it happened.
 * Nor is an archive that has no manifest: its digest, the config's, says nothing of the bytes
 * beside it. */
static bool is_shareable(const struct tree *tree)
{
	return tree->error_count == 0 && !tree->digest_header_differs &&
		   media_type_kind(tree->media_type) != MEDIA_CONFIG;
}

static void assess_read(struct place *place, struct assessment *assessment)
{
	struct error reason = ERROR_INIT;
	if (assess_tree(place, assessment, &reason) != 0)
		fail_on_index(place->worker->assessor, assessment, &reason);
}

/* Judges the image, or takes the judgement of the same image met before in this run. */
static struct assessment *assess_once(struct place *place, struct assessment *assessment)
{
	struct assessor *assessor = place->worker->assessor;
	struct flights *flights = memory_flights(assessor->memory);
	const struct digest *host = &place->recall.host;
	struct digest key = assessment->tree.digest;
	struct once *assessments = place->is_authorized ? assessor->authorized : assessor->assessments;
	struct assessment *known = once_peek(assessments, &key);
	bool is_first = known == NULL && flights_begin(flights, FLIGHT_ASSESSMENT, host, &key);
	if (known == NULL && !is_first)
		known = once_peek(assessments, &key);
	if (known != NULL) {
		assessment_release(assessment);
		return known;
	}
	assess_read(place, assessment);
	if (assessment->error_count == 0)
		once_offer(assessments, &key, assessment);
	if (is_first)
		flights_end(flights, FLIGHT_ASSESSMENT, host, &key);
	return assessment;
}

/* Reads the image and judges it; where what is recalled is strict, by what this place itself has
 * shown: beside the same manifest other layers may lie in another directory. */
static struct assessment *assess_at(struct place *place, const struct reference *reference)
{
	struct assessment *assessment = assessment_new();
	struct tree_memo memo = recall_documents(&place->recall);
	struct error reason = ERROR_INIT;
	assessment->hints.patterns = place->worker->assessor->options.names;
	const struct tree_listener listener = hints_listener(&assessment->hints);
	if (tree_read_with_memo(place->source, reference, &memo, &listener, &assessment->tree,
							&reason) != 0) {
		assessment_set_failure(assessment, &reason);
		return assessment;
	}
	place->is_not_resent = assessment->tree.is_not_resent;
	if (!place->recall.is_strict && is_shareable(&assessment->tree))
		return assess_once(place, assessment);
	assess_read(place, assessment);
	return assessment;
}

static struct assessment *assess_place(struct place *place, const struct reference *reference)
{
	struct memory *memory = place->worker->assessor->memory;
	recall_begin(&place->recall, memory, reference, false);
	struct assessment *assessment = assess_at(place, reference);
	bool is_confirmed = confirm_assessment(place->source, &place->recall, assessment);
	recall_clear(&place->recall);
	if (is_confirmed)
		return assessment;
	assessment_release(assessment);
	recall_begin(&place->recall, memory, reference, true);
	assessment = assess_at(place, reference);
	recall_clear(&place->recall);
	return assessment;
}

static bool is_authorized(const struct assessor_options *options, const struct reference *reference)
{
	if (options->authorized_count == 0 || reference->transport != REFERENCE_REGISTRY)
		return false;
	CLEANUP(free_at) char *name = reference_name(reference);
	return origin_name_matches(options->authorized, options->authorized_count, name);
}

struct assessment *assessor_assess(struct assessor_worker *worker,
								   const struct reference *reference, bool *is_not_resent)
{
	struct error reason = ERROR_INIT;
	struct place place = {
		.worker = worker,
		.reference = reference,
		.is_authorized = is_authorized(&worker->assessor->options, reference),
	};
	*is_not_resent = false;
	place.source = source_open(worker->client, reference, &reason);
	if (place.source == NULL)
		return assessment_of_failure(&reason);
	hands_arrive(&worker->hands, worker->assessor->hands, source_host(reference));
	struct assessment *assessment = assess_place(&place, reference);
	hands_leave(&worker->hands);
	*is_not_resent = place.is_not_resent;
	source_close(place.source);
	return assessment;
}

struct assessment *assessor_assess_in_turn(struct assessor_worker *worker,
										   const struct reference *reference, int *refusals,
										   int64_t *come_back_ms, bool *is_not_resent)
{
	source_client_begin_work(worker->client, *refusals);
	hands_begin_work(&worker->hands, *refusals);
	struct assessment *assessment = assessor_assess(worker, reference, is_not_resent);
	*come_back_ms = source_client_comes_back(worker->client, refusals);
	hands_come_back(&worker->hands, refusals, come_back_ms);
	return assessment;
}
