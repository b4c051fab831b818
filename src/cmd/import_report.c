#include "import_report.h"

#include <stdlib.h>
#include <string.h>

#include "layerproof/json_build.h"
#include "layerproof/memory.h"
#include "layerproof/text.h"
#include "print_json.h"

/* ---- Counting ---- */

/* One digest to know the image by. */
static const struct digest *telling_digest(const struct internal_image *image,
										   enum identity *identity)
{
	if (image->top_count > 0) {
		*identity = image->tops[0].identity;
		return &image->tops[0].digest;
	}
	*identity = image->diff_id_count > 0 ? IDENTITY_DIFF_ID : IDENTITY_LAYER;
	return image->diff_id_count > 0 ? &image->diff_ids[0] : &image->layers[0];
}

static void keep_sample(struct import_report *report, const struct internal_image *image)
{
	char text[DIGEST_TEXT_SIZE];
	enum identity identity;
	const struct digest *digest = telling_digest(image, &identity);
	CLEANUP(free_at) char *name = text_printable(image->name);
	report->samples[report->sample_count++] = memory_format(
		"row %llu: %s %s %s", (unsigned long long)image->row, *name == '\0' ? "(no name)" : name,
		identity_name(identity), digest_format(digest, text));
}

static void count_identity(struct import_report *report, enum identity identity, size_t count)
{
	for (size_t bit = 0; bit < IDENTITY_COUNT; bit++)
		if ((unsigned)identity == 1U << bit)
			report->identities[bit] += count;
}

void import_report_image(struct import_report *report, const struct internal_image *image)
{
	report->images++;
	for (size_t i = 0; i < image->top_count; i++)
		count_identity(report, image->tops[i].identity, 1);
	count_identity(report, IDENTITY_LAYER, image->layer_count);
	count_identity(report, IDENTITY_DIFF_ID, image->diff_id_count);
	if (report->dry_run && report->sample_count < REPORT_SAMPLES)
		keep_sample(report, image);
}

void import_report_passed_over(struct import_report *report, const char *what)
{
	for (size_t i = 0; i < report->kind_count; i++)
		if (strcmp(report->kinds[i].what, what) == 0) {
			report->kinds[i].count++;
			return;
		}
	if (report->kind_count < REPORT_KINDS)
		report->kinds[report->kind_count++] = (struct report_kind){memory_copy_text(what), 1};
}

void import_report_place(struct import_report *report, const char *field, const char *path,
						 uint64_t rows)
{
	report->places = memory_grow(report->places, report->place_count, &report->place_capacity,
								 sizeof(*report->places));
	report->places[report->place_count++] = (struct report_place){memory_copy_text(field),
																  memory_copy_text(path), rows};
}

void import_report_clear(struct import_report *report)
{
	for (size_t i = 0; i < report->sample_count; i++)
		free(report->samples[i]);
	for (size_t i = 0; i < report->kind_count; i++)
		free(report->kinds[i].what);
	for (size_t i = 0; i < report->place_count; i++) {
		free(report->places[i].field);
		free(report->places[i].path);
	}
	free(report->places);
}

/* ---- As JSON ---- */

static json_t *origins_object(const struct import_report *report)
{
	json_t *origins = json_object();
	for (int origin = ORIGIN_PUBLIC; origin >= ORIGIN_UNKNOWN; origin--)
		json_build_count(origins, origin_name((enum origin)origin),
						 (json_int_t)report->origins->counts[origin]);
	return origins;
}

static json_t *identities_object(const struct import_report *report)
{
	json_t *identities = json_object();
	for (size_t bit = 0; bit < IDENTITY_COUNT; bit++)
		if (report->identities[bit] > 0)
			json_build_count(identities, identity_name((enum identity)(1U << bit)),
							 (json_int_t)report->identities[bit]);
	return identities;
}

static json_t *places_array(const struct import_report *report)
{
	json_t *places = json_array();
	for (size_t i = 0; i < report->place_count; i++) {
		json_t *place = json_object();
		json_build_text(place, "field", report->places[i].field);
		json_build_text(place, "path", report->places[i].path);
		json_build_count(place, "rows", (json_int_t)report->places[i].rows);
		json_array_append_new(places, place);
	}
	return places;
}

