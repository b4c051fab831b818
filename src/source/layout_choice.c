#include "layout_choice.h"

#include <string.h>

#include "layerproof/buffer.h"
#include "layerproof/memory.h"
#include "layerproof/text.h"

typedef bool (*entry_fits)(const struct descriptor *entry, const char *tag);

static bool fits_any(const struct descriptor *entry, const char *tag)
{
	(void)entry;
	(void)tag;
	return true;
}

static bool fits_name(const struct descriptor *entry, const char *tag)
{
	return entry->ref_name != NULL && strcmp(entry->ref_name, tag) == 0;
}

/* "name:tag", as containerd and skopeo write it. */
static bool fits_tag_of_name(const struct descriptor *entry, const char *tag)
{
	if (entry->ref_name == NULL || strchr(tag, '/') != NULL)
		return false;
	CLEANUP(free_at) char *suffix = memory_format(":%s", tag);
	return text_ends_with(entry->ref_name, suffix);
}

static void add_text(struct buffer *list, const char *text)
{
	struct error full = ERROR_INIT; /* a list cut short still says enough */
	buffer_add_format(list, &full, "%s%s", list->size > 0 ? ", " : "", text);
}

/* What tells the entries apart: their names, or, where a tag fits several, their digests. */
static int set_ambiguous(const struct image_index *index, entry_fits fits, const char *tag,
						 struct error *err)
{
	struct buffer list = BUFFER_INIT(ERROR_TEXT_SIZE);
	size_t count = 0;
	for (size_t i = 0; i < index->count; i++) {
		const struct descriptor *entry = &index->children[i];
		if (!fits(entry, tag))
			continue;
		count++;
		CLEANUP(free_at) char *by_digest = memory_format("@%s", entry->digest_text);
		add_text(&list, tag == NULL && entry->ref_name != NULL ? entry->ref_name : by_digest);
	}
	if (tag == NULL)
		error_set(err, ERROR_BAD_REFERENCE, "holds %zu images, name one of them: %s", count,
				  list.bytes);
	else
		error_set(err, ERROR_BAD_REFERENCE, "%zu images are named %s, use a digest: %s", count, tag,
				  list.bytes);
	buffer_clear(&list);
	return -1;
}

/* Sets `*found` to the entry that fits, NULL when none does. Entries that point at the same
 * document are one image under several names. */
static int find_entry(const struct image_index *index, entry_fits fits, const char *tag,
					  const struct descriptor **found, struct error *err)
{
	*found = NULL;
	for (size_t i = 0; i < index->count; i++) {
		const struct descriptor *entry = &index->children[i];
		if (!fits(entry, tag))
			continue;
		if (*found == NULL)
			*found = entry;
		else if (strcmp((*found)->digest_text, entry->digest_text) != 0)
			return set_ambiguous(index, fits, tag, err);
	}
	return 0;
}

static int choose_by_tag(const struct image_index *index, const char *tag,
						 const struct descriptor **found, struct error *err)
{
	if (find_entry(index, fits_name, tag, found, err) != 0)
		return -1;
	if (*found == NULL && find_entry(index, fits_tag_of_name, tag, found, err) != 0)
		return -1;
	if (*found == NULL)
		return error_set(err, ERROR_NOT_FOUND, "no image is named %s", tag);
	return 0;
}

static int choose_only(const struct image_index *index, const struct descriptor **found,
					   struct error *err)
{
	if (find_entry(index, fits_any, NULL, found, err) != 0)
		return -1;
	if (*found == NULL)
		return error_set(err, ERROR_NOT_FOUND, "holds no image");
	return 0;
}

static void choose_by_digest(const struct image_index *index, const struct digest *digest,
							 struct descriptor *out)
{
	for (size_t i = 0; i < index->count; i++) {
		if (digest_equal(&index->children[i].digest, digest)) {
			descriptor_copy(&index->children[i], out);
			return;
		}
	}
	char text[DIGEST_TEXT_SIZE];
	*out = (struct descriptor){
		.digest_text = memory_copy_text(digest_format(digest, text)),
		.digest = *digest,
		.size = -1,
	};
}

int layout_choose(const struct image_index *index, const struct reference *reference,
				  struct descriptor *out, struct error *err)
{
	if (digest_is_set(&reference->digest)) {
		choose_by_digest(index, &reference->digest, out);
		return 0;
	}
	const struct descriptor *found;
	int failed = reference->tag != NULL ? choose_by_tag(index, reference->tag, &found, err)
										: choose_only(index, &found, err);
	if (failed)
		return -1;
	descriptor_copy(found, out);
	return 0;
}
