/*
 * candidates: those of the command line, or of standard input; private to this folder.
 */
#ifndef LAYERPROOF_CMD_CANDIDATES_H
#define LAYERPROOF_CMD_CANDIDATES_H

#include "layerproof/candidate.h"
#include "layerproof/lines.h"

/* candidates_end() frees what it holds. */
struct candidates {
	char *const *at;     /* behind the last: NULL; NULL itself: standard input */
	struct lines *lines; /* of standard input */
};

/* `references` as in the arguments, ended by NULL; NULL: the lines of standard input. Borrowed. */
struct candidate_input candidates_begin(struct candidates *candidates, char *const *references);
void candidates_end(struct candidates *candidates);

#endif
