/*
 * helper: asks a docker-credential-* program for a login (docker-credential-helpers;
 * registry-facts 29).
 */
#ifndef LAYERPROOF_NET_HELPER_H
#define LAYERPROOF_NET_HELPER_H

#include "credential.h"
#include "layerproof/error.h"

/* Runs `docker-credential-SUFFIX get`, without a shell, for LIMIT_HELPER_SECONDS at most. `out`
 * stays unset when the helper answers that it keeps no login for `server`. ERROR_USAGE for a suffix
 * that is no plain name, ERROR_SYSTEM for a program that cannot be run, fails or does not end,
 * ERROR_MALFORMED for an answer that makes no sense. */
int helper_get(const char *suffix, const char *server, struct credential *out, struct error *err);

#endif
