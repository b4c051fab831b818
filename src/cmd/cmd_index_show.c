/*
 * index show: everything the index knows of one digest.
 */
#include <stdlib.h>
#include <string.h>

#include "cmd_index.h"
#include "command.h"
#include "layerproof/index_files.h"
#include "layerproof/limits.h"
#include "layerproof/log.h"
#include "layerproof/text.h"
#include "print_json.h"

/* What is shown of one internal image. */
struct shown_image {
	struct internal_image image;
	struct boundary boundary;
};

static json_t *identity_list(unsigned identities)
{
	json_t *list = json_array();
	for (unsigned bit = 0; bit < IDENTITY_COUNT; bit++)
		if ((identities >> bit & 1) != 0)
			json_array_append_new(list, json_string(identity_name((enum identity)(1U << bit))));
	return list;
}

static json_t *image_object(const struct shown_image *shown)
{
	const struct internal_image *image = &shown->image;
	json_t *object = json_object();
	json_build_text(object, "name", image->name);
	json_build_text(object, "platform", image->platform);
	json_build_text(object, "source", image->source);
	if (image->row > 0)
		json_build_count(object, "row", (json_int_t)image->row);
	json_build_text(object, "origin", origin_name(image->origin));
	json_object_set_new(object, "boundary",
						json_pack("{sI sb ss}", "layers", (json_int_t)shown->boundary.layers,
								  "known", (int)shown->boundary.known, "reason",
								  boundary_reason_name(shown->boundary.reason)));
	return object;
}

static int write_image(const struct shown_image *shown, struct buffer *out, struct error *err)
{
	CLEANUP(free_at) char *name = text_printable(shown->image.name);
	CLEANUP(free_at) char *source = text_printable(shown->image.source);
	if (buffer_add_format(out, err, "image       %s (%s, %s", *name == '\0' ? "-" : name,
						  origin_name(shown->image.origin), source) != 0 ||
		(shown->image.row > 0 &&
		 buffer_add_format(out, err, " row %llu", (unsigned long long)shown->image.row) != 0))
		return -1;
	return buffer_add_format(out, err, ")\n  base      %zu layer%s, %s\n", shown->boundary.layers,
							 shown->boundary.layers == 1 ? "" : "s",
							 boundary_reason_text(shown->boundary.reason));
}

static int write_entry(const struct digest *digest, const struct index_entry *entry,
					   struct buffer *out, struct error *err)
{
	char text[DIGEST_TEXT_SIZE];
	if (buffer_add_format(out, err, "digest      %s\norigin      %s\nidentities ",
						  digest_format(digest, text), origin_name(entry->origin)) != 0)
		return -1;
	for (unsigned bit = 0; bit < IDENTITY_COUNT; bit++)
		if ((entry->identities >> bit & 1) != 0 &&
			buffer_add_format(out, err, " %s", identity_name((enum identity)(1U << bit))) != 0)
			return -1;
	return buffer_add_format(out, err, "\nimages      %u\n", entry->images);
}

/* What is known of a digest: by its own, or as a file by the layers that hold it. */
struct known {
	struct index_entry entry;
	uint32_t *numbers; /* of images, upward, each once */
	size_t count;
	size_t capacity;
};

static void known_clear(struct known *known)
{
	free(known->numbers);
}

/* Adds the images that hold a digest. */
static int add_holders(struct index_snapshot *snapshot, const struct digest *digest,
					   const struct index_entry *entry, struct known *known, struct error *err)
{
	CLEANUP(free_at) uint32_t *numbers = memory_alloc(entry->images, sizeof(*numbers));
	int count = index_holders(snapshot, digest, numbers, entry->images, err);
	for (int i = 0; i < count; i++) {
		known->numbers = memory_grow(known->numbers, known->count, &known->capacity,
									 sizeof(*known->numbers));
		known->numbers[known->count++] = numbers[i];
	}
	return count < 0 ? -1 : 0;
}

static int add_file_holders(struct index_snapshot *snapshot, const struct index_file *file,
							struct known *known, struct error *err)
{
	for (size_t i = 0; i < file->layer_count; i++) {
		struct index_file_layer layer;
		struct index_entry entry;
		if (index_get_file_layer(snapshot, file->layers[i], &layer, err) != 0)
			return -1;
		int found = index_find(snapshot, &layer.digest, &entry, err);
		if (found < 0 ||
			(found == 1 && add_holders(snapshot, &layer.digest, &entry, known, err) != 0))
			return -1;
	}
	return 0;
}

