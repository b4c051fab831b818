#include "layerproof/root_history.h"

#include <string.h>

#include "layerproof/memory.h"
#include "layerproof/text.h"

/* Behind what the shell, the instruction or an older builder puts before it. */
static const char *skip_wrapping(const char *text)
{
	static const char *const wrappings[] = {" ", "\t", "/bin/sh -c ", "#(nop)", "RUN "};
	for (size_t i = 0; i < sizeof(wrappings) / sizeof(wrappings[0]); i++) {
		if (!text_starts_with(text, wrappings[i]))
			continue;
		text += strlen(wrappings[i]);
		i = (size_t)-1; /* and anew */
	}
	return text;
}

/* The next word of at least one character, and `*text` behind it; its size is 0 at the end. */
static size_t next_word(const char **text, const char **word)
{
	*word = *text + strspn(*text, " \t");
	size_t size = strcspn(*word, " \t");
	*text = *word + size;
	return size;
}

static bool is_tarball(const char *name)
{
	static const char *const suffixes[] = {".tar",     ".tgz",    ".txz",    ".tbz2",   ".tzst",
										   ".tar.bz2", ".tar.gz", ".tar.xz", ".tar.zst"};
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (text_ends_with(name, suffixes[i]))
			return true;
	return false;
}

/* "ADD SOURCE /", in the words of BuildKit ("ADD rootfs.tar.xz / # buildkit") or of older builders
 * ("ADD file:HASH in / "). */
struct placing {
	bool is_add; /* else COPY */
	char *source;
};

/* Whether the layer puts one source at "/"; then the source is to be freed. */
static bool read_placing(const char *text, struct placing *out)
{
	const char *word;
	const char *source;
	size_t size = next_word(&text, &word);
	out->is_add = size == 3 && text_starts_with(word, "ADD");
	if (!out->is_add && (size != 4 || !text_starts_with(word, "COPY")))
		return false;
	do
		size = next_word(&text, &source);
	while (size > 2 && text_starts_with(source, "--"));
	size_t target = next_word(&text, &word);
	if (target == 2 && text_starts_with(word, "in"))
		target = next_word(&text, &word);
	if (size == 0 || target != 1 || *word != '/')
		return false;
	size_t rest = next_word(&text, &word);
	if (rest > 0 && *word != '#')
		return false;
	out->source = memory_copy_span(source, size);
	return true;
}

/* Whether that source is an archive or a folder. An older builder does not say of a file what it
 * is; COPY unpacks none. */
static bool is_whole_root(const struct placing *placing)
{
	const char *source = placing->source;
	if (text_starts_with(source, "dir:") || (placing->is_add && text_starts_with(source, "file:")))
		return true;
	if (text_starts_with(source, "file:") || text_starts_with(source, "multi:"))
		return false;
	return text_ends_with(source, "/") || strstr(source, "rootfs") != NULL ||
		   (placing->is_add && is_tarball(source));
}

static bool is_named_rootfs(const struct placing *placing)
{
	return placing->is_add && is_tarball(placing->source) &&
		   strstr(placing->source, "rootfs") != NULL;
}

static bool names_a_maker_of_roots(const char *text)
{
	return text_starts_with(text, "KIWI ") || text_starts_with(text, "BusyBox ") ||
		   strcmp(text, "apko") == 0;
}

static bool brings_root(const char *created_by, bool is_bottom)
{
	struct placing placing = {.source = NULL};
	const char *text = skip_wrapping(created_by);
	if (text_starts_with(text, "# debian.sh ") || (is_bottom && names_a_maker_of_roots(text)))
		return true;
	if (!read_placing(text, &placing))
		return false;
	CLEANUP(free_at) char *source = placing.source;
	return is_bottom ? is_whole_root(&placing) : is_named_rootfs(&placing);
}

static bool is_of_bazel(const char *created_by)
{
	return text_starts_with(skip_wrapping(created_by), "bazel build");
}

size_t root_history_layers(const struct root_history *layers, size_t count)
{
	size_t found = 0;
	bool is_bottom = true;
	bool is_bazel = true; /* all that is below */
	for (size_t i = 0; i < count; i++) {
		if (layers[i].is_empty)
			continue;
		const char *created_by = layers[i].created_by == NULL ? "" : layers[i].created_by;
		is_bazel = is_bazel && is_of_bazel(created_by);
		if (is_bazel || brings_root(created_by, is_bottom))
			found = i + 1;
		is_bottom = false;
	}
	return found;
}
