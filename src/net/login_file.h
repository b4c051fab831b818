/*
 * login_file: one file of stored logins, docker's config.json or podman's auth.json
 * (registry-facts 27, 30, 31).
 */
#ifndef LAYERPROOF_NET_LOGIN_FILE_H
#define LAYERPROOF_NET_LOGIN_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "credential.h"
#include "layerproof/error.h"

struct login_file;

enum login_file_shape {
	LOGIN_FILE_WRAPPED, /* {"auths": {HOST: ...}, "credHelpers": ..., "credsStore": ...} */
	LOGIN_FILE_BARE,    /* ~/.dockercfg: {HOST: ...} */
};

/* `name` is for error texts. ERROR_MALFORMED. */
struct login_file *login_file_parse(const void *bytes, size_t size, enum login_file_shape shape,
									const char *name, struct error *err);
void login_file_free(struct login_file *file); /* NULL is legal */

/* The suffix of the helper that keeps this repository's login, or NULL: that of `credHelpers`,
 * where an empty one says that there is none, else that of `credsStore`. Borrowed. */
int login_file_helper(const struct login_file *file, const char *host, const char *repository,
					  const char **suffix, struct error *err);

/* The login that stands in the file itself; `out` stays unset when there is none. */
int login_file_find(const struct login_file *file, const char *host, const char *repository,
					struct credential *out, struct error *err);

#endif
