/*
 * scope: what a token is asked for (distribution token.md, "scope"; registry-facts 24). A scope may
 * be several, parted by blanks.
 */
#ifndef LAYERPROOF_NET_SCOPE_H
#define LAYERPROOF_NET_SCOPE_H

#include <stdbool.h>

#include "challenge.h"

/* What the reading of a repository takes: "repository:NAME:pull". Free with free(). */
char *scope_of_repository(const char *repository);

/* The scope that answers the challenge: its own, or that of the repository where it names none. A
 * challenge for more than a token had stands first, since some token servers look no further, and
 * the reading of the repository behind it. Free with free(). */
char *scope_for(const char *repository, const struct challenge *challenge);

/* Whether each of the scopes `wanted` is among `scopes`. */
bool scope_holds(const char *scopes, const char *wanted);

/* Whether the challenge names a scope that other repositories of the registry may be asked about
 * with, too: "aws" of ECR Public, "*" of Codeberg. */
bool scope_is_for_all(const char *repository, const struct challenge *challenge);

#endif
