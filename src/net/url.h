/*
 * url: an http or https URL taken apart, by libcurl's own parser: what is judged here is what
 * libcurl will connect to.
 */
#ifndef LAYERPROOF_NET_URL_H
#define LAYERPROOF_NET_URL_H

#include <stdbool.h>

#include "layerproof/error.h"

/* Owns its texts; url_clear() frees them. */
struct url {
	char *text;      /* the whole, normalised, without fragment */
	char *scheme;    /* "http" or "https" */
	char *host;      /* lower case, numeric addresses normalised, IPv6 in brackets */
	char *authority; /* "host:port", the port always there */
	char *label;     /* "host", with ":port" when it is not the scheme's own: for people */
	bool has_port;   /* the port was written out */
};

#define URL_INIT                                                                                   \
	{                                                                                              \
		.text = NULL                                                                               \
	}

/* Parses an absolute URL. ERROR_MALFORMED for one that is no URL, is of another scheme or holds a
 * user name. `out` is written only on success. */
int url_parse(const char *text, struct url *out, struct error *err);

/* The same for a Location or a realm, which may be relative to `base` (RFC 3986, section 5). */
int url_resolve(const struct url *base, const char *text, struct url *out, struct error *err);

/* `path` at the same scheme, host and port as `root`, whose own path is "/". */
int url_at_root(const struct url *root, const char *path, struct url *out, struct error *err);

void url_copy(const struct url *from, struct url *to);
void url_clear(struct url *url);

bool url_is_https(const struct url *url);

/* Equal scheme, host and port: the only place a secret may go on to. */
bool url_same_origin(const struct url *a, const struct url *b);

/* The URL without its query, which is where signed URLs keep their secret. Free with free(). */
char *url_without_query(const struct url *url);

#endif
