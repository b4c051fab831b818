/*
 * index stat: what is in the index, counted.
 */
#include "cmd_index.h"
#include "command.h"
#include "layerproof/clock.h"
#include "layerproof/limits.h"
#include "layerproof/text.h"
#include "print_json.h"

struct listing {
	json_t *json;       /* an array; NULL for people */
	struct buffer *out; /* for people */
	struct error *err;
};

static int list_source(void *context, const struct index_source *source)
{
	struct listing *listing = context;
	char digest[DIGEST_TEXT_SIZE];
	char time[CLOCK_TEXT_SIZE];
	digest_format(&source->sha256, digest);
	clock_format(source->imported_at, time);
	if (listing->json == NULL) {
		CLEANUP(free_at) char *name = text_printable(source->name);
		CLEANUP(free_at) char *file = text_printable(source->file);
		return buffer_add_format(
			listing->out, listing->err, "source      %s: %s, %llu rows, %llu refused, %s\n", name,
			file, (unsigned long long)source->rows, (unsigned long long)source->refused, time);
	}
	json_t *object = json_object();
	json_build_text(object, "name", source->name);
	json_build_text(object, "file", source->file);
	json_build_text(object, "sha256", digest);
	json_build_text(object, "imported_at", time);
	json_build_count(object, "rows", (json_int_t)source->rows);
	json_build_count(object, "refused", (json_int_t)source->refused);
	return json_array_append_new(listing->json, object);
}

static int print_json_record(struct index_snapshot *snapshot,
							 const struct index_statistics *statistics)
{
	struct error reason = ERROR_INIT;
	struct listing listing = {.json = json_array(), .err = &reason};
	json_t *identities = json_object();
	json_t *origins = json_object();
	for (unsigned bit = 0; bit < IDENTITY_COUNT; bit++)
		json_object_set_new(identities, identity_name((enum identity)(1U << bit)),
							json_integer((json_int_t)statistics->identities[bit]));
	for (int origin = ORIGIN_PUBLIC; origin >= ORIGIN_UNKNOWN; origin--)
		json_object_set_new(origins, origin_name((enum origin)origin),
							json_integer((json_int_t)statistics->origins[origin]));
	json_t *record = json_pack("{sI sI sI so so so sI}", "version", (json_int_t)statistics->version,
							   "images", (json_int_t)statistics->images, "digests",
							   (json_int_t)statistics->digests, "identities", identities, "origins",
							   origins, "sources", listing.json, "bytes",
							   (json_int_t)statistics->bytes);
	if (index_each_source(snapshot, list_source, &listing, &reason) != 0) {
		json_decref(record);
		return command_fail(&reason);
	}
	return print_json(record);
}

static int write_text(struct index_snapshot *snapshot, const struct index_statistics *statistics,
					  struct buffer *out, struct error *err)
{
	struct listing listing = {.out = out, .err = err};
	char size[32];
	if (buffer_add_format(out, err,
						  "version     %u\nimages      %llu\ndigests     %llu\nsize        %s\n",
						  statistics->version, (unsigned long long)statistics->images,
						  (unsigned long long)statistics->digests,
						  text_format_size((long long)statistics->bytes, size, sizeof(size))) != 0)
		return -1;
	for (unsigned bit = 0; bit < IDENTITY_COUNT; bit++)
		if (statistics->identities[bit] > 0 &&
			buffer_add_format(out, err, "identity    %-9s %llu\n",
							  identity_name((enum identity)(1U << bit)),
							  (unsigned long long)statistics->identities[bit]) != 0)
			return -1;
	for (int origin = ORIGIN_PUBLIC; origin >= ORIGIN_UNKNOWN; origin--)
		if (statistics->origins[origin] > 0 &&
			buffer_add_format(out, err, "origin      %-11s %llu images\n",
							  origin_name((enum origin)origin),
							  (unsigned long long)statistics->origins[origin]) != 0)
			return -1;
	return index_each_source(snapshot, list_source, &listing, err);
}

int index_stat(struct index_snapshot *snapshot, const struct index_request *request)
{
	struct index_statistics statistics;
	struct error reason = ERROR_INIT;
	if (index_statistics(snapshot, &statistics, &reason) != 0)
		return command_fail(&reason);
	if (request->json)
		return print_json_record(snapshot, &statistics);
	struct buffer out = BUFFER_INIT(LIMIT_FINDING_SIZE);
	int written = write_text(snapshot, &statistics, &out, &reason);
	int result = written != 0 ? command_fail(&reason) : command_print(&out);
	buffer_clear(&out);
	return result >= 0 ? result : EXIT_DONE;
}
