/*
 * secret: texts that are wiped before their memory is given back.
 */
#ifndef LAYERPROOF_NET_SECRET_H
#define LAYERPROOF_NET_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "layerproof/error.h"
#include "layerproof/node.h"

/* Wipes and frees. NULL is legal. */
void secret_free(char *text);

/* The same for CLEANUP. */
void secret_free_at(char **text);

/* Whether the text can stand in a header: not empty, and printable ASCII without blanks alone. */
bool secret_is_header_safe(const char *text);

/* "Bearer TOKEN". Free with secret_free(). */
char *secret_bearer(const char *token);

/* "Basic base64(username:password)" (RFC 7617). Free with secret_free(). */
char *secret_basic(const char *username, const char *password);

/* node_parse() for a document that holds secrets: its errors quote nothing of the text. */
json_t *secret_parse(const void *bytes, size_t size, const char *name, struct error *err);

#endif
