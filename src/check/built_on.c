#include "built_on.h"

#include "layerproof/limits.h"
#include "layerproof/memory.h"

/* Internal images of a stack that are looked at for its name. */
enum { STACK_HOLDERS = 16 };

/* Declared diff_ids, as many from the bottom as there are. */
static size_t list_diff_ids(const struct tree_image *tree, struct digest *out)
{
	size_t count = 0;
	while (count < tree->layer_count && digest_is_set(&tree->layers[count].diff_id)) {
		out[count] = tree->layers[count].diff_id;
		count++;
	}
	return count;
}

static bool begins_with(const struct internal_image *internal, const struct digest *diff_ids,
						size_t count)
{
	if (internal->diff_id_count < count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (!digest_equal(&internal->diff_ids[i], &diff_ids[i]))
			return false;
	return true;
}

/* An image of the stack's origin, rather one that is this stack alone: of all that hold its topmost
 * layer the first few are looked at. Without one the name of any that begins so must do. */
static int name_stack(struct fact_book *book, const struct digest *diff_ids,
					  struct index_snapshot *snapshot, struct match_stack *out, struct error *err)
{
	uint32_t numbers[LIMIT_HOLDERS];
	size_t looked_at = 0;
	int count = index_holders(snapshot, &diff_ids[out->layers - 1], numbers, LIMIT_HOLDERS, err);
	for (int i = 0; i < count && looked_at < STACK_HOLDERS; i++) {
		enum origin origin = ORIGIN_UNKNOWN;
		if (index_image_origin(snapshot, numbers[i], &origin, err) < 0)
			return -1;
		if (origin != out->origin)
			continue;
		const struct match_internal *internal = fact_book_internal(book, numbers[i], snapshot, err);
		if (internal == NULL)
			return -1;
		looked_at++;
		if (!begins_with(&internal->image, diff_ids, out->layers))
			continue;
		bool is_whole = internal->image.diff_id_count == out->layers;
		if (is_whole || out->internal->image.origin != out->origin)
			out->internal = internal;
		if (is_whole)
			break;
	}
	return count < 0 ? -1 : 0;
}

static int find_stack(struct fact_book *book, const struct tree_image *tree,
					  struct index_snapshot *snapshot, struct match_stack *out, struct error *err)
{
	CLEANUP(free_at)
	struct digest *diff_ids = memory_alloc(tree->layer_count, sizeof(*diff_ids));
	struct index_stack stack = {.layers = 0};
	size_t count = list_diff_ids(tree, diff_ids);
	if (snapshot == NULL || tree->is_attestation)
		return 0;
	if (index_find_stack(snapshot, diff_ids, count, &stack, err) != 0)
		return -1;
	if (stack.layers == 0)
		return 0;
	*out = (struct match_stack){.layers = stack.layers, .origin = stack.origin};
	out->internal = fact_book_internal(book, stack.image, snapshot, err);
	return out->internal == NULL ? -1 : name_stack(book, diff_ids, snapshot, out, err);
}

int built_on_gather(struct fact_book *book, struct index_snapshot *snapshot, struct error *err)
{
	for (size_t i = 0; i < book->facts.image_count; i++) {
		struct match_image *image = &book->facts.images[i];
		if (find_stack(book, image->tree, snapshot, &image->built_on, err) != 0)
			return -1;
	}
	return 0;
}
