#include "check_progress.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "layerproof/check.h"

bool check_progress_is_wanted(int verbosity)
{
	const char *kind = getenv("TERM");
	return verbosity == 0 && isatty(STDERR_FILENO) == 1 && kind != NULL && *kind != '\0' &&
		   strcmp(kind, "dumb") != 0;
}

static uint64_t count_references(char *const *references)
{
	uint64_t count = 0;
	while (references[count] != NULL)
		count++;
	return count;
}

struct progress *check_progress_start(int verbosity, char *const *references,
									  const struct progress_words *words, struct network *network)
{
	/* Where the user types, a line that comes and goes is in the way. */
	if (!check_progress_is_wanted(verbosity) || (*references == NULL && isatty(STDIN_FILENO) == 1))
		return NULL;
	uint64_t total = *references != NULL ? count_references(references)
										 : check_count_candidates(STDIN_FILENO);
	return progress_new(STDERR_FILENO, total, words, network);
}
