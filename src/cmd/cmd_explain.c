/*
 * explain: saved findings, for a person.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "layerproof/interrupt.h"
#include "layerproof/limits.h"
#include "layerproof/lines.h"
#include "layerproof/log.h"
#include "layerproof/saved_finding.h"
#include "layerproof/text.h"
#include "rows.h"
#include "terminal.h"

struct reading {
	const char *name;
	struct lines *lines;
	struct finding_table table;
	struct buffer record; /* a finding that stands on several lines */
	uint64_t number;      /* the line on which the finding at hand begins */
	bool has_headings;
	size_t shown;
	size_t refused;
};

/* ---- Findings, each on a line or laid out on several ---- */

static bool is_bracket(const char *line, size_t size, char bracket)
{
	text_trim(&line, &size);
	return size == 1 && *line == bracket;
}

/* What jq(1) and others make of a line: a bracket alone opens it, and one at the margin ends it. */
static enum lines_result gather(struct reading *reading, struct error *err)
{
	const char *line;
	size_t size;
	uint64_t ignored;
	enum lines_result result;
	buffer_reset(&reading->record);
	if (buffer_add(&reading->record, "{", 1, err) != 0)
		return LINES_ERROR;
	while ((result = lines_next(reading->lines, &line, &size, &ignored, err)) == LINES_LINE) {
		if (buffer_add(&reading->record, "\n", 1, err) != 0 ||
			buffer_add(&reading->record, line, size, err) != 0)
			return LINES_LONG;
		if (size > 0 && *line == '}')
			return LINES_LINE;
	}
	return result == LINES_END ? LINES_LINE : result;
}

static enum lines_result next_finding(struct reading *reading, const char **text, size_t *size,
									  struct error *err)
{
	enum lines_result result;
	do {
		result = lines_next(reading->lines, text, size, &reading->number, err);
		text_trim(text, size);
	} while (result == LINES_LINE && *size == 0);
	if (result != LINES_LINE || !is_bracket(*text, *size, '{'))
		return result;
	result = gather(reading, err);
	*text = reading->record.bytes;
	*size = reading->record.size;
	return result;
}

/* ---- The text ---- */

static int print_finding(struct reading *reading, const char *text, size_t size)
{
	struct buffer out CLEANUP(buffer_clear) = BUFFER_INIT(LIMIT_FINDING_SIZE);
	struct error reason = ERROR_INIT;
	char name[ERROR_TEXT_SIZE];
	snprintf(name, sizeof(name), "%s: line %llu", reading->name,
			 (unsigned long long)reading->number);
	if (!reading->has_headings && finding_write_headings(&reading->table, &out, &reason) != 0)
		return command_fail(&reason);
	if (saved_finding_write(text, size, name, &reading->table, &out, &reason) != 0) {
		log_error("%s", reason.text);
		reading->refused++;
		return -1;
	}
	reading->has_headings = true;
	reading->shown++;
	return command_print(&out);
}

static int refuse_long(struct reading *reading)
{
	log_error("%s: line %llu: a finding of more than %lld bytes", reading->name,
			  (unsigned long long)reading->number, (long long)LIMIT_FINDING_SIZE);
	reading->refused++;
	return -1;
}

static int end_reading(const struct reading *reading)
{
	if (interrupt_exit_code() != 0)
		return interrupt_exit_code();
	if (reading->refused > 0)
		return EXIT_INCOMPLETE;
	if (reading->shown == 0)
		log_warning("%s: no finding is in it", reading->name);
	return EXIT_DONE;
}

static int explain_all(struct reading *reading)
{
	struct error reason = ERROR_INIT;
	const char *text = NULL;
	size_t size = 0;
	enum lines_result result;
	while ((result = next_finding(reading, &text, &size, &reason)) != LINES_END) {
		if (result == LINES_ERROR)
			return command_fail(&reason);
		int printed = result == LINES_LONG ? refuse_long(reading)
										   : print_finding(reading, text, size);
		if (printed >= 0)
			return printed;
	}
	return end_reading(reading);
}

static int explain(const char *path)
{
	struct error reason = ERROR_INIT;
	bool is_input = strcmp(path, "-") == 0;
	int descriptor = is_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (descriptor < 0) {
		error_set_errno(&reason, "%s", path);
		return command_fail(&reason);
	}
	struct reading reading = {
		.name = is_input ? "standard input" : path,
		.table = {.colour = terminal_takes_colour(), .evidence = true},
		.record = BUFFER_INIT(LIMIT_FINDING_SIZE),
	};
	reading.lines = lines_new(descriptor, (size_t)LIMIT_FINDING_SIZE, reading.name);
	int result = explain_all(&reading);
	lines_free(reading.lines);
	buffer_clear(&reading.record);
	if (!is_input)
		close(descriptor);
	return result;
}

static int run(struct context *context, const struct command *command, int argc, char **argv)
{
	int first;
	int parsed = options_parse(context, command, argc, argv, NULL, NULL, &first);
	if (parsed >= 0)
		return parsed;
	if (argc - first != 1)
		return command_usage(command, "one FILE is needed, or - for standard input");
	return explain(argv[first]);
}

const struct command command_explain = {
	.name = "explain",
	.arguments = "FILE|-",
	.summary = "Show saved findings for people, layer by layer",
	.details = "The file is what check printed: findings in JSON, one a line. Shown is what\n"
			   "check -v shows: the evidence, and the image's layers beside those of the nearest\n"
			   "internal image. No index is needed and nobody is asked.",
	.run = run,
};
