#include "import_record.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "layerproof/node.h"
#include "layerproof/text.h"

/* Longer names are no names: repository and tag together are under 400 bytes (registry-facts 11).
 */
enum { TEXT_SIZE_MAX = 1024 };

/* Room for LIMIT_LAYERS digests as a JSON array, with quotes and blanks. */
enum { LIST_SIZE_MAX = LIMIT_LAYERS * 2 * DIGEST_TEXT_SIZE };

void import_record_start(struct import_record *record)
{
	internal_image_clear(&record->image);
	*record = (struct import_record){0};
}

void import_record_clear(struct import_record *record)
{
	internal_image_clear(&record->image);
}

int import_record_refuse(struct import_record *record, const char *column, const char *format, ...)
{
	if (!record->refused) {
		va_list values;
		va_start(values, format);
		vsnprintf(record->reason, sizeof(record->reason), format, values);
		va_end(values);
		record->column = column;
		record->refused = true;
	}
	return -1;
}

/* Text for people and for terminals: UTF-8, no control characters. NULL: refused. Owned. */
static char *take_text(struct import_record *record, const char *column, const char *text,
					   size_t size)
{
	if (size > TEXT_SIZE_MAX) {
		import_record_refuse(record, column, "%zu bytes, %d at most", size, TEXT_SIZE_MAX);
		return NULL;
	}
	CLEANUP(free_at) char *copy = memory_copy_span(text, size);
	CLEANUP(free_at) char *printable = text_printable(copy);
	if (strlen(copy) != size || strcmp(copy, printable) != 0) {
		import_record_refuse(record, column, "not printable UTF-8 text");
		return NULL;
	}
	return STEAL(copy);
}

static int take_top(struct import_record *record, enum identity identity, const char *column,
					const char *text, size_t size)
{
	struct digest digest;
	struct error err = ERROR_INIT;
	if (import_digest_parse(text, size, &digest, &err) != 0) {
		return import_record_refuse(record, column, "%s", err.text);
	}
	internal_image_add_top(&record->image, identity, &digest);
	return 0;
}

/* A name may carry the digest itself: repo@sha256:... Of several names the first stands, and the
 * digests of all are taken. */
static int take_name(struct import_record *record, const char *column, const char *text,
					 size_t size)
{
	CLEANUP(free_at) char *name = take_text(record, column, text, size);
	if (name == NULL) {
		return -1;
	}
	const char *at = strrchr(name, '@');
	int status = at == NULL ? 0 : take_top(record, IDENTITY_IMAGE, column, at + 1, strlen(at + 1));
	if (record->image.name == NULL) {
		record->image.name = STEAL(name);
	}
	return status;
}

static int take_platform(struct import_record *record, const char *column, const char *text,
						 size_t size)
{
	if (record->image.platform != NULL) {
		return import_record_refuse(record, column, "more than one value");
	}
	record->image.platform = take_text(record, column, text, size);
	return record->image.platform == NULL ? -1 : 0;
}

static int take_origin(struct import_record *record, const char *column, const char *text,
					   size_t size)
{
	if (record->has_origin) {
		return import_record_refuse(record, column, "more than one value");
	}
	CLEANUP(free_at) char *copy = memory_copy_span(text, size);
	if (strlen(copy) != size || origin_parse(copy, &record->image.origin) != 0) {
		return import_record_refuse(record, column, "none of ours, third_party, public, unknown");
	}
	record->has_origin = true;
	return 0;
}

int import_record_add_element(struct import_record *record, enum import_field field,
							  const char *column, size_t place, const char *text, size_t size)
{
	struct digest digest;
	struct error err = ERROR_INIT;
	text_trim(&text, &size);
	if (place > LIMIT_LAYERS) {
		return import_record_refuse(record, column, "more than %d layers", LIMIT_LAYERS);
	}
	if (size == 0) {
		return import_record_refuse(record, column, "element %zu: empty", place);
	}
	if (import_digest_parse(text, size, &digest, &err) != 0) {
		return import_record_refuse(record, column, "element %zu: %s", place, err.text);
	}
	if (field == IMPORT_LAYERS) {
		internal_image_add_layer(&record->image, &digest);
	} else {
		internal_image_add_diff_id(&record->image, &digest);
	}
	return 0;
}

/* A JSON array inside a cell. */
static int take_json_list(struct import_record *record, enum import_field field, const char *column,
						  const char *text, size_t size)
{
	struct error err = ERROR_INIT;
	if (size > LIST_SIZE_MAX) {
		return import_record_refuse(record, column, "%zu bytes, %d at most", size, LIST_SIZE_MAX);
	}
	json_t *value = node_parse(text, size, "list", &err);
	if (value == NULL) {
		return import_record_refuse(record, column, "%s", err.text);
	}
	struct node list = node_root(value, "list");
	int status = 0;
	for (size_t i = 0; status == 0 && i < node_count(&list); i++) {
		struct node element = node_element(&list, i);
		const char *digest;
		if (node_text(&element, &digest, &err) != 0) {
			status = import_record_refuse(record, column, "%s", err.text);
		} else {
			status = import_record_add_element(record, field, column, i + 1, digest,
											   strlen(digest));
		}
	}
	json_decref(value);
	return status;
}

static bool is_separator(char c)
{
	return text_is_blank(c) || c == ',' || c == ';';
}

static int take_list(struct import_record *record, enum import_field field, const char *column,
					 const char *text, size_t size)
{
	if (text[0] == '[') {
		return take_json_list(record, field, column, text, size);
	}
	size_t place = 0;
	for (size_t at = 0; at < size;) {
		size_t end = at;
		while (end < size && !is_separator(text[end])) {
			end++;
		}
		if (end != at &&
			import_record_add_element(record, field, column, ++place, text + at, end - at) != 0) {
			return -1;
		}
		at = end + 1;
	}
	return 0;
}

int import_record_add(struct import_record *record, enum import_field field, const char *column,
					  const char *text, size_t size)
{
	text_trim(&text, &size);
	if (size == 0) {
		return 0;
	}
	switch (field) {
	case IMPORT_NAME:
		return take_name(record, column, text, size);
	case IMPORT_DIGEST:
		return take_top(record, IDENTITY_IMAGE, column, text, size);
	case IMPORT_CONFIG:
		return take_top(record, IDENTITY_CONFIG, column, text, size);
	case IMPORT_LAYERS:
	case IMPORT_DIFF_IDS:
		return take_list(record, field, column, text, size);
	case IMPORT_PLATFORM:
		return take_platform(record, column, text, size);
	case IMPORT_ORIGIN:
		return take_origin(record, column, text, size);
	case IMPORT_FIELD_COUNT:
		break;
	}
	return -1;
}

int import_record_finish(struct import_record *record)
{
	struct internal_image *image = &record->image;
	if (record->refused) {
		return -1;
	}
	if (image->top_count + image->layer_count + image->diff_id_count == 0) {
		return import_record_refuse(record, NULL, "no digest");
	}
	if (image->layer_count != 0 && image->diff_id_count != 0 &&
		image->layer_count != image->diff_id_count) {
		return import_record_refuse(record, NULL, "%zu layers but %zu diff_ids", image->layer_count,
									image->diff_id_count);
	}
	if (image->name == NULL) {
		image->name = memory_copy_text("");
	}
	return 0;
}
