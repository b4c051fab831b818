/*
 * credentials: the logins that docker and podman keep for this user, found as they find them
 * (registry-facts 27 to 31). Shared by all threads; the files are read at the first question.
 *
 * In this order: $DOCKER_AUTH_CONFIG, a file's text; then $REGISTRY_AUTH_FILE alone, if it is set;
 * else podman's auth.json in $XDG_RUNTIME_DIR and in $XDG_CONFIG_HOME, docker's config.json and
 * ~/.dockercfg. In a file: the helper for that host, what stands in the file, the helper for all.
 */
#ifndef LAYERPROOF_NET_CREDENTIALS_H
#define LAYERPROOF_NET_CREDENTIALS_H

#include "credential.h"

struct credentials;

struct credentials *credentials_new(void);
void credentials_free(struct credentials *credentials); /* NULL is legal */

/* The login for a repository of a registry; `out` is unset when there is none. There is no error: a
 * file that cannot be read is a warning, once, a helper that fails is told with -v, and the search
 * goes on. A public image needs no login. */
void credentials_find(struct credentials *credentials, const char *host, const char *repository,
					  struct credential *out);

#endif
