/*
 * commit: the lists that name images.
 */
#include "commit.h"
#include "layerproof/clock.h"
#include "layerproof/memory.h"

/* The source of this name and these bytes; unset: of images that were added. There are few
 * sources. 1 there, 0 not, -1 error. */
static int find_source(struct commit *commit, const char *name, const struct digest *file,
					   uint32_t *out, struct error *err)
{
	uint8_t key[RECORD_NUMBER_SIZE];
	struct store_bytes value;

	for (*out = 0; *out < commit->state.next_source; ++*out) {
		CLEANUP(index_source_clear) struct index_source known = {.name = NULL};
		record_write_number(*out, key);
		int found = store_get(commit->txn, DATABASE_SOURCES, (struct store_bytes){key, sizeof(key)},
							  &value, err);
		if (found < 0 || (found == 1 && record_read_source(value, &known, err) < 0))
			return -1;
		if (found == 1 && strcmp(known.name, name) == 0 && digest_equal(&known.sha256, file))
			return 1;
	}
	return 0;
}

static int put_source(struct commit *commit, const struct index_source *source, uint32_t number,
					  struct error *err)
{
	uint8_t key[RECORD_NUMBER_SIZE];
	size_t size;
	CLEANUP(free_at) uint8_t *record = record_write_source(source, &size);

	record_write_number(number, key);
	return store_put(commit->txn, DATABASE_SOURCES, (struct store_bytes){key, sizeof(key)},
					 (struct store_bytes){record, size}, err);
}

int commit_find_source(struct commit *commit, struct error *err)
{
	uint32_t number;

	return find_source(commit, commit->source->name, &commit->source->sha256, &number, err);
}

/* A source that is not there yet: the commit's own, or one of which no more is known. */
static int new_source(struct commit *commit, char *name, const struct digest *file, bool is_own,
					  uint32_t *out, struct error *err)
{
	char none[] = "";
	struct index_source source = {
		.name = name, .file = none, .sha256 = *file, .imported_at = clock_now()};

	if (commit->state.next_source == UINT32_MAX)
		return error_set(err, ERROR_OVER_LIMIT, "more than %u sources", UINT32_MAX);
	*out = commit->state.next_source++;
	commit->changed = true;
	return put_source(commit, is_own && commit->source ? commit->source : &source, *out, err);
}

static int add_source(struct commit *commit, const struct index_source *source, struct error *err)
{
	uint32_t number;

	int found = find_source(commit, source->name, &source->sha256, &number, err);
	if (found != 0)
		return found < 0 ? -1 : 0;
	if (commit->state.next_source == UINT32_MAX)
		return error_set(err, ERROR_OVER_LIMIT, "more than %u sources", UINT32_MAX);
	commit->changed = true;
	return put_source(commit, source, commit->state.next_source++, err);
}

int commit_batch_sources(struct commit *commit, struct error *err)
{
	for (size_t i = 0; i < commit->batch->source_count; i++)
		if (add_source(commit, &commit->batch->sources[i], err) < 0)
			return -1;
	return 0;
}

int commit_name_source(struct commit *commit, const struct pending_mention *mention, uint32_t *out,
					   struct error *err)
{
	static const struct digest none;
	bool is_own = mention->is_own;
	const struct digest *file = is_own ? &none : &mention->file;
	struct store_bytes text = mention->source;

	if (is_own && commit->source) {
		file = &commit->source->sha256;
		text = index_text_key(commit->source->name);
	}
	if (!commit->source_name || strlen(commit->source_name) != text.size ||
		memcmp(commit->source_name, text.bytes, text.size) != 0 ||
		!digest_equal(&commit->source_file, file)) {
		free(commit->source_name);
		commit->source_name = memory_copy_span(text.bytes, text.size);
		commit->source_file = *file;
		int found = find_source(commit, commit->source_name, file, &commit->source_number, err);
		if (found == 0)
			found = new_source(commit, commit->source_name, file, is_own, &commit->source_number,
							   err);
		if (found < 0)
			return -1;
	}
	*out = commit->source_number;
	return 0;
}
