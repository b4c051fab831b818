/*
 * server_name: the names under which a registry's login may be stored (registry-facts 27 to 30).
 */
#ifndef LAYERPROOF_NET_SERVER_NAME_H
#define LAYERPROOF_NET_SERVER_NAME_H

#include <stdbool.h>

/* What a credential helper is asked for: Docker Hub has a name of its own, "ghcr.io" is itself. */
const char *server_name_for_helper(const char *host);

/* What stands in each name that server_name_visit() tries. */
const char *server_name_common_part(const char *host);

/* Calls `visit` with each name, the most specific first, until it returns true, and then returns
 * true itself: "host/ns/app", "host/ns", "host", then what `docker login` of any age may have
 * written, "https://host", "https://host/v1/"... Docker Hub goes by all of its hosts. */
bool server_name_visit(const char *host, const char *repository,
					   bool (*visit)(const char *name, void *context), void *context);

#endif
