#include "layerproof/node.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "layerproof/text.h"
#include "utf8.h"

enum { PATH_SIZE = 256 };

struct survey {
	size_t deepest; /* nesting of brackets */
	size_t values;  /* roughly: brackets and commas */
};

/* Looks at the brackets and commas outside strings: jansson's own bound on depth is far higher, and
 * a short text can hold values that take many times its size. */
static struct survey survey_of(const char *bytes, size_t size)
{
	struct survey survey = {.values = 0};
	size_t depth = 0;
	bool in_string = false;
	for (size_t i = 0; i < size; i++) {
		char c = bytes[i];
		if (in_string) {
			if (c == '\\')
				i++;
			else if (c == '"')
				in_string = false;
		} else if (c == '"') {
			in_string = true;
		} else if (c == '{' || c == '[') {
			survey.values++;
			if (++depth > survey.deepest)
				survey.deepest = depth;
		} else if ((c == '}' || c == ']') && depth > 0) {
			depth--;
		} else if (c == ',') {
			survey.values++;
		}
	}
	return survey;
}

json_t *node_parse(const void *bytes, size_t size, const char *name, struct error *err)
{
	/* No bytes need no memory; jansson would take that for a mistake of ours. */
	if (bytes == NULL)
		bytes = "";
	struct survey survey = survey_of(bytes, size);
	if (survey.deepest > LIMIT_JSON_DEPTH) {
		error_set(err, ERROR_OVER_LIMIT, "%s: JSON nested deeper than %d", name, LIMIT_JSON_DEPTH);
		return NULL;
	}
	if (survey.values > LIMIT_JSON_VALUES) {
		error_set(err, ERROR_OVER_LIMIT, "%s: JSON of more than %d values", name,
				  LIMIT_JSON_VALUES);
		return NULL;
	}
	json_error_t reason;
	/* RFC 7493 section 2.3: no duplicate names. A NUL in some text must not take the whole document
	 * out of sight: node_text() refuses it where it is read. */
	json_t *value = json_loadb(bytes, size,
							   JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &reason);
	if (value == NULL) {
		/* The piece of the document that jansson quotes may end within a character. */
		CLEANUP(free_at) char *why = text_utf8(reason.text, strlen(reason.text));
		error_set(err, ERROR_MALFORMED, "%s: line %d column %d: %s", name, reason.line,
				  reason.column, why);
	}
	return value;
}

struct node node_root(const json_t *value, const char *name)
{
	return (struct node){.value = value, .member = name};
}

/* "manifest: layers[2].digest". Recursion is as deep as the code that walks the document, not as
 * the document. */
static size_t render_path(const struct node *node, char *path, size_t size)
{
	if (node->parent == NULL) {
		snprintf(path, size, "%s: ", node->member);
		return strlen(path);
	}
	size_t used = render_path(node->parent, path, size);
	if (node->member == NULL)
		snprintf(path + used, size - used, "[%zu]", node->element);
	else
		snprintf(path + used, size - used, "%s%s", node->parent->parent == NULL ? "" : ".",
				 node->member);
	return strlen(path);
}

int node_error(const struct node *node, struct error *err, const char *format, ...)
{
	char path[PATH_SIZE];
	char text[ERROR_TEXT_SIZE];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	/* A path that fills its room may be cut within a character. */
	size_t used = render_path(node, path, sizeof(path));
	path[utf8_whole_size(path, used)] = '\0';
	return error_set(err, ERROR_MALFORMED, "%s%s%s", path, node->parent == NULL ? "" : ": ", text);
}

enum node_kind node_kind(const struct node *node)
{
	if (!node_is_set(node))
		return NODE_ABSENT;
	if (json_is_object(node->value))
		return NODE_OBJECT;
	if (json_is_array(node->value))
		return NODE_ARRAY;
	return json_is_string(node->value) ? NODE_TEXT : NODE_OTHER;
}

const char *node_peek_text(const struct node *node)
{
	const char *text = json_string_value(node->value);
	return text != NULL && strlen(text) == json_string_length(node->value) ? text : NULL;
}

