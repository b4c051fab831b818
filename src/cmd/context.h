/*
 * context: what the command line, the environment and the configuration say together; private to
 * this folder.
 */
#ifndef LAYERPROOF_CMD_CONTEXT_H
#define LAYERPROOF_CMD_CONTEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "layerproof/assessor.h"
#include "layerproof/cache.h"
#include "layerproof/error.h"
#include "layerproof/index.h"
#include "layerproof/memory.h"
#include "layerproof/network.h"
#include "layerproof/settings.h"

struct text_list {
	const char **items;
	size_t count;
	size_t capacity;
};

void text_list_add(struct text_list *list, const char *item);

struct command;

/* What a command is given. */
struct context {
	const struct command *const *commands; /* all there are, ended by NULL */
	const char *index_directory;           /* --index; NULL */
	const char *config_file;               /* --config; NULL */
	int verbosity;
	struct text_list plain_http;
	struct text_list allow_net;
	const char *ca_file;
	bool is_patient;
	const char *max_requests; /* NULL: no bound */
	const char *max_bytes;
	struct settings *settings; /* loaded once the options are known */
};

/* Where the index is that the flag, environment or configuration names; free(). */
char *context_index_directory(const struct context *context, struct error *err);

/* That index. */
struct index *context_open_index(const struct context *context, enum index_mode mode,
								 struct error *err);

/* The network, with the options of the command line and the configuration. */
struct network *context_open_network(const struct context *context, struct error *err);

/* The cache that the environment or the configuration names; NULL where there can be none, which a
 * warning says, or is to be none. -1 for a configuration that makes no sense. */
int context_open_cache(const struct context *context, struct cache **out, struct error *err);

/* Whether the configuration says that every public base is in the index. */
int context_complete_bases(const struct context *context, bool *out, struct error *err);

void context_clear(struct context *context);

DEFINE_CLEANUP(struct index_snapshot, index_snapshot_end)
DEFINE_CLEANUP(struct network, network_free)
DEFINE_CLEANUP(struct assessor, assessor_free)

#endif
