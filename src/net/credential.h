/*
 * credential: one stored login, as a value.
 */
#ifndef LAYERPROOF_NET_CREDENTIAL_H
#define LAYERPROOF_NET_CREDENTIAL_H

#include <stdbool.h>

#include "layerproof/digest.h"

/* Owns its texts; all NULL: no login is stored. */
struct credential {
	char *username;
	char *password;
	char *identity_token; /* an OAuth2 refresh token: good for a token server alone */
	char *registry_token; /* a ready Bearer token */
	char *trouble;        /* why there is none, although there may be one; NULL: nothing is known */
};

#define CREDENTIAL_INIT                                                                            \
	{                                                                                              \
		.username = NULL                                                                           \
	}

enum { CREDENTIAL_FINGERPRINT_SIZE = DIGEST_TEXT_SIZE };

bool credential_is_set(const struct credential *credential);

/* Whether there is a name and a password, as Basic wants them. */
bool credential_has_password(const struct credential *credential);

void credential_copy(const struct credential *from, struct credential *to);

/* Wipes and frees. */
void credential_clear(struct credential *credential);

/* What tells one login from another, without showing it. Returns `out`. */
const char *credential_fingerprint(const struct credential *credential,
								   char out[static CREDENTIAL_FINGERPRINT_SIZE]);

#endif
