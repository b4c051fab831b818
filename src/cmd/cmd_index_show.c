/*
 * index show: everything the index knows of one digest.
 */
#include <stdlib.h>
#include <string.h>

#include "cmd_index.h"
#include "command.h"
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

/* Appends each holder to `images` (JSON) or to `out`. */
static int show_holders(struct index_snapshot *snapshot, const struct index_request *request,
						const struct digest *digest, const struct index_entry *entry,
						json_t *images, struct buffer *out, struct error *err)
{
	CLEANUP(free_at) uint32_t *numbers = memory_alloc(entry->images, sizeof(*numbers));
	int count = index_holders(snapshot, digest, numbers, entry->images, err);
	for (int i = 0; i < count; i++) {
		struct shown_image shown;
		if (index_holder(snapshot, numbers[i], request->complete_bases, &shown.image,
						 &shown.boundary, err) != 0)
			return -1;
		int result = images != NULL ? json_array_append_new(images, image_object(&shown))
									: write_image(&shown, out, err);
		internal_image_clear(&shown.image);
		if (result != 0)
			return -1;
	}
	return count < 0 ? -1 : 0;
}

static int show_json(struct index_snapshot *snapshot, const struct index_request *request,
					 const struct digest *digest, const struct index_entry *entry)
{
	char text[DIGEST_TEXT_SIZE];
	struct error reason = ERROR_INIT;
	json_t *images = json_array();
	json_t *record = json_pack("{ss so ss so}", "digest", digest_format(digest, text), "identities",
							   identity_list(entry->identities), "origin",
							   origin_name(entry->origin), "images", images);
	if (show_holders(snapshot, request, digest, entry, images, NULL, &reason) != 0) {
		json_decref(record);
		return command_fail(&reason);
	}
	return print_json(record);
}

static int show_text(struct index_snapshot *snapshot, const struct index_request *request,
					 const struct digest *digest, const struct index_entry *entry)
{
	struct buffer out = BUFFER_INIT(LIMIT_FINDING_SIZE);
	struct error reason = ERROR_INIT;
	int result;
	if (write_entry(digest, entry, &out, &reason) != 0 ||
		show_holders(snapshot, request, digest, entry, NULL, &out, &reason) != 0)
		result = command_fail(&reason);
	else
		result = command_print(&out);
	buffer_clear(&out);
	return result >= 0 ? result : EXIT_DONE;
}

int index_show(struct index_snapshot *snapshot, const struct index_request *request)
{
	struct digest digest;
	struct index_entry entry;
	struct error reason = ERROR_INIT;
	if (digest_parse_lenient(request->operand, strlen(request->operand), &digest, &reason) != 0) {
		error_add_context(&reason, "%s", request->operand);
		return command_fail(&reason);
	}
	int found = index_find(snapshot, &digest, &entry, &reason);
	if (found < 0)
		return command_fail(&reason);
	if (found == 0) {
		log_note("%s: not in the index", request->operand);
		return EXIT_HOLDS;
	}
	return request->json ? show_json(snapshot, request, &digest, &entry)
						 : show_text(snapshot, request, &digest, &entry);
}
