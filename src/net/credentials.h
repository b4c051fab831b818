/*
 * credentials: the logins that docker and podman keep for this user, found as they find them
 * (registry-facts 27 to 31). Shared by all threads; the files (credential_files.h) are read at the
 * first question.
 *
 * In a file, as docker has it: the helper for that host, or else the helper for all hosts; then
 * what stands in the file. The first file that has a login is the last one searched.
 */
#ifndef LAYERPROOF_NET_CREDENTIALS_H
#define LAYERPROOF_NET_CREDENTIALS_H

#include <stdbool.h>

#include "credential.h"

struct credentials;

struct credentials *credentials_new(void);
void credentials_free(struct credentials *credentials); /* NULL is legal */

/* The login for a repository of a registry; `out` is unset when there is none. There is no error: a
 * file that cannot be read is a warning, once; a helper that fails is told with -v and by
 * `out->trouble`, and the search goes on. A public image needs no login. */
void credentials_find(struct credentials *credentials, const char *host, const char *repository,
					  struct credential *out);

/* The same, one that was refused included: what must not be shown, whoever repeats it. */
void credentials_find_any(struct credentials *credentials, const char *host, const char *repository,
						  struct credential *out);

/* Whether the login for `host` may be sent: the first time it goes out with one
 * request alone, whose end credentials_accept(), credentials_refuse() or credentials_leave() tells,
 * while others wait for that. False when it was refused meanwhile. */
bool credentials_claim(struct credentials *credentials, const char *host,
					   const struct credential *credential);
void credentials_leave(struct credentials *credentials, const char *host,
					   const struct credential *credential);

/* What came of sending the login for `host`. One that is refused and was never taken before is not
 * sent again: a warning says so, once, and from then on credentials_find() gives none. Else a
 * password that was changed meanwhile would be tried for every candidate, and its account be locked
 * for it. */
void credentials_accept(struct credentials *credentials, const char *host,
						const struct credential *credential);
void credentials_refuse(struct credentials *credentials, const char *host,
						const struct credential *credential);

#endif
