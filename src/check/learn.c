#include "learn.h"

#include <inttypes.h>

#include "file_facts.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"

bool learn_is_same_layer(const struct tree_layer *a, const struct tree_layer *b)
{
	return a == b || (a->has_blob_digest && b->has_blob_digest &&
					  digest_equal(&a->descriptor.digest, &b->descriptor.digest) &&
					  digest_equal(&a->diff_id, &b->diff_id));
}

/* What a layer was found to be holds at every place where it is declared. */
static int learn_everywhere(struct assessment *assessment, const struct tree_layer *learnt,
							const struct layer_result *result, const struct file_hits *files,
							struct index_snapshot *snapshot, struct error *err)
{
	const struct tree *tree = &assessment->tree;
	for (size_t i = 0; i < tree->image_count; i++)
		for (size_t j = 0; j < tree->images[i].layer_count; j++) {
			if (!learn_is_same_layer(&tree->images[i].layers[j], learnt))
				continue;
			if (fact_book_learn_layer(&assessment->book, i, j, result, snapshot, err) != 0 ||
				(files != NULL &&
				 file_facts_learn(&assessment->book, i, j, files, snapshot, err) != 0))
				return -1;
		}
	return 0;
}

static int look_up(struct assessment *assessment, struct index *index,
				   const struct tree_layer *learnt, const struct layer_result *result,
				   const struct file_hits *files, struct error *err)
{
	struct index_snapshot *snapshot = NULL;
	if (index != NULL) {
		snapshot = index_snapshot_begin(index, err);
		if (snapshot == NULL)
			return -1;
	}
	int outcome = learn_everywhere(assessment, learnt, result, files, snapshot, err);
	index_snapshot_end(snapshot);
	return outcome;
}

/* Whether the bytes have the declared digest, but are not as many as were declared (registry-facts
 * 38): whoever looks at the size before the digest refuses them. */
static bool is_of_other_size(const struct tree_layer *declared, const struct layer_result *result)
{
	return declared->has_blob_digest && declared->descriptor.size >= 0 &&
		   declared->descriptor.size != result->size &&
		   digest_equal(&result->digest, &declared->descriptor.digest);
}

/* At every place where the blob is declared: each has a size of its own. */
static void note_sizes(struct assessment *assessment, const struct tree_layer *learnt,
					   const struct layer_result *result, const char *where)
{
	const struct tree *tree = &assessment->tree;
	for (size_t i = 0; i < tree->image_count; i++)
		for (size_t j = 0; j < tree->images[i].layer_count; j++) {
			const struct tree_layer *declared = &tree->images[i].layers[j];
			if (!learn_is_same_layer(declared, learnt) || !is_of_other_size(declared, result))
				continue;
			CLEANUP(free_at)
			char *message = memory_format("%" PRId64 " bytes declared, %" PRId64 " served",
										  declared->descriptor.size, result->size);
			assessment_add_error(assessment, ERROR_TAMPERED, where, message);
			fact_book_distrust_layer(&assessment->book, i, j);
		}
}

static void note_differences(struct assessment *assessment, const struct tree_layer *declared,
							 const struct layer_result *result, const char *where)
{
	char text[DIGEST_TEXT_SIZE];
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

static void note_unhashed_files(struct assessment *assessment, const struct layer_result *result,
								const struct file_hits *files, const char *where)
{
	if (files != NULL && files->is_capped) {
		CLEANUP(free_at)
		char *message = memory_format("more than %d files may be ours: the others were left out",
									  LIMIT_FILE_HITS);
		assessment_add_error(assessment, ERROR_OVER_LIMIT, where, message);
	}
	if (result->unhashed_files == 0)
		return;
	CLEANUP(free_at)
	char *message = memory_format(
		"%" PRIu64 " sparse files were not hashed: their holes come to more than %" PRId64 " bytes",
		result->unhashed_files, LIMIT_FILE_HOLES);
	assessment_add_error(assessment, ERROR_OVER_LIMIT, where, message);
}

int learn_layer(struct assessment *assessment, struct index *index, size_t image, size_t layer,
				const struct verified *found, struct error *err)
{
	const struct tree_layer *declared = &assessment->tree.images[image].layers[layer];
	struct layer_result result = found->result;
	if (found->index_failure.code != ERROR_NONE) {
		*err = found->index_failure;
		return -1;
	}
	CLEANUP(free_at) char *where = memory_format("layer %s", declared->descriptor.digest_text);
	if (!found->is_whole) {
		result.digest = (struct digest){.algorithm = DIGEST_NONE};
		result.diff_id = (struct digest){.algorithm = DIGEST_NONE};
		assessment_add_failure(assessment, where, &found->reason);
		if (found->reason.code == ERROR_TAMPERED)
			fact_book_distrust_layer(&assessment->book, image, layer);
	} else {
		note_sizes(assessment, declared, &result, where);
		note_differences(assessment, declared, &result, where);
	}
	note_unhashed_files(assessment, &result, found->files, where);
	return look_up(assessment, index, declared, &result, found->files, err);
}

static void note_contradiction(struct assessment *assessment, const struct tree_layer *declared,
							   const struct digest *known)
{
	char text[DIGEST_TEXT_SIZE];
	CLEANUP(free_at) char *where = memory_format("layer %s", declared->descriptor.digest_text);
	CLEANUP(free_at)
	char *message = memory_format(
		"the index knows this blob by the diff_id %s, which is not that of its place",
		digest_format(known, text));
	assessment_add_error(assessment, ERROR_TAMPERED, where, message);
}

void learn_note_contradictions(struct assessment *assessment)
{
	const struct match_facts *facts = &assessment->book.facts;
	for (size_t i = 0; i < facts->image_count; i++)
		for (size_t j = 0; !facts->images[i].is_ignored && j < facts->images[i].tree->layer_count;
			 j++) {
			const struct digest *known = match_contradicted_diff_id(&facts->images[i].layers[j]);
			if (known != NULL)
				note_contradiction(assessment, &facts->images[i].tree->layers[j], known);
		}
}
