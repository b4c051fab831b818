/*
 * fuzz_token_answer: what a token server sends is a token that can stand in a header, of a bounded
 * size and life, or an error.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "layerproof/limits.h"
#include "net/secret.h"
#include "net/token_answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
	if (!condition)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int64_t times[] = {0, 1767225600, INT64_C(1) << 40};
	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
		struct error err = ERROR_INIT;
		struct token_answer answer = {.token = NULL};
		if (token_answer_read(data, size, times[i], &answer, &err) != 0) {
			require(err.code == ERROR_MALFORMED || err.code == ERROR_OVER_LIMIT);
			require(strncmp(err.text, "token answer: ", 14) == 0 && answer.token == NULL);
			continue;
		}
		require(secret_is_header_safe(answer.token));
		require(strlen(answer.token) <= (size_t)LIMIT_BEARER_SIZE);
		require(answer.seconds >= 60 && answer.seconds <= LIMIT_TOKEN_SECONDS);
		secret_free(answer.token);
	}
	return 0;
}
