#include "context.h"

#include <stdlib.h>
#include <string.h>

#include "layerproof/limits.h"
#include "layerproof/log.h"
#include "layerproof/text.h"

void text_list_add(struct text_list *list, const char *item)
{
	list->items = memory_grow(list->items, list->count, &list->capacity, sizeof(*list->items));
	list->items[list->count++] = item;
}

char *context_index_directory(const struct context *context, struct error *err)
{
	return settings_index_directory(context->settings, context->index_directory, err);
}

struct index *context_open_index(const struct context *context, enum index_mode mode,
								 struct error *err)
{
	CLEANUP(free_at) char *directory = context_index_directory(context, err);
	return directory == NULL ? NULL : index_open(directory, mode, err);
}

static int read_seconds(const struct context *context, const char *key, int *out, struct error *err)
{
	long seconds = 0;
	if (settings_get_number(context->settings, "network", key, 1, LIMIT_SECONDS_MOST, &seconds,
							err) != 0)
		return -1;
	*out = (int)seconds;
	return 0;
}

static int read_times(const struct context *context, struct network_times *out, struct error *err)
{
	if (read_seconds(context, "connect_seconds", &out->connect, err) != 0 ||
		read_seconds(context, "idle_seconds", &out->idle, err) != 0)
		return -1;
	return read_seconds(context, "request_seconds", &out->request, err);
}

/* What the command line gives, then what the configuration does; ended by NULL. */
static struct text_list join(const struct context *context, const struct text_list *given,
							 const char *key)
{
	struct text_list all = {.items = NULL};
	const char *item;
	for (size_t i = 0; i < given->count; i++)
		text_list_add(&all, given->items[i]);
	for (size_t n = 0; (item = settings_get_nth(context->settings, "network", key, n)) != NULL; n++)
		text_list_add(&all, item);
	text_list_add(&all, NULL);
	return all;
}

static int read_size(const char *text, const char *what, uint64_t *out, struct error *err)
{
	if (text == NULL || text_parse_size(text, out) == 0)
		return 0;
	return error_set(err, ERROR_USAGE,
					 "%s is a whole number above 0, perhaps with K, M or G behind, not \"%s\"",
					 what, text);
}

static int read_budget(const struct context *context, struct network_options *out,
					   struct error *err)
{
	if (read_size(context->max_requests, "--max-requests", &out->max_requests, err) != 0)
		return -1;
	return read_size(context->max_bytes, "--max-bytes", &out->max_bytes, err);
}

struct network *context_open_network(const struct context *context, struct error *err)
{
	struct network_times times = {.idle = 0};
	if (read_times(context, &times, err) != 0)
		return NULL;
	struct text_list hosts = join(context, &context->plain_http, "plain_http");
	struct text_list networks = join(context, &context->allow_net, "allow_net");
	struct network_options options = {
		.times = times,
		.plain_http = hosts.items,
		.allow_net = networks.items,
		.ca_file = context->ca_file != NULL ? context->ca_file
											: settings_get(context->settings, "network", "ca_file"),
		.is_patient = context->is_patient,
	};
	struct network *network = NULL;
	if (read_budget(context, &options, err) == 0)
		network = network_new(&options, err);
	free(hosts.items);
	free(networks.items);
	return network;
}

int context_open_cache(const struct context *context, struct cache **out, struct error *err)
{
	long size = LIMIT_CACHE_MIB_DEFAULT;
	struct error reason = ERROR_INIT;
	*out = NULL;
	if (settings_get_number(context->settings, "cache", "size", 0, LIMIT_CACHE_MIB, &size, err) !=
		0)
		return -1;
	CLEANUP(free_at) char *directory = settings_cache_directory(context->settings);
	if (size == 0 || directory == NULL)
		return 0;
	*out = cache_open(directory, LIMIT_MIB(size), &reason);
	if (*out == NULL)
		log_warning("cache %s: %s; done without", directory, reason.text);
	return 0;
}

int context_complete_bases(const struct context *context, bool *out, struct error *err)
{
	const char *value = settings_get(context->settings, "origin", "bases");
	*out = value != NULL && strcmp(value, "complete") == 0;
	if (value == NULL || *out || strcmp(value, "partial") == 0)
		return 0;
	return error_set(err, ERROR_USAGE,
					 "configuration: [origin] bases is \"complete\" or \"partial\", not \"%s\"",
					 value);
}

void context_clear(struct context *context)
{
	free(context->plain_http.items);
	free(context->allow_net.items);
	settings_free(context->settings);
}
