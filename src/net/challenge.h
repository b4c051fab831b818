/*
 * challenge: what a WWW-Authenticate header asks for (RFC 9110, section 11.6.1; registry-facts 25).
 */
#ifndef LAYERPROOF_NET_CHALLENGE_H
#define LAYERPROOF_NET_CHALLENGE_H

enum challenge_scheme {
	CHALLENGE_NONE = 0,
	CHALLENGE_BASIC,
	CHALLENGE_BEARER,
};

/* Owns its texts; challenge_clear() frees them. NULL where a parameter was not given. */
struct challenge {
	enum challenge_scheme scheme;
	char *realm;
	char *service;
	char *scope;
};

#define CHALLENGE_INIT                                                                             \
	{                                                                                              \
		.scheme = CHALLENGE_NONE                                                                   \
	}

/* Reads the value of one header, which may hold several challenges, and keeps the first that is
 * Bearer (with a realm) or Basic. A `challenge` that already has a scheme, from an earlier header,
 * is left alone. What breaks the grammar ends the reading; there is no error: a header that cannot
 * be read asks for nothing that could be given. */
void challenge_read(const char *value, struct challenge *challenge);

void challenge_copy(const struct challenge *from, struct challenge *to);
void challenge_clear(struct challenge *challenge);

#endif
