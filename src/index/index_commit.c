/*
 * commit: a batch into the index, in one write transaction (DESIGN section 7); into an empty one in
 * several that readers do not look at.
 */
#include "commit.h"
#include "layerproof/clock.h"
#include "layerproof/memory.h"
#include "unfinished.h"

/* Of names met lately. */
enum { NAMES_MEMORY = 8 << 20 };

static int commit_state(struct commit *commit, struct error *err)
{
	uint8_t bytes[RECORD_STATE_SIZE];

	commit->state.updated_at = clock_now();
	record_write_state(&commit->state, bytes);
	if (commit->in_steps && unfinished_unmark(commit->txn, err) < 0)
		return -1;
	return store_put(commit->txn, DATABASE_META, index_text_key("state"),
					 (struct store_bytes){bytes, sizeof(bytes)}, err);
}

/* A source that named nothing is there all the same. */
static int name_own_source(struct commit *commit, struct error *err)
{
	struct pending_mention own = {.is_own = true};
	uint32_t number;

	return commit->source ? commit_name_source(commit, &own, &number, err) : 0;
}

/* Of a run of its own: the map may have to grow, and the change begins anew. */
static int run(struct commit *commit, struct error *err)
{
	if (unfinished_clear(commit->txn, err) < 0 ||
		index_read_state(commit->txn, &commit->state, err) < 0)
		return -1;
	commit->is_first = commit->state.images == 0;
	commit->in_steps = unfinished_may_begin(&commit->state);
	int known = commit->source ? commit_find_source(commit, err) : 0;
	commit->outcome.already_imported = known == 1;
	if (known < 0)
		return -1;
	/* Of an index that had none, all are new: they need not be counted apart. */
	if ((known == 1 || !commit->is_first) &&
		index_batch_count_digests(commit->batch, &commit->outcome.digests, err) < 0)
		return -1;
	if (known == 1)
		return 0;
	if (commit_batch_sources(commit, err) < 0 || name_own_source(commit, err) < 0 ||
		commit_images(commit, err) < 0 || commit_digests(commit, err) < 0 ||
		commit_files(commit, err) < 0 || commit_stacks(commit, err) < 0)
		return -1;
	if (commit->is_first)
		commit->outcome.digests = commit->outcome.digests_new;
	return commit->changed ? commit_state(commit, err) : 0;
}

static int commit_batch(struct store_txn *txn, void *context, struct error *err)
{
	struct commit *outer = context;
	CLEANUP(text_map_free_at) struct text_map *names = text_map_new(NAMES_MEMORY);
	struct commit commit = {
		.batch = outer->batch, .source = outer->source, .txn = txn, .names = names};

	commit_make_sorters(commit.batch, commit.digests);
	commit.prefixes = commit_make_stack_sorter(commit.batch);
	commit.crowd = crowd_new(batch_share(commit.batch, SHARE_CROWD));
	int result = run(&commit, err);
	commit_free_sorters(commit.digests);
	sorter_free(commit.prefixes);
	crowd_free(commit.crowd);
	free(commit.scratch);
	free(commit.source_name);
	outer->outcome = commit.outcome;
	return result;
}

/* A digest takes 33 bytes in the batch and, in its own records, at most four times that. */
static uint64_t bytes_wanted(const struct index_batch *batch)
{
	return 5 * (batch->spill.size + batch->size);
}

int index_commit(struct index *index, struct index_batch *batch, const struct index_source *source,
				 struct index_outcome *outcome, struct error *err)
{
	struct commit commit = {.batch = batch, .source = source};

	if (store_reserve(index->store, bytes_wanted(batch), err) < 0 ||
		store_update(index->store, commit_batch, &commit, err) < 0)
		return index_fail(index, err);
	*outcome = commit.outcome;
	return 0;
}
