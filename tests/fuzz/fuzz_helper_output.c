/*
 * fuzz_helper_output: what a credential helper prints is a login or an error, and what is shown of
 * it is one short printable line that holds no answer.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "layerproof/memory.h"
#include "net/helper_output.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
	if (!condition)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = ERROR_INIT;
	struct credential credential = CREDENTIAL_INIT;
	if (helper_output_read(data, size, &credential, &err) == 0) {
		require(credential_has_password(&credential) == (credential.identity_token == NULL));
		require(credential.registry_token == NULL && err.code == ERROR_NONE);
	} else {
		require(err.code == ERROR_MALFORMED || err.code == ERROR_OVER_LIMIT);
		require(!credential_is_set(&credential));
	}
	credential_clear(&credential);
	char *text CLEANUP(free_at) = memory_copy_span((const char *)data, size);
	char *words CLEANUP(free_at) = helper_output_words(text);
	require(strlen(words) <= 4 * 200 && strpbrk(words, "{\"\r\n\x1b") == NULL);
	return 0;
}
