/*
 * helper_output: what a docker-credential-* program prints, as a login or as the reason why there
 * is none (docker-credential-helpers; registry-facts 29).
 */
#ifndef LAYERPROOF_NET_HELPER_OUTPUT_H
#define LAYERPROOF_NET_HELPER_OUTPUT_H

#include <stddef.h>

#include "credential.h"
#include "layerproof/error.h"

/* {"ServerURL", "Username", "Secret"}; the user name "<token>" marks an identity token.
 * ERROR_MALFORMED. */
int helper_output_read(const void *bytes, size_t size, struct credential *out, struct error *err);

/* What it said of a failure: its first line, printable and short, or "" where that may hold a
 * secret. `text` may be NULL. Free with free(). */
char *helper_output_words(const char *text);

#endif
