#include "credential.h"

#include <stddef.h>

#include "layerproof/memory.h"
#include "secret.h"

bool credential_is_set(const struct credential *credential)
{
	return (credential->username != NULL && credential->password != NULL) ||
		   credential->identity_token != NULL || credential->registry_token != NULL;
}

void credential_copy(const struct credential *from, struct credential *to)
{
	*to = (struct credential){
		.username = memory_copy_text(from->username),
		.password = memory_copy_text(from->password),
		.identity_token = memory_copy_text(from->identity_token),
		.registry_token = memory_copy_text(from->registry_token),
	};
}

void credential_clear(struct credential *credential)
{
	secret_free(credential->username);
	secret_free(credential->password);
	secret_free(credential->identity_token);
	secret_free(credential->registry_token);
	*credential = (struct credential)CREDENTIAL_INIT;
}
