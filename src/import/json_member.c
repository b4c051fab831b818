#include "json_member.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "layerproof/memory.h"
#include "layerproof/text.h"

/* One field of one record. */
struct target {
	struct import_record *record;
	enum import_field field;
	const char *column;
	size_t place; /* elements of a list taken so far */
	bool found;   /* there was something */
};

/* Neither text nor what else may stand there. */
static int refuse_kind(struct target *target, const struct node *node)
{
	const char *text;
	struct error err = ERROR_INIT;
	node_text(node, &text, &err);
	return import_record_refuse(target->record, target->column, "%s", err.text);
}

/* An element of a list, wherever on the path the list is. */
static int take_element(struct target *target, const struct node *node)
{
	const char *text = node_peek_text(node);
	if (text == NULL) {
		return refuse_kind(target, node);
	}
	target->place++;
	if (!import_field_is_list(target->field)) {
		return import_record_add(target->record, target->field, target->column, text, strlen(text));
	}
	return import_record_add_element(target->record, target->field, target->column, target->place,
									 text, strlen(text));
}

static int take_array(struct target *target, const struct node *array)
{
	for (size_t i = 0; i < node_count(array); i++) {
		struct node element = node_element(array, i);
		if (take_element(target, &element) != 0) {
			return -1;
		}
	}
	return 0;
}

/* A number of layers that is no text. */
static int take_number(struct target *target, const struct node *object, const char *name)
{
	int64_t number;
	char digits[24];
	struct error err = ERROR_INIT;
	if (node_member_size(object, name, NODE_REQUIRED, &number, &err) != 0) {
		return import_record_refuse(target->record, target->column, "%s", err.text);
	}
	snprintf(digits, sizeof(digits), "%lld", (long long)number);
	return import_record_add(target->record, target->field, target->column, digits, strlen(digits));
}

/* {"critical": 2, "low": 17}: the worst of which there is one. */
static int take_counts(struct target *target, const struct node *counts)
{
	void *position = NULL;
	struct node member;
	while (node_next_member(counts, &position, &member)) {
		int64_t count;
		struct error err = ERROR_INIT;
		if (node_member_size(counts, member.member, NODE_OPTIONAL, &count, &err) == 0 &&
			count > 0 &&
			import_record_add_severity(target->record, target->column, member.member, NULL, NULL) !=
				0) {
			return -1;
		}
	}
	return 0;
}

/* A member found: text or an array of texts; or, of severities, an object of counts. */
static int take_member(struct target *target, const struct node *object, const struct node *member)
{
	enum node_kind kind = node_kind(member);
	target->found = true;
	if (target->field == IMPORT_KEPT) {
		return 0;
	}
	if (target->field == IMPORT_SEVERITY_COUNTS) {
		return kind == NODE_OBJECT ? take_counts(target, member) : refuse_kind(target, member);
	}
	const char *text = node_peek_text(member);
	if (text != NULL) {
		return import_record_add(target->record, target->field, target->column, text, strlen(text));
	}
	if (kind == NODE_ARRAY) {
		return take_array(target, member);
	}
	return target->field == IMPORT_BOUNDARY ? take_number(target, object, member->member)
											: refuse_kind(target, member);
}

static int follow_path(struct target *target, const struct node *object, const char *path);

/* The rest of the path in each element. A layer that lacks it would leave a hole, so it must be in
 * each element of a list field. */
static int follow_each(struct target *target, const struct node *array, const char *path)
{
	for (size_t i = 0; i < node_count(array); i++) {
		struct node element = node_element(array, i);
		struct node member;
		struct error err = ERROR_INIT;
		if (import_field_is_list(target->field)) {
			target->found = true;
			if (node_member(&element, path, NODE_REQUIRED, &member, &err) != 0) {
				return import_record_refuse(target->record, target->column, "%s", err.text);
			}
			if (take_element(target, &member) != 0) {
				return -1;
			}
		} else if (follow_path(target, &element, path) != 0) {
			return -1;
		}
	}
	return 0;
}

/* A member's own name may hold dots, so the whole path is tried before its first part. The path is
 * ours, so the recursion is as deep as the user wrote it. */
static int follow_path(struct target *target, const struct node *object, const char *path)
{
	struct node whole = node_find(object, path);
	if (node_is_set(&whole)) {
		return take_member(target, object, &whole);
	}
	const char *dot = strchr(path, '.');
	if (dot == NULL) {
		return 0;
	}
	CLEANUP(free_at) char *name = memory_copy_span(path, (size_t)(dot - path));
	struct node member = node_find(object, name);
	switch (node_kind(&member)) {
	case NODE_ARRAY:
		return follow_each(target, &member, dot + 1);
	case NODE_OBJECT:
		return follow_path(target, &member, dot + 1);
	default:
		return 0;
	}
}

enum spelling { LOWER_CASE, CAPITALISED, UPPER_CASE, SPELLING_COUNT };

/* `name` is in lower case and shorter than `out`. */
static void spell(const char *name, enum spelling spelling, char *out)
{
	bool upper = spelling != LOWER_CASE;
	do {
		*out++ = upper ? (char)toupper((unsigned char)*name) : *name;
		upper = spelling == UPPER_CASE;
	} while (*name++ != '\0');
}

static int take_default(struct target *target, const struct node *object)
{
	for (int spelling = LOWER_CASE; spelling < SPELLING_COUNT; spelling++) {
		char name[16];
		spell(target->column, (enum spelling)spelling, name);
		struct node member = node_find(object, name);
		if (node_is_set(&member) && node_kind(&member) != NODE_OBJECT) {
			return take_member(target, object, &member);
		}
	}
	return 0;
}

