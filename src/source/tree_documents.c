#include <inttypes.h>
#include <string.h>

#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "tree_walk.h"

void tree_add_error(struct tree_walk *walk, const struct tree_place *place,
					const struct error *error)
{
	struct tree *tree = walk->tree;
	if (error->code == ERROR_INTERRUPTED) {
		walk->interrupt = *error;
		walk->is_stopped = true;
		return;
	}
	tree->errors = memory_grow(tree->errors, tree->error_count, &walk->error_capacity,
							   sizeof(*tree->errors));
	tree->errors[tree->error_count++] = (struct tree_error){
		.error = *error,
		.where = memory_format("%s %s", place->kind, place->digest_text),
		.image = place->image,
	};
}

void tree_tell(const struct tree_walk *walk, const struct document *document,
			   const struct tree_place *place)
{
	if (walk->listener != NULL)
		walk->listener->heard(walk->listener->context, document, place->image);
}

/* descriptor.md, "Verification": the size before the digest. */
void tree_compare_document(struct tree_walk *walk, const struct descriptor *declared,
						   const struct document *document, const struct tree_place *place)
{
	struct error error = ERROR_INIT;
	char text[DIGEST_TEXT_SIZE];
	digest_format(&document->digest, text);
	if (declared == NULL)
		return;
	if (declared->size >= 0 && declared->size != (int64_t)document->size)
		error_set(&error, ERROR_TAMPERED, "%" PRId64 " bytes declared, %zu served (%s)",
				  declared->size, document->size, text);
	else if (digest_is_set(&declared->digest) &&
			 !digest_equal(&declared->digest, &document->digest))
		error_set(&error, ERROR_TAMPERED, "the bytes served hash to %s", text);
	if (error.code != ERROR_NONE)
		tree_add_error(walk, place, &error);
}

/* -1, and the walk is stopped, when the bound on the whole tree is passed. */
static int count_document(struct tree_walk *walk, const struct document *document,
						  const struct tree_place *place)
{
	walk->bytes += (int64_t)document->size;
	if (walk->bytes <= LIMIT_TREE_SIZE)
		return 0;
	struct error error = ERROR_INIT;
	error_set(&error, ERROR_OVER_LIMIT,
			  "the documents of the tree have more than %" PRId64 " bytes; the rest was not read",
			  LIMIT_TREE_SIZE);
	tree_add_error(walk, place, &error);
	walk->is_stopped = true;
	return -1;
}

/* Bytes of the declared digest are what the descriptor says, under whatever type they were served
 * (image-spec media-types.md, "Media Type Conflicts"). */
static void take_declared_type(const struct descriptor *descriptor, struct document *out)
{
	free(out->media_type);
	out->media_type = memory_copy_text(descriptor->media_type);
}

static bool recall(struct tree_walk *walk, const struct descriptor *descriptor,
				   struct document *out)
{
	return walk->memo != NULL && walk->memo->get(walk->memo->context, &descriptor->digest, out);
}

/* `document` is NULL when there is none. */
static void remember(struct tree_walk *walk, const struct descriptor *descriptor,
					 const struct document *document)
{
	bool is_sound = document != NULL && digest_equal(&descriptor->digest, &document->digest);
	if (walk->memo != NULL)
		walk->memo->put(walk->memo->context, is_sound ? document : NULL);
}

static int read_described(struct tree_walk *walk, enum tree_document_kind kind,
						  const struct descriptor *descriptor, struct document *out,
						  struct error *err)
{
	return kind == TREE_MANIFEST ? source_read_manifest(walk->source, descriptor, out, err)
								 : source_read_config(walk->source, descriptor, out, err);
}

static int fetch(struct tree_walk *walk, enum tree_document_kind kind,
				 const struct descriptor *descriptor, struct document *out, struct error *err)
{
	if (!digest_is_set(&descriptor->digest))
		return error_set(err, ERROR_UNSUPPORTED, "a digest of an unknown algorithm");
	if (descriptor_has_content(descriptor))
		return read_described(walk, kind, descriptor, out, err);
	if (recall(walk, descriptor, out)) {
		take_declared_type(descriptor, out);
		return 0;
	}
	int result = read_described(walk, kind, descriptor, out, err);
	remember(walk, descriptor, result == 0 ? out : NULL);
	if (result == 0 && digest_equal(&descriptor->digest, &out->digest))
		take_declared_type(descriptor, out);
	return result;
}

/* What was read under this digest before, else what is read now. */
static const struct tree_reading *read_once(struct tree_walk *walk, enum tree_document_kind kind,
											const struct descriptor *descriptor)
{
	for (size_t i = 0; i < walk->reading_count; i++)
		if (strcmp(walk->readings[i]->digest_text, descriptor->digest_text) == 0)
			return walk->readings[i];
	struct tree_reading *reading = memory_alloc(1, sizeof(*reading));
	reading->digest_text = memory_copy_text(descriptor->digest_text);
	fetch(walk, kind, descriptor, &reading->document, &reading->error);
	walk->readings = memory_grow(walk->readings, walk->reading_count, &walk->reading_capacity,
								 sizeof(struct tree_reading *));
	walk->readings[walk->reading_count++] = reading;
	return reading;
}

const struct document *tree_read_document(struct tree_walk *walk, enum tree_document_kind kind,
										  const struct descriptor *descriptor,
										  const struct tree_place *place)
{
	const struct tree_reading *reading = read_once(walk, kind, descriptor);
	if (reading->error.code != ERROR_NONE) {
		tree_add_error(walk, place, &reading->error);
		return NULL;
	}
	tree_compare_document(walk, descriptor, &reading->document, place);
	if (count_document(walk, &reading->document, place) != 0)
		return NULL;
	tree_tell(walk, &reading->document, place);
	return &reading->document;
}

bool tree_enter_index(struct tree_walk *walk, const char *digest_text)
{
	for (size_t i = 0; i < walk->entered_count; i++)
		if (strcmp(walk->entered[i], digest_text) == 0)
			return false;
	walk->entered = memory_grow(walk->entered, walk->entered_count, &walk->entered_capacity,
								sizeof(*walk->entered));
	walk->entered[walk->entered_count++] = memory_copy_text(digest_text);
	return true;
}

void tree_walk_clear(struct tree_walk *walk)
{
	for (size_t i = 0; i < walk->entered_count; i++)
		free(walk->entered[i]);
	free(walk->entered);
	for (size_t i = 0; i < walk->reading_count; i++) {
		struct tree_reading *reading = walk->readings[i];
		if (reading->error.code == ERROR_NONE)
			document_clear(&reading->document);
		free(reading->digest_text);
		free(reading);
	}
	free(walk->readings);
}
