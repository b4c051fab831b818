#include "layerproof/finding_table.h"

#include <string.h>

#include "layerproof/memory.h"
#include "layerproof/text.h"
#include "summary.h"

enum { VERDICT_WIDTH = 13, PRIORITY_WIDTH = 8, REASON_WIDTH = 16, REFERENCE_WIDTH = 44 };

static const char *colour_of(const struct finding_table *table, const struct judgement *judgement)
{
	if (!table->colour)
		return "";
	if (judgement->verdict == VERDICT_TRUE_POSITIVE)
		return "\033[1;31m";
	return judgement->priority == PRIORITY_LOW ? "" : "\033[33m";
}

static const char *colour_end(const char *colour)
{
	return *colour == '\0' ? "" : "\033[0m";
}

/* Pads to a column; what is too wide stays whole and pushes the rest. */
static int add_cell(const char *text, size_t width, struct buffer *out, struct error *err)
{
	size_t taken = text_width(text);
	int padding = taken < width ? (int)(width - taken) : 0;
	return buffer_add_format(out, err, "%s%*s  ", text, padding, "");
}

int finding_write_headings(const struct finding_table *table, struct buffer *out, struct error *err)
{
	const char *on = table->colour ? "\033[1m" : "";
	return buffer_add_format(out, err, "%s%-*s  %-*s  %-*s  %-*s  %s%s\n", on, VERDICT_WIDTH,
							 "VERDICT", PRIORITY_WIDTH, "PRIORITY", REASON_WIDTH, "REASON",
							 REFERENCE_WIDTH, "REFERENCE", "WHAT WAS FOUND", colour_end(on));
}

static char *shown_reference(const struct finding *finding)
{
	CLEANUP(free_at) char *name = NULL;
	if (finding->reference == NULL)
		return text_printable(finding->input);
	name = reference_format(finding->reference);
	return text_printable(name);
}

/* Cuts the last cell to what is left of the terminal's line, at a whole character. */
static void cut_to_width(char *text, size_t room)
{
	size_t end = strlen(text);
	while (end > 0 && text_width(text) > room) {
		do
			end--;
		while (end > 0 && ((unsigned char)text[end] & 0xC0) == 0x80);
		text[end] = '\0';
	}
}

static int write_evidence(const struct finding *finding, const struct evidence *evidence,
						  struct buffer *out, struct error *err)
{
	char digest[DIGEST_TEXT_SIZE];
	CLEANUP(free_at) char *internal = NULL;
	CLEANUP(free_at) char *platform = NULL;
	if (evidence->internal != NULL && evidence->internal->image.name != NULL)
		internal = text_printable(evidence->internal->image.name);
	if (evidence->image != SIZE_MAX &&
		finding->facts->images[evidence->image].tree->platform != NULL)
		platform = text_printable(finding->facts->images[evidence->image].tree->platform);
	if (buffer_add_format(out, err, "    %-8s  %-8s  %-11s  %s", identity_name(evidence->identity),
						  level_name(evidence->level), origin_name(evidence->origin),
						  digest_format(&evidence->digest, digest)) != 0)
		return -1;
	if (evidence->layer != SIZE_MAX &&
		buffer_add_format(out, err, "  layer %zu", evidence->layer + 1) != 0)
		return -1;
	if (platform != NULL && buffer_add_format(out, err, "  %s", platform) != 0)
		return -1;
	if (internal != NULL && buffer_add_format(out, err, "  in %s", internal) != 0)
		return -1;
	if (evidence->others > 0 &&
		buffer_add_format(out, err, " and %u more", (unsigned)evidence->others) != 0)
		return -1;
	return buffer_add(out, "\n", 1, err);
}

int finding_write_table(const struct finding *finding, const struct finding_table *table,
						struct buffer *out, struct error *err)
{
	const struct judgement *judgement = finding->judgement;
	const char *colour = colour_of(table, judgement);
	CLEANUP(free_at) char *reference = shown_reference(finding);
	CLEANUP(free_at) char *raw_summary = summary_of(finding);
	CLEANUP(free_at) char *summary = text_printable(raw_summary);
	size_t before = VERDICT_WIDTH + PRIORITY_WIDTH + REASON_WIDTH + 8 +
					(text_width(reference) > REFERENCE_WIDTH ? text_width(reference)
															 : REFERENCE_WIDTH);
	if (table->columns > before && !table->evidence)
		cut_to_width(summary, table->columns - before);
	if (buffer_add_format(out, err, "%s", colour) != 0 ||
		add_cell(verdict_name(judgement->verdict), VERDICT_WIDTH, out, err) != 0 ||
		add_cell(priority_name(judgement->priority), PRIORITY_WIDTH, out, err) != 0 ||
		add_cell(reason_name(judgement->reason), REASON_WIDTH, out, err) != 0 ||
		add_cell(reference, REFERENCE_WIDTH, out, err) != 0 ||
		buffer_add_format(out, err, "%s%s\n", summary, colour_end(colour)) != 0)
		return -1;
	for (size_t i = 0; table->evidence && i < judgement->evidence_count; i++)
		if (write_evidence(finding, &judgement->evidence[i], out, err) != 0)
			return -1;
	return 0;
}
