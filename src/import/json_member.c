#include "json_member.h"

#include <ctype.h>
#include <string.h>

#include "layerproof/memory.h"
#include "layerproof/node.h"

/* One field of one record. */
struct target {
	struct import_record *record;
	enum import_field field;
	const char *column;
	size_t place; /* elements of a list taken so far */
};

static bool is_list_field(enum import_field field)
{
	return field == IMPORT_LAYERS || field == IMPORT_DIFF_IDS;
}

/* An element of a list, wherever on the path the list is. */
static int take_element(struct target *target, const struct node *node)
{
	const char *text;
	struct error err = ERROR_INIT;
	if (node_text(node, &text, &err) != 0) {
		return import_record_refuse(target->record, target->column, "%s", err.text);
	}
	target->place++;
	if (!is_list_field(target->field)) {
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

/* A member found: text or an array of texts. */
static int take_member(struct target *target, const struct node *object, const char *name)
{
	struct node member;
	const char *text;
	struct error err = ERROR_INIT;
	if (node_member_text(object, name, NODE_OPTIONAL, &text, &err) == 0) {
		return import_record_add(target->record, target->field, target->column, text, strlen(text));
	}
	struct error not_array = ERROR_INIT;
	if (node_member_array(object, name, NODE_OPTIONAL, &member, &not_array) == 0) {
		return take_array(target, &member);
	}
	return import_record_refuse(target->record, target->column, "%s", err.text);
}

static bool has_member(const struct node *object, const char *name)
{
	struct node member;
	struct error ignored = ERROR_INIT;
	node_member(object, name, NODE_OPTIONAL, &member, &ignored);
	return node_is_set(&member);
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
		if (is_list_field(target->field)) {
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
	if (has_member(object, path)) {
		return take_member(target, object, path);
	}
	const char *dot = strchr(path, '.');
	if (dot == NULL) {
		return 0;
	}
	CLEANUP(free_at) char *name = memory_copy_span(path, (size_t)(dot - path));
	struct node member;
	struct error err = ERROR_INIT;
	if (node_member_array(object, name, NODE_OPTIONAL, &member, &err) == 0) {
		return follow_each(target, &member, dot + 1);
	}
	return follow_path(target, &member, dot + 1);
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
		struct node member;
		struct error err = ERROR_INIT;
		spell(target->column, (enum spelling)spelling, name);
		bool absent_or_object = node_member_object(object, name, NODE_OPTIONAL, &member, &err) == 0;
		if (!absent_or_object) {
			return take_member(target, object, name);
		}
	}
	return 0;
}

static void take_fields(const struct node *object, const struct import_columns *columns,
						struct import_record *record)
{
	for (size_t i = 0; i < IMPORT_FIELD_COUNT; i++) {
		struct target target = {record, (enum import_field)i, columns->name[i], 0};
		int status = columns->mapped[i] ? follow_path(&target, object, columns->name[i])
										: take_default(&target, object);
		if (status != 0) {
			return;
		}
	}
}

void json_record_read(const char *bytes, size_t size, const struct import_columns *columns,
					  struct import_record *record)
{
	struct error err = ERROR_INIT;
	json_t *value = node_parse(bytes, size, "record", &err);
	if (value == NULL) {
		import_record_refuse(record, NULL, "%s", err.text);
		return;
	}
	struct node root = node_root(value, "record");
	if (node_expect_object(&root, &err) != 0) {
		import_record_refuse(record, NULL, "%s", err.text);
	} else {
		take_fields(&root, columns, record);
	}
	json_decref(value);
}
