/*
 * fuzz_answer: what is shown of an error body is short, printable, and repeats no secret.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "layerproof/memory.h"
#include "net/answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
	if (!condition)
		abort();
}

/* The first line is the secret, the rest the body. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *line_end = size == 0 ? NULL : memchr(data, '\n', size);
	size_t head = line_end == NULL ? 0 : (size_t)(line_end - data) + 1;
	char *secret CLEANUP(free_at) = line_end == NULL
										? NULL
										: memory_copy_span((const char *)data, head - 1);
	const char *const list[] = {secret};
	const struct answer_secrets secrets = {.list = list, .count = 1};
	struct answer_reason reason;
	answer_read_reason(data + head, size - head, &secrets, &reason);
	require(!reason.is_unknown_content || reason.is_unknown);
	if (reason.text != NULL) {
		bool is_ours = strcmp(reason.text, "(its reason repeats a secret of ours)") == 0;
		require(strlen(reason.text) <= 4 * 200 && strpbrk(reason.text, "\r\n\x1b") == NULL);
		require(is_ours || secret == NULL || *secret == '\0' ||
				strstr(reason.text, secret) == NULL || strchr(secret, '\\') != NULL ||
				strchr(reason.text, '\\') != NULL);
	}
	free(reason.text);
	return 0;
}
