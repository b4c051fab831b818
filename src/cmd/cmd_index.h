/*
 * cmd_index: the subcommands of `index`; private to this folder.
 */
#ifndef LAYERPROOF_CMD_CMD_INDEX_H
#define LAYERPROOF_CMD_CMD_INDEX_H

#include "context.h"

/* Each gets an open snapshot and what stands behind its name; returns an exit code. */
struct index_request {
	bool json;
	bool complete_bases;
	const char *operand; /* NULL when there is none */
};

int index_stat(struct index_snapshot *snapshot, const struct index_request *request);
int index_list(struct index_snapshot *snapshot, const struct index_request *request);
int index_show(struct index_snapshot *snapshot, const struct index_request *request);

#endif
