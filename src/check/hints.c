#include "hints.h"

#include <stdlib.h>
#include <string.h>

#include "layerproof/image_texts.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "layerproof/text.h"

/* Where the search is. */
struct reading {
	struct hints *hints;
	size_t image;
	const struct image_text *text;
};

/* "label org.opencontainers.image.vendor", "history 3", "user". A name that is an address is cut
 * before what may be a login. */
static char *place_of(const struct image_text *text)
{
	if (text->name != NULL) {
		const char *scheme = strstr(text->name, "://");
		size_t size = scheme == NULL ? strlen(text->name) : (size_t)(scheme - text->name);
		int most = size < LIMIT_HINT_PLACE ? (int)size : LIMIT_HINT_PLACE;
		return memory_format("%s %.*s", text->kind, most, text->name);
	}
	if (strcmp(text->kind, "history") == 0)
		return memory_format("%s %zu", text->kind, text->number);
	return memory_copy_text(text->kind);
}

static bool is_same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool is_known(const struct hints *hints, const struct match_hint *hint)
{
	for (size_t i = 0; i < hints->count; i++) {
		const struct match_hint *known = &hints->items[i];
		if (known->image == hint->image && known->pattern == hint->pattern &&
			strcmp(known->place, hint->place) == 0 && is_same_text(known->text, hint->text))
			return true;
	}
	return false;
}

static void forget(struct match_hint *hint)
{
	free(hint->place);
	free(hint->text);
}

static void note(void *context, const char *pattern, const char *text)
{
	const struct reading *reading = context;
	struct hints *hints = reading->hints;
	struct match_hint hint = {
		.place = place_of(reading->text),
		.pattern = pattern,
		.text = *text == '\0' ? NULL : memory_copy_text(text),
		.image = reading->image,
	};
	bool is_new = !is_known(hints, &hint);
	hints->is_full = hints->is_full || (is_new && hints->count == LIMIT_HINTS);
	if (!is_new || hints->is_full) {
		forget(&hint);
		return;
	}
	hints->items = memory_grow(hints->items, hints->count, &hints->capacity, sizeof(*hints->items));
	hints->items[hints->count++] = hint;
}

static void search(void *context, const struct image_text *text)
{
	struct reading *reading = context;
	const struct name_listener listener = {reading, note};
	bool is_secret = text->name != NULL && text->text != text->name &&
					 name_is_of_secret(text->name, strlen(text->name));
	reading->text = text;
	name_patterns_search(reading->hints->patterns, text->text, is_secret, &reading->hints->work,
						 &listener);
}

static void read_document(void *context, const struct document *document, int image)
{
	struct hints *hints = context;
	struct error ignored = ERROR_INIT; /* whoever reads the image says what is wrong with it */
	if (hints->patterns == NULL)
		return;
	json_t *body CLEANUP(json_decref_at) = node_parse(document->bytes, document->size, "document",
													  &ignored);
	struct reading reading = {hints, image < 0 ? SIZE_MAX : (size_t)image, NULL};
	const struct image_texts_listener listener = {&reading, search};
	if (body != NULL)
		image_texts_tell(body, &listener);
}

struct tree_listener hints_listener(struct hints *hints)
{
	return (struct tree_listener){hints, read_document};
}

void hints_drop_attestations(struct hints *hints, const struct tree *tree)
{
	size_t kept = 0;
	for (size_t i = 0; i < hints->count; i++) {
		size_t image = hints->items[i].image;
		if (image != SIZE_MAX && tree->images[image].is_attestation)
			forget(&hints->items[i]);
		else
			hints->items[kept++] = hints->items[i];
	}
	hints->count = kept;
}

static void read_text(struct hints *hints, const char *kind, const char *text)
{
	const struct image_text heard = {.kind = kind, .text = text};
	struct reading reading = {hints, SIZE_MAX, NULL};
	search(&reading, &heard);
}

void hints_read_name(struct hints *hints, const struct reference *reference,
					 const json_t *discovery)
{
	const char *publisher = json_string_value(json_object_get(discovery, "publisher"));
	if (hints->patterns == NULL)
		return;
	if (reference != NULL && reference->transport == REFERENCE_REGISTRY) {
		CLEANUP(free_at) char *name = reference_name(reference);
		read_text(hints, "name", name);
	}
	if (publisher != NULL)
		read_text(hints, "publisher", publisher);
}

bool hints_are_cut_off(const struct hints *hints)
{
	return hints->is_full || hints->work.is_cut_off;
}

void hints_clear(struct hints *hints)
{
	for (size_t i = 0; i < hints->count; i++)
		forget(&hints->items[i]);
	free(hints->items);
}
