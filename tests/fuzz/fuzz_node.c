/*
 * fuzz_node: what is taken as JSON is no deeper than the bound, has no member twice and no text
 * with a NUL, and can be walked; what is refused says why.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "layerproof/node.h"
#include "layerproof/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
	if (!condition)
		abort();
}

static void check_utf8(const char *text)
{
	char *valid CLEANUP(free_at) = text_utf8(text, strlen(text));
	require(strcmp(valid, text) == 0);
}

static void check_error(const struct node *node)
{
	struct error err = ERROR_INIT;
	require(node_error(node, &err, "reason") == -1);
	require(err.code == ERROR_MALFORMED && text_starts_with(err.text, "document: ") &&
			text_ends_with(err.text, "reason"));
	check_utf8(err.text);
}

/* Whatever the kind of a node, each getter takes it or says that it is of another one. */
static void check_getters(const struct node *object, const char *name)
{
	struct error err = ERROR_INIT;
	struct node member;
	const char *text;
	bool flag;
	int64_t number = 0;
	int taken = (node_member_text(object, name, NODE_OPTIONAL, &text, &err) == 0) +
				(node_member_size(object, name, NODE_OPTIONAL, &number, &err) == 0) +
				(node_member_bool(object, name, false, &flag, &err) == 0) +
				(node_member_object(object, name, NODE_OPTIONAL, &member, &err) == 0) +
				(node_member_array(object, name, NODE_OPTIONAL, &member, &err) == 0);
	require(node_member(object, name, NODE_OPTIONAL, &member, &err) == 0);
	/* A null is taken as absent by all of them; a number may be no size. */
	require(node_is_set(&member) ? taken <= 1 : taken == 5);
	require(number >= 0);
}

static void walk(const struct node *node, int depth);

static void walk_members(const struct node *object, int depth)
{
	struct node member;
	void *position = NULL;
	size_t count = 0;
	while (node_next_member(object, &position, &member)) {
		check_utf8(member.member);
		check_getters(object, member.member);
		walk(&member, depth + 1);
		count++;
	}
	require(count == json_object_size(object->value));
}

static void walk(const struct node *node, int depth)
{
	struct error err = ERROR_INIT;
	const char *text;
	require(depth <= LIMIT_JSON_DEPTH);
	check_error(node);
	walk_members(node, depth);
	for (size_t i = 0; i < node_count(node); i++) {
		struct node element = node_element(node, i);
		walk(&element, depth + 1);
	}
	if (node_text(node, &text, &err) == 0) {
		check_utf8(text);
		require(strlen(text) == json_string_length(node->value));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = ERROR_INIT;
	json_t *value = node_parse(data, size, "document", &err);
	if (value == NULL) {
		require(err.code == ERROR_MALFORMED || err.code == ERROR_OVER_LIMIT);
		require(text_starts_with(err.text, "document: "));
		check_utf8(err.text);
		return 0;
	}
	require(err.code == ERROR_NONE);
	struct node root = node_root(value, "document");
	walk(&root, 0);
	json_decref(value);
	return 0;
}
