/*
 * credential: one stored login, as a value.
 */
#ifndef LAYERPROOF_NET_CREDENTIAL_H
#define LAYERPROOF_NET_CREDENTIAL_H

#include <stdbool.h>

/* Owns its texts; all NULL: no login is stored. */
struct credential {
	char *username;
	char *password;
	char *identity_token; /* an OAuth2 refresh token: good for a token server alone */
	char *registry_token; /* a ready Bearer token */
};

#define CREDENTIAL_INIT                                                                            \
	{                                                                                              \
		.username = NULL                                                                           \
	}

bool credential_is_set(const struct credential *credential);
void credential_copy(const struct credential *from, struct credential *to);

/* Wipes and frees. */
void credential_clear(struct credential *credential);

#endif
