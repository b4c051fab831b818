#include "layerproof/image_index.h"

#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "layerproof/node.h"
#include "member.h"

static const char *const MEMBERS[] = {"manifests", NULL};

static int read_children(const struct node *manifests, struct image_index *out, struct error *err)
{
	size_t count = node_count(manifests);
	if (count > LIMIT_INDEX_CHILDREN)
		return error_set(err, ERROR_OVER_LIMIT, "index: %zu manifests are more than %d", count,
						 LIMIT_INDEX_CHILDREN);
	out->children = memory_alloc(count, sizeof(*out->children));
	for (; out->count < count; out->count++) {
		struct node child = node_element(manifests, out->count);
		if (descriptor_read(&child, &out->children[out->count], err) != 0)
			return -1;
	}
	return 0;
}

int image_index_parse(const void *bytes, size_t size, struct image_index *out, struct error *err)
{
	json_t *document CLEANUP(json_decref_at) = node_parse(bytes, size, "index", err);
	if (document == NULL)
		return -1;
	struct image_index read CLEANUP(image_index_clear) = {.children = NULL};
	struct node root = node_root(document, "index");
	struct node manifests;
	if (node_expect_object(&root, err) != 0 || member_refuse_variants(&root, MEMBERS, err) != 0 ||
		node_member_array(&root, "manifests", NODE_REQUIRED, &manifests, err) != 0 ||
		read_children(&manifests, &read, err) != 0)
		return -1;
	*out = read;
	read = (struct image_index){.children = NULL};
	return 0;
}

void image_index_clear(struct image_index *index)
{
	for (size_t i = 0; i < index->count; i++)
		descriptor_clear(&index->children[i]);
	free(index->children);
	*index = (struct image_index){.children = NULL};
}