struct node node_find(const struct node *object, const char *name)
{
	const json_t *value = json_object_get(object->value, name);
	return (struct node){json_is_null(value) || value == NULL ? NULL : value, object, name, 0};
}

bool node_is_set(const struct node *node)
{
	return node->value != NULL;
}

int node_expect_object(const struct node *node, struct error *err)
{
	return json_is_object(node->value) ? 0 : node_error(node, err, "not an object");
}

int node_member(const struct node *object, const char *name, enum node_presence presence,
				struct node *out, struct error *err)
{
	const json_t *value = json_object_get(object->value, name);
	*out = (struct node){.parent = object, .member = name};
	if (value != NULL && !json_is_null(value))
		out->value = value;
	else if (presence == NODE_REQUIRED)
		return node_error(out, err, "is missing");
	return 0;
}

int node_member_object(const struct node *object, const char *name, enum node_presence presence,
					   struct node *out, struct error *err)
{
	if (node_member(object, name, presence, out, err) != 0)
		return -1;
	return !node_is_set(out) || json_is_object(out->value) ? 0
														   : node_error(out, err, "not an object");
}

int node_member_array(const struct node *object, const char *name, enum node_presence presence,
					  struct node *out, struct error *err)
{
	if (node_member(object, name, presence, out, err) != 0)
		return -1;
	return !node_is_set(out) || json_is_array(out->value) ? 0
														  : node_error(out, err, "not an array");
}

int node_text(const struct node *node, const char **out, struct error *err)
{
	if (!json_is_string(node->value))
		return node_error(node, err, "not a string");
	if (strlen(json_string_value(node->value)) != json_string_length(node->value))
		return node_error(node, err, "a NUL is in it");
	*out = json_string_value(node->value);
	return 0;
}

int node_member_text(const struct node *object, const char *name, enum node_presence presence,
					 const char **out, struct error *err)
{
	struct node member;
	*out = NULL;
	if (node_member(object, name, presence, &member, err) != 0)
		return -1;
	return node_is_set(&member) ? node_text(&member, out, err) : 0;
}

int node_member_bool(const struct node *object, const char *name, bool fallback, bool *out,
					 struct error *err)
{
	struct node member;
	*out = fallback;
	if (node_member(object, name, NODE_OPTIONAL, &member, err) != 0)
		return -1;
	if (!node_is_set(&member))
		return 0;
	if (!json_is_boolean(member.value))
		return node_error(&member, err, "not true or false");
	*out = json_is_true(member.value);
	return 0;
}

int node_member_size(const struct node *object, const char *name, enum node_presence presence,
					 int64_t *out, struct error *err)
{
	struct node member;
	if (node_member(object, name, presence, &member, err) != 0)
		return -1;
	if (!node_is_set(&member))
		return 0;
	if (!json_is_integer(member.value) || json_integer_value(member.value) < 0)
		return node_error(&member, err, "not a whole number of 0 or more");
	*out = json_integer_value(member.value);
	return 0;
}

bool node_next_member(const struct node *object, void **position, struct node *out)
{
	/* jansson's iterator changes nothing, but is not const. */
	json_t *value = (json_t *)object->value;
	*position = *position == NULL ? json_object_iter(value)
								  : json_object_iter_next(value, *position);
	if (*position == NULL)
		return false;
	*out = (struct node){.value = json_object_iter_value(*position),
						 .parent = object,
						 .member = json_object_iter_key(*position)};
	return true;
}

json_t *node_without(const struct node *object, const char *name)
{
	json_t *rest = json_object();
	json_object_update(rest, (json_t *)(uintptr_t)object->value);
	json_object_del(rest, name);
	if (json_object_size(rest) > 0)
		return rest;
	json_decref(rest);
	return NULL;
}

size_t node_count(const struct node *array)
{
	return json_array_size(array->value);
}

struct node node_element(const struct node *array, size_t element)
{
	return (struct node){
		.value = json_array_get(array->value, element), .parent = array, .element = element};
}
