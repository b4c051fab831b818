#include "layerproof/image_index.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "tree_walk.h"

static void add_index_digest(struct tree_walk *walk, const struct digest *digest)
{
	struct tree *tree = walk->tree;
	tree->indexes = memory_grow(tree->indexes, tree->index_count, &walk->index_capacity,
								sizeof(*tree->indexes));
	tree->indexes[tree->index_count++] = *digest;
}

static void add_index(struct tree_walk *walk, const struct document *document)
{
	add_index_digest(walk, &document->digest);
	if (!digest_equal(&document->digest, &document->digest_sha256))
		add_index_digest(walk, &document->digest_sha256);
}

/* The document must be what the descriptor that led to it says (image-spec media-types.md,
 * "Compatibility Matrix"): two readings of the same bytes are how content is hidden. */
static int expect_kind(const struct document *document, const struct descriptor *declared,
					   json_t **body, struct error *err)
{
	enum media_kind kind;
	CLEANUP(free_at) char *media_type = NULL;
	if (document_identify(document, &kind, &media_type, body, err) != 0)
		return -1;
	if (kind != media_type_kind(declared->media_type))
		return error_set(err, ERROR_MALFORMED, "declared as %s, but it is %s", declared->media_type,
						 media_type);
	return 0;
}

static struct tree_image *add_child_image(struct tree_walk *walk, const struct descriptor *child)
{
	struct tree_image *image = tree_add_image(walk);
	image->platform = memory_copy_text(child->platform);
	image->manifest_declared = child->digest;
	image->is_attestation = child->is_attestation;
	return image;
}

static void read_platform(struct tree_walk *walk, const struct descriptor *child)
{
	struct tree_image *image = add_child_image(walk, child);
	struct tree_place place = {"manifest", child->digest_text, (int)walk->tree->image_count - 1};
	struct error error = ERROR_INIT;
	const struct document *document = tree_read_document(walk, TREE_MANIFEST, child, &place);
	if (document == NULL)
		return;
	json_t *body CLEANUP(json_decref_at) = NULL;
	tree_take_manifest_digests(image, document);
	if (expect_kind(document, child, &body, &error) != 0)
		tree_add_error(walk, &place, &error);
	else
		tree_fill_from_manifest(walk, STEAL(body), &place);
}

static int read_nested(struct tree_walk *walk, const struct descriptor *child,
					   const struct tree_place *place, int nesting, struct error *err)
{
	if (nesting > LIMIT_INDEX_NESTING)
		return error_set(err, ERROR_OVER_LIMIT, "indexes nested deeper than %d",
						 LIMIT_INDEX_NESTING);
	const struct document *document = tree_read_document(walk, TREE_MANIFEST, child, place);
	if (document == NULL)
		return 0; /* the reason was added */
	if (expect_kind(document, child, NULL, err) != 0)
		return -1;
	return tree_read_index(walk, document, place, nesting, err);
}

/* An index met again, or a loop (which takes forged bytes), adds nothing to the tree. */
static void enter_index(struct tree_walk *walk, const struct descriptor *child, int nesting)
{
	struct tree_place place = {"index", child->digest_text, -1};
	struct error error = ERROR_INIT;
	if (!tree_enter_index(walk, child->digest_text))
		return;
	if (read_nested(walk, child, &place, nesting, &error) != 0)
		tree_add_error(walk, &place, &error);
}

static void read_child(struct tree_walk *walk, const struct descriptor *child, int nesting)
{
	enum media_kind kind = media_type_kind(child->media_type);
	if (kind == MEDIA_INDEX) {
		enter_index(walk, child, nesting + 1);
	} else if (kind == MEDIA_MANIFEST) {
		read_platform(walk, child);
	} else {
		/* image-index.md: an unknown media type is no error of the index. */
		struct tree_place place = {"manifest", child->digest_text, -1};
		struct error error = ERROR_INIT;
		error_set(&error, ERROR_UNSUPPORTED, "media type %s is not read", child->media_type);
		tree_add_error(walk, &place, &error);
	}
}

static void note_too_many_children(struct tree_walk *walk, const struct tree_place *place)
{
	struct error error = ERROR_INIT;
	error_set(&error, ERROR_OVER_LIMIT,
			  "more than %d children in all indexes; the rest was not read", LIMIT_INDEX_CHILDREN);
	tree_add_error(walk, place, &error);
	walk->is_stopped = true;
}

int tree_read_index(struct tree_walk *walk, const struct document *document,
					const struct tree_place *place, int nesting, struct error *err)
{
	struct image_index index;
	add_index(walk, document);
	if (image_index_parse(document->bytes, document->size, &index, err) != 0)
		return -1;
	for (size_t i = 0; i < index.count && !walk->is_stopped; i++) {
		if (++walk->children <= LIMIT_INDEX_CHILDREN)
			read_child(walk, &index.children[i], nesting);
		else
			note_too_many_children(walk, place);
	}
	image_index_clear(&index);
	return 0;
}