static int compare_numbers(const void *a, const void *b)
{
	const uint32_t *left = a;
	const uint32_t *right = b;
	return *left < *right ? -1 : *left > *right;
}

static void sort_numbers(struct known *known)
{
	size_t kept = 0;
	if (known->count > 1)
		qsort(known->numbers, known->count, sizeof(*known->numbers), compare_numbers);
	for (size_t i = 0; i < known->count; i++)
		if (i == 0 || known->numbers[i] != known->numbers[kept - 1])
			known->numbers[kept++] = known->numbers[i];
	known->count = kept;
	known->entry.images = (uint32_t)kept;
}

/* 1 found, 0 not, -1 error. */
static int find(struct index_snapshot *snapshot, const struct digest *digest, struct known *known,
				struct error *err)
{
	struct index_file file;
	int found = index_find(snapshot, digest, &known->entry, err);
	if (found < 0 || (found == 1 && add_holders(snapshot, digest, &known->entry, known, err) != 0))
		return -1;
	int is_file = index_find_file(snapshot, digest, &file, err);
	if (is_file != 1)
		return is_file < 0 ? -1 : found;
	if (found == 0)
		known->entry = (struct index_entry){.origin = file.origin};
	known->entry.identities |= IDENTITY_FILE;
	if (add_file_holders(snapshot, &file, known, err) != 0)
		return -1;
	sort_numbers(known);
	return 1;
}

/* Appends each holder to `images` (JSON) or to `out`. */
static int show_holders(struct index_snapshot *snapshot, const struct index_request *request,
						const struct known *known, json_t *images, struct buffer *out,
						struct error *err)
{
	for (size_t i = 0; i < known->count; i++) {
		struct shown_image shown;
		if (index_holder(snapshot, known->numbers[i], request->complete_bases, &shown.image,
						 &shown.boundary, err) != 0)
			return -1;
		int result = images != NULL ? json_array_append_new(images, image_object(&shown))
									: write_image(&shown, out, err);
		internal_image_clear(&shown.image);
		if (result != 0)
			return -1;
	}
	return 0;
}

static int show_json(struct index_snapshot *snapshot, const struct index_request *request,
					 const struct digest *digest, const struct known *known)
{
	char text[DIGEST_TEXT_SIZE];
	struct error reason = ERROR_INIT;
	json_t *images = json_array();
	json_t *record = json_pack("{ss so ss so}", "digest", digest_format(digest, text), "identities",
							   identity_list(known->entry.identities), "origin",
							   origin_name(known->entry.origin), "images", images);
	if (show_holders(snapshot, request, known, images, NULL, &reason) != 0) {
		json_decref(record);
		return command_fail(&reason);
	}
	return print_json(record);
}

static int show_text(struct index_snapshot *snapshot, const struct index_request *request,
					 const struct digest *digest, const struct known *known)
{
	struct buffer out = BUFFER_INIT(LIMIT_FINDING_SIZE);
	struct error reason = ERROR_INIT;
	int result;
	if (write_entry(digest, &known->entry, &out, &reason) != 0 ||
		show_holders(snapshot, request, known, NULL, &out, &reason) != 0)
		result = command_fail(&reason);
	else
		result = command_print(&out);
	buffer_clear(&out);
	return result >= 0 ? result : EXIT_DONE;
}

int index_show(struct index_snapshot *snapshot, const struct index_request *request)
{
	struct digest digest;
	CLEANUP(known_clear) struct known known = {.count = 0};
	struct error reason = ERROR_INIT;
	if (digest_parse_lenient(request->operand, strlen(request->operand), &digest, &reason) != 0) {
		error_add_context(&reason, "%s", request->operand);
		return command_fail(&reason);
	}
	int found = find(snapshot, &digest, &known, &reason);
	if (found < 0)
		return command_fail(&reason);
	if (found == 0) {
		log_note("%s: not in the index", request->operand);
		return EXIT_HOLDS;
	}
	return request->json ? show_json(snapshot, request, &digest, &known)
						 : show_text(snapshot, request, &digest, &known);
}
