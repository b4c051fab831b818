/*
 * credential_files: the files of stored logins that docker and podman would read for this user, in
 * the order in which they are searched (registry-facts 27, 30, 31).
 *
 * $DOCKER_AUTH_CONFIG, a file's text; then $REGISTRY_AUTH_FILE alone, if it is set; else podman's
 * auth.json in $XDG_RUNTIME_DIR and in $XDG_CONFIG_HOME, docker's config.json and ~/.dockercfg.
 */
#ifndef LAYERPROOF_NET_CREDENTIAL_FILES_H
#define LAYERPROOF_NET_CREDENTIAL_FILES_H

#include <stddef.h>

#include "login_file.h"

enum { CREDENTIAL_FILES_MAX = 5 }; /* the places named above */

/* Loads those that are there; returns how many. The caller frees each with login_file_free(). One
 * that cannot be read is a warning. From then on this process leaves no core file. */
size_t credential_files_load(struct login_file *files[static CREDENTIAL_FILES_MAX]);

#endif
