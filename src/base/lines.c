#include "layerproof/lines.h"

#include <errno.h>
#include <poll.h>
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
	char *line; /* maximum + 1 bytes */
	size_t size;
	bool skipping; /* the line passed the maximum: its rest is dropped */
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
	lines->line = memory_alloc(maximum + 1, 1);
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

/* Waits for input or for a signal: a read alone could sleep through one that came just before it.
 */
static bool wait_for_input(const struct lines *lines)
{
	struct pollfd waits[2] = {
		{.fd = lines->descriptor, .events = POLLIN},
		{.fd = interrupt_descriptor(), .events = POLLIN},
	};
	while (poll(waits, 2, -1) < 0 && errno == EINTR)
		continue;
	return !interrupt_requested();
}

/* 1: bytes are there; 0: end or interrupt; -1: error. */
static int fill(struct lines *lines, struct error *err)
{
	if (lines->at < lines->end)
		return 1;
	if (!wait_for_input(lines))
		return 0;
	ssize_t got;
	do
		got = read(lines->descriptor, lines->chunk, sizeof(lines->chunk));
	while (got < 0 && errno == EINTR);
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
	size_t room = lines->maximum - lines->size;
	if (size > room)
		lines->skipping = true;
	memcpy(lines->line + lines->size, from, size < room ? size : room);
	lines->size += size < room ? size : room;
	lines->at += newline == NULL ? size : size + 1;
	return newline != NULL;
}

enum lines_result lines_next(struct lines *lines, const char **line, size_t *size, uint64_t *number,
							 struct error *err)
{
	bool begun = false;
	lines->size = 0;
	lines->skipping = false;
	for (;;) {
		int there = fill(lines, err);
		if (there < 0)
			return LINES_ERROR;
		if (there == 0 && (!begun || interrupt_requested()))
			return LINES_END;
		begun = true;
		if (there == 0 || take(lines))
			break;
	}
	if (!lines->skipping && lines->size > 0 && lines->line[lines->size - 1] == '\r')
		lines->size--;
	lines->line[lines->size] = '\0';
	*line = lines->line;
	*size = lines->size;
	*number = ++lines->number;
	return lines->skipping ? LINES_LONG : LINES_LINE;
}
