/*
 * secret: texts that are wiped before their memory is given back.
 */
#ifndef LAYERPROOF_NET_SECRET_H
#define LAYERPROOF_NET_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "layerproof/buffer.h"
#include "layerproof/error.h"
#include "layerproof/node.h"

/* Wipes and frees. NULL is legal. */
void secret_free(char *text);

/* The same for CLEANUP. */
void secret_free_at(char **text);

/* Wipes and empties a buffer that held a secret. Fits CLEANUP. */
void secret_buffer_clear(struct buffer *buffer);

/* Whether the text can stand in a header: not empty, and printable ASCII without blanks alone. */
bool secret_is_header_safe(const char *text);

/* "Bearer TOKEN". Free with secret_free(). */
char *secret_bearer(const char *token);

/* "Basic base64(username:password)" (RFC 7617). Free with secret_free(). */
char *secret_basic(const char *username, const char *password);

/* node_parse() for a document that holds secrets: its errors quote nothing of the text. Free with
 * secret_json_free(). */
json_t *secret_parse(const void *bytes, size_t size, const char *name, struct error *err);

/* Wipes the texts of a document that nobody else holds, and frees it. NULL is legal. */
void secret_json_free(json_t *value);

/* The same for CLEANUP. */
void secret_json_free_at(json_t **value);

/* Whether `text` repeats the secret, as it is or percent-encoded. An empty one is no secret. */
bool secret_is_in(const char *text, const char *secret);

/* This process leaves no core file from now on, not even by way of a program that the kernel hands
 * it to. Debuggers and leak checkers may still look in. */
void secret_forbid_core_files(void);

#endif
