#include "import_children.h"

#include <string.h>

static int read_os(const struct node *child, const char *platform, const char **out,
				   struct error *err)
{
	struct node owner = *child;
	*out = NULL;
	if (platform != NULL && node_member_object(child, platform, NODE_OPTIONAL, &owner, err) != 0) {
		return -1;
	}
	return node_is_set(&owner) ? node_member_text(&owner, "os", NODE_OPTIONAL, out, err) : 0;
}

static int add_child(struct import_record *record, const struct node *child,
					 const struct import_children *names)
{
	const char *digest;
	const char *os;
	struct error err = ERROR_INIT;
	if (node_expect_object(child, &err) != 0 ||
		node_member_text(child, names->digest, NODE_OPTIONAL, &digest, &err) != 0 ||
		read_os(child, names->platform, &os, &err) != 0) {
		return import_record_refuse(record, names->column, "%s", err.text);
	}
	if (digest == NULL || (os != NULL && strcmp(os, "unknown") == 0)) {
		return 0;
	}
	return import_record_add(record, IMPORT_MANIFEST, names->column, digest, strlen(digest));
}

int import_children_add(struct import_record *record, const struct node *list,
						const struct import_children *names)
{
	for (size_t i = 0; i < node_count(list); i++) {
		struct node child = node_element(list, i);
		if (add_child(record, &child, names) != 0) {
			return -1;
		}
	}
	return 0;
}

int import_children_add_pinned(struct import_record *record, const char *column, const char *text)
{
	const char *at = text == NULL ? NULL : strrchr(text, '@');
	size_t size = text == NULL ? 0 : strlen(text);
	if (at != NULL) {
		size = (size_t)(at - text);
		if (import_record_add(record, IMPORT_DIGEST, column, at + 1, strlen(at + 1)) != 0) {
			return -1;
		}
	}
	return size == 0 ? 0 : import_record_add(record, IMPORT_REPOSITORY, column, text, size);
}
