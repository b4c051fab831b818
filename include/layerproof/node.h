/*
 * node: a value inside a JSON document, with its place, for strict reading.
 *
 * Documents are I-JSON (RFC 7493): duplicate members are refused, nesting and size are bounded, and
 * each error names the member that offends, like "manifest: layers[2].digest: not a string".
 * A member that is `null` counts as absent: Go programs write null for an empty list.
 */
#ifndef LAYERPROOF_NODE_H
#define LAYERPROOF_NODE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layerproof/digest.h"
#include "layerproof/error.h"
#include "layerproof/memory.h"

/* Open value, made on the stack; borrows the JSON value and its parent, which must outlive it. */
struct node {
	const json_t *value;       /* NULL: absent */
	const struct node *parent; /* NULL: the document */
	const char *member;        /* the member's name, or the document's name */
	size_t element;            /* place in the parent, when the parent is an array */
};

enum node_presence { NODE_OPTIONAL, NODE_REQUIRED };

/* Parses one JSON document of any kind. Returns an owned value (json_decref) or NULL with
 * ERROR_MALFORMED ("NAME: line 1 column 7: ...") or ERROR_OVER_LIMIT (nesting). */
json_t *node_parse(const void *bytes, size_t size, const char *name, struct error *err);
DEFINE_CLEANUP(json_t, json_decref)

/* The node of a whole document. `name` starts the path in error texts. */
struct node node_root(const json_t *value, const char *name);

/* ERROR_MALFORMED with the node's path before the text. */
int node_error(const struct node *node, struct error *err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

bool node_is_set(const struct node *node);

enum node_kind { NODE_ABSENT, NODE_OBJECT, NODE_ARRAY, NODE_TEXT, NODE_OTHER };
enum node_kind node_kind(const struct node *node);

/* The text of a NODE_TEXT without a NUL in it, which node_text() refuses; else NULL. Borrowed. */
const char *node_peek_text(const struct node *node);

/* The member of this name, whatever its kind; absent when there is none or `object` is none. */
struct node node_find(const struct node *object, const char *name);

/* Checks that the node itself is an object or an array. */
int node_expect_object(const struct node *node, struct error *err);

/* A member of an object, whatever its kind. Absent and optional: `out->value` is NULL. */
int node_member(const struct node *object, const char *name, enum node_presence presence,
				struct node *out, struct error *err);

/* Members of one kind. An optional one that is absent leaves `*out` NULL (or `fallback`, or an
 * unset digest). Texts are borrowed. */
int node_member_object(const struct node *object, const char *name, enum node_presence presence,
					   struct node *out, struct error *err);
int node_member_array(const struct node *object, const char *name, enum node_presence presence,
					  struct node *out, struct error *err);
int node_member_text(const struct node *object, const char *name, enum node_presence presence,
					 const char **out, struct error *err);
int node_member_bool(const struct node *object, const char *name, bool fallback, bool *out,
					 struct error *err);
/* A whole number of 0 or more. */
int node_member_size(const struct node *object, const char *name, enum node_presence presence,
					 int64_t *out, struct error *err);

/* Walks the members of an object, null ones included: `*position` is NULL before the first. False
 * when there are no more, or when the node is no object. */
bool node_next_member(const struct node *object, void **position, struct node *out);

/* The object without one of its members. Owned by the caller (json_decref); NULL when
 * nothing else is there. */
json_t *node_without(const struct node *object, const char *name);

/* Elements of an array; 0 for an absent one. */
size_t node_count(const struct node *array);
struct node node_element(const struct node *array, size_t element);

/* The node itself as text. */
int node_text(const struct node *node, const char **out, struct error *err);

#endif