static int write_json(const struct import_report *report, struct buffer *out, struct error *err)
{
	json_t *record = json_object();
	json_build_text(record, "source", report->source);
	json_build_text(record, "format", report->summary.format);
	json_build_count(record, "rows", (json_int_t)report->summary.rows);
	json_build_count(record, "images", (json_int_t)report->images);
	json_build_count(record, "digests", (json_int_t)report->digests);
	json_build_count(record, "refused", (json_int_t)report->summary.refused);
	json_build_count(record, "passed_over", (json_int_t)report->summary.passed_over);
	json_object_set_new(record, "origins", origins_object(report));
	json_object_set_new(record, "identities", identities_object(report));
	json_object_set_new(record, "places", places_array(report));
	json_build_count(record, "images_new", (json_int_t)report->outcome.images_new);
	json_build_count(record, "digests_new", (json_int_t)report->outcome.digests_new);
	json_object_set_new(record, "already_imported", json_boolean(report->outcome.already_imported));
	json_object_set_new(record, "dry_run", json_boolean(report->dry_run));
	int result = json_build_write(record, out, err);
	json_decref(record);
	return result;
}

/* ---- As text ---- */

static int write_counts(const struct import_report *report, struct buffer *out, struct error *err)
{
	const uint64_t *counts = report->origins->counts;
	return buffer_add_format(
		out, err,
		"%s: %s, %llu rows: %llu images with %llu digests, %llu refused\n"
		"  origins: %llu ours, %llu third-party, %llu public, %llu unknown\n",
		report->file, report->summary.format, (unsigned long long)report->summary.rows,
		(unsigned long long)report->images, (unsigned long long)report->digests,
		(unsigned long long)report->summary.refused, (unsigned long long)counts[ORIGIN_OURS],
		(unsigned long long)counts[ORIGIN_THIRD_PARTY], (unsigned long long)counts[ORIGIN_PUBLIC],
		(unsigned long long)counts[ORIGIN_UNKNOWN]);
}

static int write_kinds(const struct import_report *report, struct buffer *out, struct error *err)
{
	if (report->summary.passed_over == 0)
		return 0;
	if (buffer_add_format(out, err, "  no container images, passed over: %llu:",
						  (unsigned long long)report->summary.passed_over) != 0)
		return -1;
	for (size_t i = 0; i < report->kind_count; i++)
		if (buffer_add_format(out, err, "%s %s %llu", i == 0 ? "" : ",", report->kinds[i].what,
							  (unsigned long long)report->kinds[i].count) != 0)
			return -1;
	return buffer_add(out, "\n", 1, err);
}

static int write_identities(const struct import_report *report, struct buffer *out,
							struct error *err)
{
	const char *before = "  identities:";
	for (size_t bit = 0; bit < IDENTITY_COUNT; bit++) {
		if (report->identities[bit] == 0)
			continue;
		if (buffer_add_format(out, err, "%s %llu %s", before,
							  (unsigned long long)report->identities[bit],
							  identity_name((enum identity)(1U << bit))) != 0)
			return -1;
		before = ",";
	}
	return *before == ',' ? buffer_add(out, "\n", 1, err) : 0;
}

/* What --dry-run is for: which column was read as what, and what came out first. */
static int write_details(const struct import_report *report, struct buffer *out, struct error *err)
{
	for (size_t i = 0; i < report->place_count; i++) {
		CLEANUP(free_at) char *path = text_printable(report->places[i].path);
		if (buffer_add_format(out, err, "  %s from %s, in %llu rows\n", report->places[i].field,
							  path, (unsigned long long)report->places[i].rows) != 0)
			return -1;
	}
	for (size_t i = 0; i < report->sample_count; i++)
		if (buffer_add_format(out, err, "  %s\n", report->samples[i]) != 0)
			return -1;
	return buffer_add_format(out, err, "  nothing was written (--dry-run)\n");
}

static int write_text(const struct import_report *report, struct buffer *out, struct error *err)
{
	if (write_counts(report, out, err) != 0 || write_identities(report, out, err) != 0 ||
		write_kinds(report, out, err) != 0 || origins_write_guesses(report->origins, out, err) != 0)
		return -1;
	if (report->dry_run)
		return write_details(report, out, err);
	if (report->outcome.already_imported)
		return buffer_add_format(out, err,
								 "  nothing was changed: the same file is in the index\n");
	return buffer_add_format(out, err, "  new in the index: %llu images, %llu digests\n",
							 (unsigned long long)report->outcome.images_new,
							 (unsigned long long)report->outcome.digests_new);
}

int import_report_write(const struct import_report *report, bool json, struct buffer *out,
						struct error *err)
{
	return json ? write_json(report, out, err) : write_text(report, out, err);
}
