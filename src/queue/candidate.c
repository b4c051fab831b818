#include "layerproof/candidate.h"

#include <stdlib.h>
#include <string.h>

#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "layerproof/node.h"
#include "layerproof/text.h"

bool candidate_is_skipped(const char *line, size_t size)
{
	text_trim(&line, &size);
	return size == 0 || *line == '#';
}

static int take_reference(struct candidate *candidate, const char *text, struct error *err)
{
	if (reference_parse(text, &candidate->reference, err) != 0)
		return -1;
	candidate->has_reference = true;
	return 0;
}

/* `ref`, or `image`; all other members come back in the finding as they were. */
static int take_object(struct candidate *candidate, json_t *value, struct error *err)
{
	struct node root = node_root(value, "candidate");
	const char *taken = "ref";
	const char *text = NULL;
	if (node_expect_object(&root, err) != 0)
		return -1;
	int result = node_member_text(&root, taken, NODE_OPTIONAL, &text, err);
	if (result == 0 && text == NULL) {
		taken = "image";
		result = node_member_text(&root, taken, NODE_OPTIONAL, &text, err);
	}
	candidate->discovery = node_without(&root, taken);
	if (result != 0)
		return -1;
	if (text == NULL)
		return error_set(err, ERROR_BAD_REFERENCE,
						 "candidate: neither \"ref\" nor \"image\" is there");
	return take_reference(candidate, text, err);
}

static int take_line(struct candidate *candidate, const char *text, size_t size, bool is_long,
					 struct error *err)
{
	if (is_long)
		return error_set(err, ERROR_BAD_REFERENCE, "longer than %lld bytes",
						 (long long)LIMIT_CANDIDATE_LINE);
	if (*text == '{') {
		json_t *value = node_parse(text, size, "candidate", err);
		if (value == NULL)
			return -1;
		int result = take_object(candidate, value, err);
		json_decref(value);
		return result;
	}
	if (memchr(text, '\0', size) != NULL)
		return error_set(err, ERROR_BAD_REFERENCE, "a NUL byte is in it");
	CLEANUP(free_at) char *copy = memory_copy_span(text, size);
	return take_reference(candidate, copy, err);
}

void candidate_parse(const char *line, size_t size, bool is_long, struct candidate *out)
{
	*out = (struct candidate){.error = ERROR_INIT};
	text_trim(&line, &size);
	out->input = text_utf8(line, size);
	if (take_line(out, line, size, is_long, &out->error) == 0)
		return;
	/* Whatever was wrong with the line, the finding's reason is one. */
	out->error.code = ERROR_BAD_REFERENCE;
}

void candidate_clear(struct candidate *candidate)
{
	free(candidate->input);
	if (candidate->has_reference)
		reference_clear(&candidate->reference);
	json_decref(candidate->discovery);
	*candidate = (struct candidate){.input = NULL};
}
