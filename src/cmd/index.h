/*
 * index: the subcommands of `index`; private to this folder.
 */
#ifndef LAYERPROOF_CMD_INDEX_H
#define LAYERPROOF_CMD_INDEX_H

#include <jansson.h>

#include "command.h"

/* Each gets an open snapshot and what stands behind its name; returns an exit code. */
struct index_request {
	bool json;
	bool complete_bases;
	const char *operand; /* NULL when there is none */
};

int index_stat(struct index_snapshot *snapshot, const struct index_request *request);
int index_list(struct index_snapshot *snapshot, const struct index_request *request);
int index_show(struct index_snapshot *snapshot, const struct index_request *request);

/* The bits of a set of identities as JSON texts. */
json_t *index_identities(unsigned identities);

/* Prints one JSON value on a line; returns an exit code. Takes the value. */
int index_print_json(json_t *value);

/* Sets a member to a text that may be NULL, which leaves it out. */
void index_set_text(json_t *object, const char *name, const char *text);

#endif
