#include "layerproof/lines.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "layerproof/interrupt.h"
#include "layerproof/memory.h"

enum { CHUNK = 64 * 1024 };

struct lines {
	int descriptor;
	char *name;
	size_t maximum;
	uint64_t number;
	char *line; /* maximum + 2 bytes: one for the CR of an end, one for the NUL */
	size_t size;
	bool is_long; /* the line passed the maximum: its rest is dropped */
	char chunk[CHUNK];
	size_t at;
	size_t end;
};

struct lines *lines_new(int descriptor, size_t maximum, const char *name)
{
	struct lines *lines = memory_alloc(1, sizeof(*lines));
	lines->descriptor = descriptor;
	lines->maximum = maximum;
	lines->name = memory_copy_text(name);
	lines->line = memory_alloc(maximum + 2, 1);
	return lines;
}

void lines_free(struct lines *lines)
{
	if (lines == NULL)
		return;
	free(lines->name);
	free(lines->line);
	free(lines);
}

/* 1: bytes are there; 0: end or interrupt; -1: error. */
static int fill(struct lines *lines, struct error *err)
{
	if (lines->at < lines->end)
		return 1;
	ssize_t got;
	do {
		if (!interrupt_wait_for_input(lines->descriptor))
			return 0;
		got = read(lines->descriptor, lines->chunk, sizeof(lines->chunk));
	} while (got < 0 && (errno == EINTR || errno == EAGAIN));
	if (got < 0)
		return error_set_errno(err, "%s", lines->name);
	lines->at = 0;
	lines->end = (size_t)got;
	return got > 0;
}

/* Takes bytes of the chunk into the line; true when the line's end was met. */
static bool take(struct lines *lines)
{
	const char *from = lines->chunk + lines->at;
	size_t there = lines->end - lines->at;
	const char *newline = memchr(from, '\n', there);
	size_t size = newline == NULL ? there : (size_t)(newline - from);
	size_t room = lines->maximum + 1 - lines->size;
	if (size > room)
		lines->is_long = true;
	memcpy(lines->line + lines->size, from, size < room ? size : room);
	lines->size += size < room ? size : room;
	lines->at += newline == NULL ? size : size + 1;
	return newline != NULL;
}

/* Cuts the line at its end, or at the maximum. */
static void finish(struct lines *lines)
{
	if (!lines->is_long && lines->size > 0 && lines->line[lines->size - 1] == '\r')
		lines->size--;
	if (lines->size > lines->maximum) {
		lines->is_long = true;
		lines->size = lines->maximum;
	}
	lines->line[lines->size] = '\0';
}

enum lines_result lines_next(struct lines *lines, const char **line, size_t *size, uint64_t *number,
							 struct error *err)
{
	bool begun = false;
	lines->size = 0;
	lines->is_long = false;
	for (;;) {
		int there = fill(lines, err);
		if (there < 0)
			return LINES_ERROR;
		if (interrupt_requested() || (there == 0 && !begun))
			return LINES_END;
		begun = true;
		if (there == 0 || take(lines))
			break;
	}
	finish(lines);
	*line = lines->line;
	*size = lines->size;
	*number = ++lines->number;
	return lines->is_long ? LINES_LONG : LINES_LINE;
}
