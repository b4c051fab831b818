#include "credential.h"

#include <stddef.h>
#include <string.h>

#include "layerproof/memory.h"
#include "secret.h"

bool credential_has_password(const struct credential *credential)
{
	return credential->username != NULL && credential->password != NULL;
}

bool credential_is_set(const struct credential *credential)
{
	return credential_has_password(credential) || credential->identity_token != NULL ||
		   credential->registry_token != NULL;
}

void credential_copy(const struct credential *from, struct credential *to)
{
	*to = (struct credential){
		.username = memory_copy_text(from->username),
		.password = memory_copy_text(from->password),
		.identity_token = memory_copy_text(from->identity_token),
		.registry_token = memory_copy_text(from->registry_token),
		.trouble = memory_copy_text(from->trouble),
	};
}

void credential_clear(struct credential *credential)
{
	secret_free(credential->username);
	secret_free(credential->password);
	secret_free(credential->identity_token);
	secret_free(credential->registry_token);
	free(credential->trouble);
	*credential = (struct credential)CREDENTIAL_INIT;
}

/* Each part with its length before it, so that no two logins give the same text. */
static char *join(const struct credential *credential)
{
	const char *parts[] = {credential->username, credential->password, credential->identity_token,
						   credential->registry_token};
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		parts[i] = parts[i] == NULL ? "" : parts[i];
	return memory_format("%zu:%s %zu:%s %zu:%s %zu:%s", strlen(parts[0]), parts[0],
						 strlen(parts[1]), parts[1], strlen(parts[2]), parts[2], strlen(parts[3]),
						 parts[3]);
}

const char *credential_fingerprint(const struct credential *credential,
								   char out[static CREDENTIAL_FINGERPRINT_SIZE])
{
	struct digest digest;
	CLEANUP(secret_free_at) char *text = join(credential);
	digest_of(DIGEST_SHA256, text, strlen(text), &digest);
	return digest_format(&digest, out);
}
