#include "layerproof/assessor.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "assessment_private.h"
#include "confirm.h"
#include "layerproof/limits.h"
#include "layerproof/media_type.h"
#include "layerproof/memory.h"
#include "layerproof/source.h"
#include "once.h"
#include "recall.h"
#include "verify.h"

struct assessor {
	struct assessor_options options;
	struct memory *memory;
	struct once *assessments;
	pthread_mutex_t lock;
	struct error failure; /* of the index; ERROR_NONE */
};

struct assessor_worker {
	struct assessor *assessor;
	struct source_client *client;
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

struct assessor *assessor_new(const struct assessor_options *options)
{
	struct assessor *assessor = memory_alloc(1, sizeof(*assessor));
	assessor->options = *options;
	pthread_mutex_init(&assessor->lock, NULL);
	assessor->memory = memory_new(options->cache);
	assessor->assessments = once_new(LIMIT_MEMO_ASSESSMENTS, assessment_retain, release_value);
	return assessor;
}

void assessor_free(struct assessor *assessor)
{
	if (assessor == NULL)
		return;
	once_free(assessor->assessments);
	memory_free(assessor->memory);
	pthread_mutex_destroy(&assessor->lock);
	free(assessor);
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
	*layer_bytes = worker->layer_bytes;
}

/* Where one image is read. */
struct place {
	struct assessor_worker *worker;
	struct source *source;
	struct recall recall;
	bool is_not_resent; /* of the last reading's top document */
};

/* ---- Looking up ---- */

/* Runs while no transaction is held on the network: one snapshot for the tree, one for each layer
 * learnt. */
static int gather(struct assessor *assessor, struct assessment *assessment, struct error *err)
{
	struct index_snapshot *snapshot = NULL;
	if (assessor->options.index != NULL) {
		snapshot = index_snapshot_begin(assessor->options.index, err);
		if (snapshot == NULL)
			return -1;
		assessment->has_index = true;
		index_snapshot_id(snapshot, assessment->index_id, &assessment->index_updated_at);
	}
	assessment->has_facts = true;
	int result = fact_book_gather(&assessment->book, &assessment->tree,
								  assessor->options.complete_bases, snapshot, err);
	index_snapshot_end(snapshot);
	return result;
}

/* Whether two places of the tree declare one and the same layer. */
static bool is_same_layer(const struct tree_layer *a, const struct tree_layer *b)
{
	return a == b || (a->has_blob_digest && b->has_blob_digest &&
					  digest_equal(&a->descriptor.digest, &b->descriptor.digest) &&
					  digest_equal(&a->diff_id, &b->diff_id));
}

/* What a layer was found to be holds at every place where it is declared. */
static int learn_everywhere(struct assessment *assessment, const struct tree_layer *learnt,
							const struct layer_result *result, struct index_snapshot *snapshot,
							struct error *err)
{
	const struct tree *tree = &assessment->tree;
	for (size_t i = 0; i < tree->image_count; i++)
		for (size_t j = 0; j < tree->images[i].layer_count; j++)
			if (is_same_layer(&tree->images[i].layers[j], learnt) &&
				fact_book_learn_layer(&assessment->book, i, j, result, snapshot, err) != 0)
				return -1;
	return 0;
}

static int learn(struct assessor *assessor, struct assessment *assessment,
				 const struct tree_layer *learnt, const struct layer_result *result,
				 struct error *err)
{
	struct index_snapshot *snapshot = NULL;
	if (assessor->options.index != NULL) {
		snapshot = index_snapshot_begin(assessor->options.index, err);
		if (snapshot == NULL)
			return -1;
	}
	int outcome = learn_everywhere(assessment, learnt, result, snapshot, err);
	index_snapshot_end(snapshot);
	return outcome;
}

/* ---- Verifying ---- */

/* Whether the bytes have the declared digest, but are not as many as were declared (registry-facts
 * 38): whoever looks at the size before the digest refuses them. */
static bool is_of_other_size(const struct tree_layer *declared, const struct layer_result *result)
{
	return declared->has_blob_digest && declared->descriptor.size >= 0 &&
		   declared->descriptor.size != result->size &&
		   digest_equal(&result->digest, &declared->descriptor.digest);
}

/* Notes each way in which the bytes are not what was declared. */
static void note_differences(struct assessment *assessment, const struct tree_layer *declared,
							 const struct layer_result *result, const char *where)
{
	char text[DIGEST_TEXT_SIZE];
	if (is_of_other_size(declared, result)) {
		CLEANUP(free_at)
		char *message = memory_format("%" PRId64 " bytes declared, %" PRId64 " served",
									  declared->descriptor.size, result->size);
		assessment_add_error(assessment, ERROR_TAMPERED, where, message);
	}
	if (declared->has_blob_digest &&
		digest_differs(&declared->descriptor.digest, &result->digest)) {
		CLEANUP(free_at)
		char *message = memory_format("the bytes served hash to %s",
									  digest_format(&result->digest, text));
		assessment_add_error(assessment, ERROR_TAMPERED, where, message);
	}
	if (digest_differs(&declared->diff_id, &result->diff_id)) {
		CLEANUP(free_at)
		char *message = memory_format(
			"the uncompressed bytes hash to %s, not to the diff_id of its place",
			digest_format(&result->diff_id, text));
		assessment_add_error(assessment, ERROR_TAMPERED, where, message);
	}
	if (result->decode_error.code != ERROR_NONE)
		assessment_add_error(assessment, result->decode_error.code, where,
							 result->decode_error.text);
}

static int verify_one(struct place *place, struct assessment *assessment, size_t image,
					  size_t layer, struct error *err)
{
	struct assessor_worker *worker = place->worker;
	const struct tree_layer *declared = &assessment->tree.images[image].layers[layer];
	struct layer_result result;
	struct error reason = ERROR_INIT;
	uint64_t fetched;
	CLEANUP(free_at) char *where = memory_format("layer %s", declared->descriptor.digest_text);
	int outcome = verify_layer(place->source, declared, &place->recall, &result, &fetched, &reason);
	worker->layer_bytes += fetched;
	if (outcome != 0) {
		result.digest = (struct digest){.algorithm = DIGEST_NONE};
		result.diff_id = (struct digest){.algorithm = DIGEST_NONE};
		assessment_add_failure(assessment, where, &reason);
		if (reason.code == ERROR_TAMPERED)
			fact_book_distrust_layer(&assessment->book, image, layer);
	} else {
		note_differences(assessment, declared, &result, where);
		if (is_of_other_size(declared, &result))
			fact_book_distrust_layer(&assessment->book, image, layer);
	}
	return learn(worker->assessor, assessment, declared, &result, err);
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

static bool is_unverified(const struct match_layer *layer)
{
	return !layer->is_unreadable && layer->blob_level != LEVEL_HASHED &&
		   layer->tar_level != LEVEL_HASHED;
}

static int verify_all(struct place *place, struct assessment *assessment, struct error *err)
{
	const struct match_facts *facts = &assessment->book.facts;
	for (size_t i = 0; i < facts->image_count; i++) {
		const struct match_image *image = &facts->images[i];
		for (size_t j = 0; !image->is_ignored && j < image->tree->layer_count; j++)
			if (is_unverified(&image->layers[j]) && verify_one(place, assessment, i, j, err) != 0)
				return -1;
	}
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
	if (gather(assessor, assessment, err) != 0)
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
	assessment_note_flags(assessment);
	return 0;
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
	struct assessment *known = once_peek(assessor->assessments, &key);
	bool is_first = known == NULL && flights_begin(flights, FLIGHT_ASSESSMENT, host, &key);
	if (known == NULL && !is_first)
		known = once_peek(assessor->assessments, &key);
	if (known != NULL) {
		assessment_release(assessment);
		return known;
	}
	assess_read(place, assessment);
	if (assessment->error_count == 0)
		once_offer(assessor->assessments, &key, assessment);
	if (is_first)
		flights_end(flights, FLIGHT_ASSESSMENT, host, &key);
	return assessment;
}

/* Reads the image and judges it; alone: by what this place itself has shown. */
static struct assessment *assess_at(struct place *place, const struct reference *reference,
									bool is_alone)
{
	struct assessment *assessment = assessment_new();
	struct tree_memo memo = recall_documents(&place->recall);
	struct error reason = ERROR_INIT;
	if (tree_read_with_memo(place->source, reference, &memo, &assessment->tree, &reason) != 0) {
		assessment_set_failure(assessment, &reason);
		return assessment;
	}
	place->is_not_resent = assessment->tree.is_not_resent;
	if (!is_alone && is_shareable(&assessment->tree))
		return assess_once(place, assessment);
	assess_read(place, assessment);
	return assessment;
}

static struct assessment *assess_place(struct place *place, const struct reference *reference)
{
	struct memory *memory = place->worker->assessor->memory;
	recall_begin(&place->recall, memory, reference, false);
	struct assessment *assessment = assess_at(place, reference, false);
	bool is_confirmed = confirm_assessment(place->source, &place->recall, assessment);
	recall_clear(&place->recall);
	if (is_confirmed)
		return assessment;
	assessment_release(assessment);
	recall_begin(&place->recall, memory, reference, true);
	assessment = assess_at(place, reference, true);
	recall_clear(&place->recall);
	return assessment;
}

struct assessment *assessor_assess(struct assessor_worker *worker,
								   const struct reference *reference, bool *is_not_resent)
{
	struct error reason = ERROR_INIT;
	struct place place = {.worker = worker};
	*is_not_resent = false;
	place.source = source_open(worker->client, reference, &reason);
	if (place.source == NULL)
		return assessment_of_failure(&reason);
	struct assessment *assessment = assess_place(&place, reference);
	*is_not_resent = place.is_not_resent;
	source_close(place.source);
	return assessment;
}

struct assessment *assessor_assess_in_turn(struct assessor_worker *worker,
										   const struct reference *reference, int *refusals,
										   int64_t *come_back_ms, bool *is_not_resent)
{
	source_client_begin_work(worker->client, *refusals);
	struct assessment *assessment = assessor_assess(worker, reference, is_not_resent);
	*come_back_ms = source_client_comes_back(worker->client, refusals);
	return assessment;
}
