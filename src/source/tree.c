#include "layerproof/tree.h"

#include "layerproof/memory.h"
#include "tree_walk.h"

const char *level_name(enum level level)
{
	switch (level) {
	case LEVEL_REPORTED:
		return "reported";
	case LEVEL_DECLARED:
		return "declared";
	case LEVEL_HASHED:
		return "hashed";
	}
	return "unknown";
}

void tree_clear(struct tree *tree)
{
	for (size_t i = 0; i < tree->image_count; i++)
		tree_image_clear(&tree->images[i]);
	for (size_t i = 0; i < tree->error_count; i++)
		free(tree->errors[i].where);
	free(tree->images);
	free(tree->errors);
	free(tree->indexes);
	free(tree->media_type);
	*tree = (struct tree){0};
}

/* Docker-Content-Digest is a hint (registry-facts 3); that it is wrong is worth a flag. */
static bool header_differs(const struct document *document)
{
	const struct digest *header = &document->digest_header;
	if (!digest_is_set(header))
		return false;
	if (header->algorithm == document->digest.algorithm)
		return !digest_equal(header, &document->digest);
	if (header->algorithm == document->digest_sha256.algorithm)
		return !digest_equal(header, &document->digest_sha256);
	struct digest computed;
	digest_of(header->algorithm, document->bytes, document->size, &computed);
	return !digest_equal(header, &computed);
}

static void read_top_manifest(struct tree_walk *walk, const struct document *document,
							  json_t **body, const struct descriptor *declared,
							  const struct tree_place *place)
{
	struct tree_image *image = tree_add_image(walk);
	tree_take_manifest_digests(image, document);
	if (declared != NULL)
		image->manifest_declared = declared->digest;
	tree_fill_from_manifest(walk, STEAL(*body), place);
}

static void note_schema1(struct tree_walk *walk, const struct tree_place *place)
{
	struct error error = ERROR_INIT;
	error_set(&error, ERROR_UNSUPPORTED, "an image manifest of schema 1, not read");
	walk->tree->is_schema1 = true;
	tree_add_error(walk, place, &error);
}

static const char *kind_word(enum media_kind kind)
{
	switch (kind) {
	case MEDIA_INDEX:
		return "index";
	case MEDIA_CONFIG:
		return "config";
	case MEDIA_MANIFEST:
	case MEDIA_SCHEMA1:
		return "manifest";
	default:
		return "document";
	}
}

static int read_by_kind(struct tree_walk *walk, enum media_kind kind,
						const struct document *document, json_t **body,
						const struct descriptor *declared, struct tree_place *place,
						struct error *err)
{
	switch (kind) {
	case MEDIA_INDEX:
		walk->tree->is_index = true;
		tree_tell(walk, document, place);
		json_decref(STEAL(*body)); /* nobody needs it while all the children are read */
		return tree_read_index(walk, document, place, 1, err);
	case MEDIA_MANIFEST:
		place->image = 0;
		tree_tell(walk, document, place);
		read_top_manifest(walk, document, body, declared, place);
		return 0;
	case MEDIA_SCHEMA1:
		note_schema1(walk, place);
		return 0;
	case MEDIA_CONFIG:
		place->image = 0;
		tree_tell(walk, document, place);
		tree_add_image(walk);
		tree_fill_from_config(walk, document, place);
		return 0;
	default:
		return error_set(err, ERROR_UNSUPPORTED, "media type %s is not read",
						 walk->tree->media_type);
	}
}

/* Only a docker-archive has a configuration at its top; its bytes need not say so themselves. */
static int identify_top(const struct document *document, const struct reference *reference,
						enum media_kind *kind, char **media_type, json_t **body, struct error *err)
{
	if (reference->transport == REFERENCE_DOCKER_ARCHIVE) {
		*kind = MEDIA_CONFIG;
		*media_type = memory_copy_text(MEDIA_TYPE_DOCKER_CONFIG);
		return 0;
	}
	if (document_identify(document, kind, media_type, body, err) != 0)
		return -1;
	if (*kind == MEDIA_CONFIG)
		return error_set(err, ERROR_UNSUPPORTED, "an image configuration, not a manifest");
	return 0;
}

/* What the top document was declared to be, by its source or by the reference; NULL when by none.
 */
static const struct descriptor *declared_top(const struct tree_walk *walk,
											 const struct reference *reference,
											 struct descriptor *by_reference)
{
	const struct descriptor *by_source = source_declared(walk->source);
	if (by_source != NULL)
		return by_source;
	*by_reference = (struct descriptor){.digest = reference->digest, .size = -1};
	return digest_is_set(&reference->digest) ? by_reference : NULL;
}

static int read_document_tree(struct tree_walk *walk, const struct reference *reference,
							  const struct document *document, struct error *err)
{
	struct tree *tree = walk->tree;
	enum media_kind kind = MEDIA_OTHER;
	struct descriptor by_reference;
	const struct descriptor *declared = declared_top(walk, reference, &by_reference);
	char text[DIGEST_TEXT_SIZE];
	bool is_declared = declared != NULL && digest_is_set(&declared->digest);
	digest_format(is_declared ? &declared->digest : &document->digest, text);
	json_t *body CLEANUP(json_decref_at) = NULL;
	int failed = identify_top(document, reference, &kind, &tree->media_type, &body, err);
	struct tree_place place = {kind_word(kind), text, -1};
	tree->digest_header_differs = header_differs(document);
	tree_compare_document(walk, declared, document, &place);
	if (failed)
		return error_add_context(err, "%s %s", place.kind, text);
	walk->bytes = (int64_t)document->size;
	if (read_by_kind(walk, kind, document, &body, declared, &place, err) != 0)
		return error_add_context(err, "%s %s", place.kind, text);
	return 0;
}

static int ask_for_top(struct tree_walk *walk, struct document *out, struct error *err)
{
	const struct tree_memo *memo = walk->memo;
	struct document held;
	if (memo == NULL || memo->get_top == NULL || !memo->get_top(memo->context, &held))
		return source_read_top(walk->source, out, err);
	int result = source_reread_top(walk->source, &held, out, err);
	document_clear(&held);
	return result;
}

static void remember_top(const struct tree_walk *walk, const struct reference *reference,
						 const struct document *document)
{
	const struct tree_memo *memo = walk->memo;
	if (memo != NULL && memo->put_top != NULL &&
		!digest_differs(&reference->digest, &document->digest))
		memo->put_top(memo->context, document);
}

static int read_top(struct tree_walk *walk, const struct reference *reference, struct error *err)
{
	struct document document;
	if (ask_for_top(walk, &document, err) != 0)
		return -1;
	walk->tree->is_not_resent = document.is_held;
	remember_top(walk, reference, &document);
	walk->tree->digest = document.digest;
	walk->tree->digest_sha256 = document.digest_sha256;
	int result = read_document_tree(walk, reference, &document, err);
	document_clear(&document);
	return result;
}

int tree_read_with_memo(struct source *source, const struct reference *reference,
						const struct tree_memo *memo, const struct tree_listener *listener,
						struct tree *out, struct error *err)
{
	*out = (struct tree){0};
	struct tree_walk walk = {.source = source, .memo = memo, .listener = listener, .tree = out};
	int result = read_top(&walk, reference, err);
	tree_walk_clear(&walk);
	if (result == 0 && walk.interrupt.code != ERROR_NONE)
		return error_set(err, walk.interrupt.code, "%s", walk.interrupt.text);
	return result;
}

int tree_read(struct source *source, const struct reference *reference, struct tree *out,
			  struct error *err)
{
	return tree_read_with_memo(source, reference, NULL, NULL, out, err);
}