/* ---- One image ---- */

/* The record that is read, and what it is a part of. */
struct reading {
	const struct json_reading *how;
	struct import_record *record;
	const struct node *outer;
	const char *text; /* of the whole record */
	size_t size;
};

static void take_places(const struct reading *reading, const struct node *object)
{
	const struct import_places *places = reading->how->places;
	for (size_t i = 0; i < places->count; i++) {
		const struct import_place_used *used = &places->items[i];
		const char *path = used->place.path;
		bool is_outer = used->kind == IMPORT_PLACE_OF_FORMAT && path[0] == '/';
		struct target target = {
			.record = reading->record, .field = used->place.field, .column = path};
		if (is_outer) {
			target.column = path + 1;
		}
		int status = used->kind == IMPORT_PLACE_BY_NAME
						 ? take_default(&target, object)
						 : follow_path(&target, is_outer ? reading->outer : object, target.column);
		reading->how->found[i] += target.found;
		if (status != 0) {
			return;
		}
	}
}

static bool is_one_of(const char *text, const char *const *values)
{
	for (; *values != NULL; values++) {
		if (text_equal_fold(text, *values)) {
			return true;
		}
	}
	return false;
}

/* The text of a path without lists on it; NULL when it is not there. */
static const char *text_at(const struct node *object, const char *path)
{
	const char *dot = strchr(path, '.');
	struct node whole = node_find(object, path);
	if (dot == NULL || node_is_set(&whole)) {
		return node_peek_text(&whole);
	}
	CLEANUP(free_at) char *name = memory_copy_span(path, (size_t)(dot - path));
	struct node member = node_find(object, name);
	return text_at(&member, dot + 1);
}

/* Whether the object is an image, by the format's conditions. */
static bool is_meant(const struct reading *reading, const struct node *object)
{
	const struct import_condition *condition = reading->how->format->conditions;
	for (; condition != NULL && condition->path != NULL; condition++) {
		const char *text = text_at(object, condition->path);
		if (text != NULL && !is_one_of(text, condition->values)) {
			import_record_pass_over(reading->record, condition->path, text);
			return false;
		}
	}
	return true;
}

static void read_image(const struct reading *reading, const struct node *object)
{
	struct import_record *record = reading->record;
	const struct import_format *format = reading->how->format;
	struct error reason = ERROR_INIT;
	if (node_expect_object(object, &reason) != 0) {
		import_record_refuse(record, NULL, "%s", reason.text);
	} else if (is_meant(reading, object)) {
		take_places(reading, object);
		if (record->state == IMPORT_TAKEN && format->refine != NULL) {
			format->refine(record, object, reading->outer);
		}
		if (record->state == IMPORT_TAKEN && format->any_text) {
			import_record_add_scanned(record, reading->text, reading->size);
		}
	}
	reading->how->emit(reading->how->context, record);
}

/* ---- The images of one record ---- */

static size_t read_each_at(const struct reading *reading, const struct node *node,
						   const char *path);

static size_t read_elements(const struct reading *reading, const struct node *array,
							const char *path)
{
	size_t images = 0;
	for (size_t i = 0; i < node_count(array); i++) {
		struct node element = node_element(array, i);
		images += read_each_at(reading, &element, path);
	}
	return images;
}

/* Reads what stands at the path as an image, or as a list of them, and says how many; the path is
 * the format's, so the recursion is as deep as it is long. */
static size_t read_each_at(const struct reading *reading, const struct node *node, const char *path)
{
	if (*path == '\0') {
		read_image(reading, node);
		import_record_start(reading->record);
		return 1;
	}
	size_t size = strcspn(path, ".");
	CLEANUP(free_at) char *name = memory_copy_span(path, size);
	const char *rest = path + size + (path[size] == '.');
	struct node member = node_find(node, name);
	switch (node_kind(&member)) {
	case NODE_ABSENT:
		return 0;
	case NODE_ARRAY:
		return read_elements(reading, &member, rest);
	default:
		return read_each_at(reading, &member, rest);
	}
}

/* A record with none in it is of something else. */
static void read_each(const struct reading *reading)
{
	const char *const *each = reading->how->format->each;
	size_t images = 0;
	for (size_t i = 0; each[i] != NULL; i++) {
		images += read_each_at(reading, reading->outer, each[i]);
	}
	if (images == 0) {
		import_record_pass_over(reading->record, each[0], "no image in it");
		reading->how->emit(reading->how->context, reading->record);
	}
}

static void refuse(const struct json_reading *how, struct import_record *record,
				   const struct error *reason)
{
	import_record_refuse(record, NULL, "%s", reason->text);
	how->emit(how->context, record);
}

void json_record_read(const char *bytes, size_t size, const struct json_reading *how,
					  struct import_record *record)
{
	struct error reason = ERROR_INIT;
	CLEANUP(json_decref_at) json_t *value = node_parse(bytes, size, "record", &reason);
	if (value == NULL) {
		refuse(how, record, &reason);
		return;
	}
	struct node root = node_root(value, "record");
	struct reading reading = {how, record, &root, bytes, size};
	if (node_expect_object(&root, &reason) != 0) {
		refuse(how, record, &reason);
	} else if (how->format->each != NULL) {
		read_each(&reading);
	} else {
		read_image(&reading, &root);
	}
}
