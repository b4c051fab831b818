/*
 * challenge: what a WWW-Authenticate header asks for (RFC 9110, section 11.6.1; registry-facts 25).
 */
#ifndef LAYERPROOF_NET_CHALLENGE_H
#define LAYERPROOF_NET_CHALLENGE_H

#include <stdbool.h>

enum challenge_scheme {
	CHALLENGE_NONE = 0,
	CHALLENGE_BASIC,
	CHALLENGE_BEARER,
};

/* Owns its texts; challenge_clear() frees them. NULL where a parameter was not given. */
struct challenge {
	enum challenge_scheme scheme;
	bool prefers_password; /* Bearer, but Basic stands before it */
	bool is_insufficient;  /* error="insufficient_scope": a token for less was sent (RFC 6750) */
	char *realm;
	char *service;
	char *scope;
};

#define CHALLENGE_INIT                                                                             \
	{                                                                                              \
		.scheme = CHALLENGE_NONE                                                                   \
	}

/* Reads the value of one header, which may hold several challenges, and adds it to what earlier
 * headers held. Kept is the first Bearer that has a realm; else the first Basic. Nothing else can
 * be answered. What breaks the grammar, or is longer than LIMIT_CHALLENGE_SIZE, ends the reading;
 * there is no error: a header that cannot be read asks for nothing that could be given. */
void challenge_read(const char *value, struct challenge *challenge);

void challenge_copy(const struct challenge *from, struct challenge *to);
void challenge_clear(struct challenge *challenge);

#endif
