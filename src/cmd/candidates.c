#include "candidates.h"

#include <string.h>
#include <unistd.h>

#include "layerproof/limits.h"

static int next_argument(void *context, const char **line, size_t *size, bool *is_long,
						 struct error *err)
{
	struct candidates *candidates = context;
	(void)err;
	if (*candidates->at == NULL)
		return 0;
	*line = *candidates->at++;
	*size = strlen(*line);
	*is_long = *size > (size_t)LIMIT_CANDIDATE_LINE;
	return 1;
}

static int next_line(void *context, const char **line, size_t *size, bool *is_long,
					 struct error *err)
{
	struct candidates *candidates = context;
	uint64_t number;
	enum lines_result result = lines_next(candidates->lines, line, size, &number, err);
	*is_long = result == LINES_LONG;
	return result == LINES_ERROR ? -1 : result != LINES_END;
}

struct candidate_input candidates_begin(struct candidates *candidates, char *const *references)
{
	*candidates = (struct candidates){.at = references};
	if (references != NULL)
		return (struct candidate_input){.next = next_argument, .context = candidates};
	candidates->lines = lines_new(STDIN_FILENO, (size_t)LIMIT_CANDIDATE_LINE, "standard input");
	return (struct candidate_input){.next = next_line, .context = candidates};
}

void candidates_end(struct candidates *candidates)
{
	lines_free(candidates->lines);
}
