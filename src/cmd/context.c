#include "context.h"

#include <stdlib.h>
#include <string.h>

#include "layerproof/limits.h"

void text_list_add(struct text_list *list, const char *item)
{
	list->items = memory_grow(list->items, list->count, &list->capacity, sizeof(*list->items));
	list->items[list->count++] = item;
}

struct index *context_open_index(const struct context *context, enum index_mode mode,
								 struct error *err)
{
	CLEANUP(free_at)
	char *directory = settings_index_directory(context->settings, context->index_directory, err);
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

struct network *context_open_network(const struct context *context, struct error *err)
{
	struct text_list hosts = {.items = NULL};
	struct network_times times = {.idle = 0};
	const char *host;
	if (read_times(context, &times, err) != 0)
		return NULL;
	for (size_t i = 0; i < context->plain_http.count; i++)
		text_list_add(&hosts, context->plain_http.items[i]);
	for (size_t n = 0;
		 (host = settings_get_nth(context->settings, "network", "plain_http", n)) != NULL; n++)
		text_list_add(&hosts, host);
	text_list_add(&hosts, NULL);
	struct network_options options = {
		.times = times,
		.plain_http = hosts.items,
		.ca_file = context->ca_file != NULL ? context->ca_file
											: settings_get(context->settings, "network", "ca_file"),
	};
	struct network *network = network_new(&options, err);
	free(hosts.items);
	return network;
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
	settings_free(context->settings);
}
