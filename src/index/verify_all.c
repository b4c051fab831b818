/*
 * verify: what is looked at in which order; sources, and the counts of the state.
 */
#include <string.h>

#include "verify.h"

static int visit_source(struct verify *verify, struct store_bytes key, struct store_bytes value,
						struct error *err)
{
	struct error reason = ERROR_INIT;
	CLEANUP(index_source_clear) struct index_source source = {.name = NULL};
	uint32_t number;

	verify->counts->sources++;
	if (record_read_number(key, &number, &reason) < 0)
		return verify_failure(verify, &reason, err, "sources");
	if (number >= verify->snapshot->state.next_source)
		return verify_damage(verify, "source %u: the next number to be given is %u", number,
							 verify->snapshot->state.next_source);
	if (record_read_source(value, &source, &reason) < 0)
		return verify_failure(verify, &reason, err, "source %u", number);
	return 0;
}

static int verify_sources(struct verify *verify, struct error *err)
{
	return verify_walk(verify, DATABASE_SOURCES, "sources", visit_source, err);
}

static int compare_count(struct verify *verify, const char *what, const char *of, uint64_t said,
						 uint64_t seen)
{
	if (said == seen)
		return 0;
	return verify_damage(verify, "state: %llu %s%s counted, and there are %llu",
						 (unsigned long long)said, what, of, (unsigned long long)seen);
}

static int compare_identities(struct verify *verify, const struct record_state *said)
{
	for (unsigned bit = 0; bit < IDENTITY_COUNT; bit++)
		if (compare_count(verify, "digests of ", identity_name((enum identity)(1u << bit)),
						  said->identities[bit], verify->seen.identities[bit]) < 0)
			return -1;
	return 0;
}

static int compare_state(struct verify *verify)
{
	const struct record_state *said = &verify->snapshot->state;

	if (verify->unread > 0)
		return 0;
	if (compare_count(verify, "images", "", said->images, verify->seen.images) < 0 ||
		compare_identities(verify, said) < 0)
		return -1;
	for (int origin = ORIGIN_UNKNOWN; origin <= ORIGIN_PUBLIC; origin++)
		if (compare_count(verify, "images of origin ", origin_name((enum origin)origin),
						  said->origins[origin], verify->seen.origins[origin]) < 0)
			return -1;
	/* A sum over records that cannot be read says nothing new. */
	if (verify->counts->damages > 0 || memcmp(said->sum, verify->seen.sum, RECORD_SUM_SIZE) == 0)
		return 0;
	return verify_damage(verify, "state: its sum is not that of the images");
}

int verify_all(struct index_snapshot *snapshot, const struct verify_listener *listener,
			   struct index_verification *out, struct error *err)
{
	static const struct {
		const char *name;
		int (*verify)(struct verify *verify, struct error *err);
	} parts[] = {
		{"sources", verify_sources}, {"names", verify_names}, {"images", verify_images},
		{"digests", verify_digests}, {"files", verify_files}, {"stacks", verify_stacks},
	};
	struct error failure = ERROR_INIT;
	struct verify verify = {
		.snapshot = snapshot,
		.txn = snapshot->txn,
		.counts = out,
		.listener = listener,
	};

	*out = (struct index_verification){.damages = 0};
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (listener->part)
			listener->part(listener->context, parts[i].name, out);
		if (parts[i].verify(&verify, &failure) == 0)
			continue;
		if (failure.code == ERROR_NONE)
			return -1;
		*err = failure;
		return index_fail(snapshot->index, err);
	}
	return compare_state(&verify);
}
