#include "layerproof/layer_lines.h"

#include <inttypes.h>
#include <string.h>

#include "layerproof/buffer.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "layerproof/text.h"

enum {
	DIGITS_SHOWN = 12, /* of a digest: as many as docker shows */
	SIZE_TEXT = 32,
};

/* "26%", of what is known to be there. */
static uint64_t percent_of(const struct layer_line *line)
{
	if (line->read >= line->size)
		return 100;
	return line->read < LIMIT_GIB(1024) ? (uint64_t)(line->read * 100 / line->size)
										: (uint64_t)(line->read / (line->size / 100));
}

static char *format_line(const struct layer_line *line)
{
	char digest[DIGEST_TEXT_SIZE];
	char read[SIZE_TEXT];
	char size[SIZE_TEXT];
	char rate[SIZE_TEXT];
	digest_format(&line->digest, digest);
	int shown = (int)(strcspn(digest, ":") + 1 + DIGITS_SHOWN);
	const char *gap = *digest == '\0' ? "" : "  ";
	text_format_size(line->read, read, sizeof(read));
	text_format_size((long long)line->per_second, rate, sizeof(rate));
	if (line->size <= 0)
		return memory_format("%.*s%s%s, %s/s", shown, digest, gap, read, rate);
	text_format_size(line->size, size, sizeof(size));
	return memory_format("%.*s%s%s of %s, %" PRIu64 "%%, %s/s", shown, digest, gap, read, size,
						 percent_of(line), rate);
}

/* The buffer is large enough for a terminal. */
static void add_line(struct buffer *out, const char *text, size_t columns)
{
	struct error ignored;
	size_t size = strlen(text);
	if (out->size > 0)
		(void)buffer_add(out, "\n", 1, &ignored);
	(void)buffer_add(out, text, size < columns ? size : columns, &ignored);
}

char *layer_lines_format(const struct layer_line *lines, size_t count, size_t columns, size_t most)
{
	struct buffer out = BUFFER_INIT(LIMIT_MIB(1));
	size_t shown = count <= most ? count : most - 1;
	for (size_t i = 0; i < shown; i++) {
		CLEANUP(free_at) char *text = format_line(&lines[i]);
		add_line(&out, text, columns);
	}
	if (shown < count) {
		CLEANUP(free_at) char *text = memory_format("and %zu more", count - shown);
		add_line(&out, text, columns);
	}
	return out.size == 0 ? memory_copy_text("") : buffer_steal(&out);
}
