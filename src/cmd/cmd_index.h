/*
 * cmd_index: the subcommands of `index`; private to this folder.
 */
#ifndef LAYERPROOF_CMD_CMD_INDEX_H
#define LAYERPROOF_CMD_CMD_INDEX_H

#include "context.h"

/* What the command line asks. */
struct index_request {
	bool json;
	bool complete_bases;
	const char *operand; /* NULL when there is none */

	bool has_origin; /* the filters of `list`; what was not given lets everything through */
	enum origin origin;
	const char *source;
	const char *name; /* a pattern of fnmatch(3) */
	bool without_layers;
	const char *digest;

	const char *image; /* of `forget`: a name or a digest */
	bool has_age;
	int64_t age;     /* seconds */
	uint64_t memory; /* 0: the default */
	bool dry_run;
	bool no_wait;
};

/* An age of `forget`: "90d", "12h". */
int index_parse_age(const char *text, int64_t *out, struct error *err);

/* The subcommands; each returns an exit code. */
int index_stat(struct index_snapshot *snapshot, const struct index_request *request);
int index_list(struct index_snapshot *snapshot, const struct index_request *request);
int index_show(struct index_snapshot *snapshot, const struct index_request *request);
int index_export(struct index_snapshot *snapshot, const struct index_request *request);
int index_check(const char *directory, const struct index_request *request);
int index_forget_from(struct index *index, const struct index_request *request);
int index_copy_to(struct index *index, const struct index_request *request);

#endif
