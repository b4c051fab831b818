/*
 * fuzz_challenge: whatever stands in WWW-Authenticate headers, one a line, gives a challenge that
 * can be answered or none, and one that is written out in full is read as the same again.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "net/challenge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
	if (!condition)
		abort();
}

static int is_same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* `name="text"`, escaped; owned. */
static char *parameter(const char *name, const char *text)
{
	if (text == NULL)
		return memory_copy_text("");
	char *quoted CLEANUP(free_at) = memory_alloc(2 * strlen(text) + 1, 1);
	char *to = quoted;
	for (const char *from = text; *from != '\0'; from++) {
		if (*from == '"' || *from == '\\')
			*to++ = '\\';
		*to++ = *from;
	}
	return memory_format(",%s=\"%s\"", name, quoted);
}

static void check_again(const struct challenge *challenge)
{
	struct challenge again = CHALLENGE_INIT;
	char *realm CLEANUP(free_at) = parameter("realm", challenge->realm);
	char *service CLEANUP(free_at) = parameter("service", challenge->service);
	char *scope CLEANUP(free_at) = parameter("scope", challenge->scope);
	char *text CLEANUP(free_at) = memory_format(
		"%s %s%s%s", challenge->scheme == CHALLENGE_BASIC ? "Basic" : "Bearer", realm, service,
		scope);
	challenge_read(text, &again);
	if (strlen(text) <= (size_t)LIMIT_CHALLENGE_SIZE)
		require(again.scheme == challenge->scheme && is_same(again.realm, challenge->realm) &&
				is_same(again.service, challenge->service) &&
				is_same(again.scope, challenge->scope));
	challenge_clear(&again);
}

static void check(const struct challenge *challenge)
{
	require(challenge->scheme != CHALLENGE_BEARER || challenge->realm != NULL);
	require(challenge->scheme == CHALLENGE_BEARER || !challenge->prefers_password);
	if (challenge->scheme == CHALLENGE_NONE) {
		require(challenge->realm == NULL && challenge->service == NULL && challenge->scope == NULL);
		return;
	}
	struct challenge copy;
	challenge_copy(challenge, &copy);
	check_again(&copy);
	challenge_clear(&copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct challenge challenge = CHALLENGE_INIT;
	char *text CLEANUP(free_at) = memory_copy_span((const char *)data, size);
	for (char *line = text, *rest = NULL; line != NULL; line = rest) {
		enum challenge_scheme before = challenge.scheme;
		rest = strchr(line, '\n');
		if (rest != NULL)
			*rest++ = '\0';
		challenge_read(line, &challenge);
		require(challenge.scheme >= before);
	}
	check(&challenge);
	challenge_clear(&challenge);
	return 0;
}
