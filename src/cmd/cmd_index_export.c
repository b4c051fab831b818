/*
 * index export: the whole index as JSON lines that `import` reads again.
 */
#include <stdlib.h>
#include <string.h>

#include "cmd_index.h"
#include "command.h"
#include "image_json.h"
#include "layerproof/clock.h"
#include "layerproof/index_files.h"
#include "layerproof/limits.h"
#include "print_json.h"

struct exporting {
	struct index_source *sources; /* copies of their texts are owned */
	size_t count, capacity;
	struct buffer out; /* one line */
	struct error reason;
	int exit_code; /* why it ended early; -1: it has not */
};

/* Ends the walk when it does not return 0. */
static int print_line(struct exporting *exporting, json_t *record)
{
	buffer_reset(&exporting->out);
	int written = json_build_write(record, &exporting->out, &exporting->reason);
	json_decref(record);
	exporting->exit_code = written != 0 ? command_fail(&exporting->reason)
										: command_print(&exporting->out);
	return exporting->exit_code >= 0;
}

/* ---- Sources ---- */

static int keep_source(void *context, const struct index_source *source)
{
	struct exporting *exporting = context;
	exporting->sources = memory_grow(exporting->sources, exporting->count, &exporting->capacity,
									 sizeof(*exporting->sources));
	struct index_source *kept = &exporting->sources[exporting->count++];
	*kept = *source;
	kept->name = memory_copy_text(source->name);
	kept->file = memory_copy_text(source->file);
	return 0;
}

static int compare_sources(const void *a, const void *b)
{
	const struct index_source *left = a;
	const struct index_source *right = b;
	int order = strcmp(left->name, right->name);
	return order != 0 ? order : digest_compare(&left->sha256, &right->sha256);
}

static int print_source(struct exporting *exporting, const struct index_source *source)
{
	char digest[DIGEST_TEXT_SIZE];
	char time[CLOCK_TEXT_SIZE];
	json_t *record = json_object();
	json_build_text(record, "schema", "layerproof.source.v1");
	json_build_text(record, "name", source->name);
	json_build_text(record, "file", source->file);
	if (digest_is_set(&source->sha256))
		json_build_text(record, "sha256", digest_format(&source->sha256, digest));
	json_build_text(record, "imported_at", clock_format(source->imported_at, time));
	json_build_count(record, "rows", (json_int_t)source->rows);
	json_build_count(record, "refused", (json_int_t)source->refused);
	return print_line(exporting, record);
}

static int print_sources(struct exporting *exporting)
{
	int result = 0;
	if (exporting->count > 1)
		qsort(exporting->sources, exporting->count, sizeof(*exporting->sources), compare_sources);
	for (size_t i = 0; result == 0 && i < exporting->count; i++)
		result = print_source(exporting, &exporting->sources[i]);
	return result;
}

/* ---- Images ---- */

static json_t *mention_object(const struct image_mention *mention)
{
	char digest[DIGEST_TEXT_SIZE];
	json_t *object = json_object();
	json_build_text(object, "source", mention->source);
	if (digest_is_set(&mention->file))
		json_build_text(object, "sha256", digest_format(&mention->file, digest));
	if (mention->row > 0)
		json_build_count(object, "row", (json_int_t)mention->row);
	if (mention->has_boundary)
		json_build_count(object, "boundary", (json_int_t)mention->boundary);
	if (mention->root_layers > 0)
		json_build_count(object, "root_layers", (json_int_t)mention->root_layers);
	image_json_add_severities(object, &mention->severities, mention->layer_severities,
							  mention->layer_severity_count);
	return object;
}

static int print_image(void *context, const struct internal_image *image)
{
	char digest[DIGEST_TEXT_SIZE];
	json_t *record = json_object();
	json_t *mentions = json_array();
	json_build_text(record, "schema", "layerproof.internal_image.v1");
	json_build_text(record, "name", image->name);
	json_build_text(record, "platform", image->platform);
	json_build_text(record, "origin", origin_name(image->origin));
	image_json_add_digests(record, image);
	if (digest_is_set(&image->base_digest))
		json_build_text(record, "base", digest_format(&image->base_digest, digest));
	for (size_t i = 0; i < image->mention_count; i++)
		json_array_append_new(mentions, mention_object(&image->mentions[i]));
	json_object_set_new(record, "mentions", mentions);
	return print_line(context, record);
}

/* ---- Files ---- */

/* The files of one layer are told in as many lines as it takes. */
enum { FILES_IN_LINE = 1000 };

struct listing {
	struct exporting *exporting;
	struct index_file_layer layer;
	json_t *files; /* NULL: no line is begun */
};

static int end_line(struct listing *listing)
{
	char digest[DIGEST_TEXT_SIZE];
	if (listing->files == NULL)
		return 0;
	json_t *record = json_object();
	json_build_text(record, "schema", "layerproof.layer_files.v1");
	json_build_text(record, "layer", digest_format(&listing->layer.digest, digest));
	if (listing->layer.has_packages)
		json_object_set_new(record, "packages", json_true());
	json_object_set_new(record, "files", STEAL(listing->files));
	return print_line(listing->exporting, record);
}

static int list_file(void *context, const struct index_file_layer *layer, const struct digest *file)
{
	struct listing *listing = context;
	char digest[DIGEST_TEXT_SIZE];
	bool is_full = listing->files != NULL && json_array_size(listing->files) == FILES_IN_LINE;
	if (is_full || !digest_equal(&layer->digest, &listing->layer.digest)) {
		int ended = end_line(listing);
		if (ended != 0)
			return ended;
	}
	if (listing->files == NULL)
		listing->files = json_array();
	listing->layer = *layer;
	json_array_append_new(listing->files, json_string(digest_format(file, digest)));
	return 0;
}

static int print_files(struct index_snapshot *snapshot, struct exporting *exporting)
{
	struct listing listing = {.exporting = exporting};
	int result = index_each_file(snapshot, list_file, &listing, &exporting->reason);
	if (result == 0)
		return end_line(&listing);
	json_decref(listing.files);
	return result;
}

int index_export(struct index_snapshot *snapshot, const struct index_request *request)
{
	struct exporting exporting = {.out = BUFFER_INIT(LIMIT_IMPORT_RECORD), .exit_code = -1};
	(void)request;
	int result = index_each_source(snapshot, keep_source, &exporting, &exporting.reason);
	if (result == 0)
		result = print_sources(&exporting);
	if (result == 0)
		result = index_each_image_in_order(snapshot, print_image, &exporting, &exporting.reason);
	if (result == 0)
		result = print_files(snapshot, &exporting);
	for (size_t i = 0; i < exporting.count; i++)
		index_source_clear(&exporting.sources[i]);
	free(exporting.sources);
	buffer_clear(&exporting.out);
	if (exporting.exit_code >= 0)
		return exporting.exit_code;
	return result < 0 ? command_fail(&exporting.reason) : EXIT_DONE;
}
