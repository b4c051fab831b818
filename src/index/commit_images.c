/*
 * commit: the images of a batch, in the order they were added.
 */
#include "commit.h"
#include "layerproof/memory.h"

/* Places in the batch as keys that sort as they lie. A member of a group of equal images, and the
 * first of them. */
enum { PLACE_SIZE = 8, TWIN_SIZE = 2 * PLACE_SIZE };

/* A twin as found: the first of the group, the twin, and the number where it is the first. */
enum { JOIN_SIZE = 2 * PLACE_SIZE + RECORD_NUMBER_SIZE };

struct walk {
	struct commit *commit;
	struct sorter *twins; /* each member of a group of more than one */
	struct sorter *joins;
	const uint8_t *twin; /* the next of them */
};

static void add_twin(struct sorter *twins, const uint8_t *fold, const uint8_t *first)
{
	uint8_t *twin = sorter_add(twins);

	memcpy(twin, fold + PENDING_CONTENT_SIZE, PLACE_SIZE);
	memcpy(twin + PLACE_SIZE, first + PENDING_CONTENT_SIZE, PLACE_SIZE);
}

/* Groups are runs of equal content; in each the places ascend. */
static void find_twins(struct index_batch *batch, struct sorter *twins)
{
	uint8_t first[FOLD_SIZE];
	const uint8_t *fold;
	bool has_first = false;
	bool is_group = false;

	sorter_rewind(batch->fold);
	while ((fold = sorter_next(batch->fold)) != NULL) {
		if (!has_first || memcmp(first, fold, PENDING_CONTENT_SIZE) != 0) {
			memcpy(first, fold, FOLD_SIZE);
			has_first = true;
			is_group = false;
			continue;
		}
		if (!is_group)
			add_twin(twins, first, first);
		is_group = true;
		add_twin(twins, fold, first);
	}
	sorter_rewind(twins);
}

static int name_texts(struct commit *commit, const struct pending *pending,
					  struct record_names *names, struct error *err)
{
	char digits[DIGEST_TEXT_SIZE];
	struct digest base;
	struct store_bytes repository = {pending->name.bytes, pending_repository_length(pending->name)};

	if (names_intern(commit->names, commit->txn, &commit->state, repository, &names->repository,
					 err) < 0)
		return -1;
	if (pending->platform.bytes && names_intern(commit->names, commit->txn, &commit->state,
												pending->platform, &names->platform, err) < 0)
		return -1;
	if (pending->base.size == 0)
		return 0;
	record_read_key(pending->base.bytes, &base);
	digest_format(&base, digits);
	return names_intern(commit->names, commit->txn, &commit->state, index_text_key(digits),
						&names->base, err);
}

static int write_image(struct commit *commit, const struct pending *pending, size_t content_size,
					   uint32_t *number, struct error *err)
{
	struct record_state *state = &commit->state;
	uint8_t key[RECORD_NUMBER_SIZE];
	size_t size;

	if (state->next_image == UINT32_MAX)
		return error_set(err, ERROR_OVER_LIMIT, "more than %u images", UINT32_MAX);
	if (commit_write_mentions(commit, pending, content_size, &size, err) < 0)
		return -1;
	*number = state->next_image++;
	state->images++;
	state->origins[pending->origin]++;
	record_sum_image(state->sum, pending->content, false);
	commit->outcome.images_new++;
	commit->changed = true;
	record_write_number(*number, key);
	return store_append(commit->txn, DATABASE_IMAGES, (struct store_bytes){key, sizeof(key)},
						(struct store_bytes){commit->scratch, size}, err);
}

/* The image of the index that is equal, or a new one. */
static int take_image(struct commit *commit, const struct pending *pending, uint32_t *number,
					  struct error *err)
{
	struct record_names names = {.repository = 0};

	if (name_texts(commit, pending, &names, err) < 0)
		return -1;
	uint8_t *content = commit_scratch(commit, record_content_bound(pending));
	size_t size = record_write_content(pending, &names, content);
	int found = commit->is_first
					? 0
					: commit_find_equal(commit, pending, (struct store_bytes){content, size},
										number, err);
	if (found == 1)
		return commit_join(commit, *number, pending, err);
	if (found < 0 || write_image(commit, pending, size, number, err) < 0)
		return -1;
	commit_collect_digests(commit->digests, pending, *number);
	commit_collect_stacks(commit->prefixes, pending, *number, names.repository);
	return 0;
}

static void add_join(struct walk *walk, uint32_t number)
{
	uint8_t *join = sorter_add(walk->joins);

	memcpy(join, walk->twin + PLACE_SIZE, PLACE_SIZE);
	memcpy(join + PLACE_SIZE, walk->twin, PLACE_SIZE);
	bytes_put_32(join + (ptrdiff_t)2 * PLACE_SIZE, number);
	walk->twin = sorter_next(walk->twins);
}

static int walk_image(struct walk *walk, uint64_t place, const struct pending *pending,
					  struct error *err)
{
	bool is_twin = walk->twin && bytes_get_ordered_64(walk->twin) == place;
	uint32_t number = 0;

	if (is_twin && bytes_get_ordered_64(walk->twin + PLACE_SIZE) != place) {
		add_join(walk, 0);
		return 0;
	}
	if (take_image(walk->commit, pending, &number, err) < 0)
		return -1;
	if (is_twin)
		add_join(walk, number);
	return commit_step(walk->commit, err);
}

/* The first of a group comes first. */
static int join_twins(struct walk *walk, struct error *err)
{
	uint32_t number = 0;
	const uint8_t *join;
	struct pending pending;
	uint64_t next;

	sorter_rewind(walk->joins);
	while ((join = sorter_next(walk->joins)) != NULL) {
		uint64_t place = bytes_get_ordered_64(join + PLACE_SIZE);
		if (bytes_get_ordered_64(join) == place) {
			number = bytes_get_32(join + (ptrdiff_t)2 * PLACE_SIZE);
			continue;
		}
		if (batch_read(walk->commit->batch, place, &pending, &next, err) < 0 ||
			commit_join(walk->commit, number, &pending, err) < 0 ||
			commit_step(walk->commit, err) < 0)
			return -1;
	}
	return sorter_check(walk->joins, err);
}

int commit_images(struct commit *commit, struct error *err)
{
	CLEANUP(sorter_free_at)
	struct sorter *twins = sorter_new(TWIN_SIZE, batch_share(commit->batch, SHARE_TWINS));
	CLEANUP(sorter_free_at)
	struct sorter *joins = sorter_new(JOIN_SIZE, batch_share(commit->batch, SHARE_TWINS));
	struct walk walk = {.commit = commit, .twins = twins, .joins = joins};
	struct pending pending;
	uint64_t place = 0;
	uint64_t next = 0;
	int more;

	find_twins(commit->batch, twins);
	walk.twin = sorter_next(twins);
	while ((more = batch_read(commit->batch, place, &pending, &next, err)) == 1) {
		if (walk_image(&walk, place, &pending, err) < 0)
			return -1;
		place = next;
	}
	if (more < 0 || sorter_check(commit->batch->fold, err) < 0 || sorter_check(twins, err) < 0)
		return -1;
	return join_twins(&walk, err);
}
