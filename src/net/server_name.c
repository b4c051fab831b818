#include "server_name.h"

#include <stddef.h>
#include <string.h>

#include "layerproof/memory.h"
#include "layerproof/text.h"

static const char *const HUB_HOSTS[] = {"docker.io", "index.docker.io", "registry-1.docker.io",
										NULL};

static bool is_hub(const char *host)
{
	for (const char *const *hub = HUB_HOSTS; *hub != NULL; hub++) {
		if (text_equal_fold(host, *hub))
			return true;
	}
	return false;
}

const char *server_name_for_helper(const char *host)
{
	return is_hub(host) ? "https://index.docker.io/v1/" : host;
}

const char *server_name_common_part(const char *host)
{
	return is_hub(host) ? "docker.io" : host;
}

/* "host/ns/app" for each of the hosts, then "host/ns", then "host". */
static bool visit_namespaces(const char *const *hosts, const char *repository,
							 bool (*visit)(const char *name, void *context), void *context)
{
	CLEANUP(free_at) char *path = memory_format("/%s", repository);
	for (;;) {
		for (const char *const *host = hosts; *host != NULL; host++) {
			CLEANUP(free_at) char *name = memory_format("%s%s", *host, path);
			if (visit(name, context))
				return true;
		}
		char *last = strrchr(path, '/');
		if (last == NULL)
			return false;
		*last = '\0';
	}
}

static bool visit_urls(const char *const *hosts, bool (*visit)(const char *name, void *context),
					   void *context)
{
	static const char *const schemes[] = {"https://", "http://", ""};
	static const char *const suffixes[] = {"", "/", "/v1/", "/v2/", "/v1", "/v2"};
	for (const char *const *host = hosts; *host != NULL; host++) {
		for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
			for (size_t j = 0; j < sizeof suffixes / sizeof suffixes[0]; j++) {
				CLEANUP(free_at)
				char *name = memory_format("%s%s%s", schemes[i], *host, suffixes[j]);
				if (visit(name, context))
					return true;
			}
		}
	}
	return false;
}

bool server_name_visit(const char *host, const char *repository,
					   bool (*visit)(const char *name, void *context), void *context)
{
	const char *const own[] = {host, NULL};
	const char *const *hosts = is_hub(host) ? HUB_HOSTS : own;
	return visit_namespaces(hosts, repository, visit, context) || visit_urls(hosts, visit, context);
}
