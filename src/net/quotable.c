#include "quotable.h"

#include <string.h>

#include "answer.h"
#include "layerproof/memory.h"
#include "secret.h"
#include "shared.h"

/* The part of an Authorization value behind its scheme. */
static const char *secret_part(const char *authorization)
{
	const char *blank = authorization == NULL ? NULL : strchr(authorization, ' ');
	return blank == NULL ? NULL : blank + 1;
}

void quotable_fail(struct http *http, const struct login *login, struct transfer *transfer,
				   const char *authorization, const char *other, struct failure *failure)
{
	struct credential stored = CREDENTIAL_INIT;
	if (login->host != NULL)
		credentials_find_any(http->network->credentials, login->host, login->repository, &stored);
	CLEANUP(secret_free_at)
	char *basic = credential_has_password(&stored) ? secret_basic(stored.username, stored.password)
												   : NULL;
	const char *const list[] = {
		stored.password,    stored.identity_token,      stored.registry_token,
		secret_part(basic), secret_part(authorization), secret_part(other),
	};
	const struct answer_secrets secrets = {.list = list, .count = sizeof list / sizeof list[0]};
	answer_fail(transfer, &secrets, failure);
	credential_clear(&stored);
}
