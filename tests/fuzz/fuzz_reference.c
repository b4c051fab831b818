/*
 * fuzz_reference: whatever is taken as a reference has one canonical text, and what goes into a URL
 * needs no escaping.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "layerproof/memory.h"
#include "layerproof/reference.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
	if (!condition)
		abort();
}

static void check_url_parts(const struct reference *reference)
{
	static const char legal[] = "abcdefghijklmnopqrstuvwxyz0123456789._-/";
	static const char legal_tag[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	require(strspn(reference->repository, legal) == strlen(reference->repository));
	require(strstr(reference->repository, "..") == NULL);
	require(strpbrk(reference->registry, "/@?#%\\ ") == NULL);
	require(strlen(reference->registry) + 1 + strlen(reference->repository) <= 255);
	if (reference->tag != NULL)
		require(strspn(reference->tag, legal_tag) == strlen(reference->tag));
	require((reference->tag == NULL) == digest_is_set(&reference->digest));
}

/* The canonical text is a reference, and its own canonical text. */
static void check_canonical(const struct reference *reference)
{
	struct error err = ERROR_INIT;
	struct reference again CLEANUP(reference_clear) = {.registry = NULL};
	char *text CLEANUP(free_at) = reference_format(reference);
	require(reference_parse(text, &again, &err) == 0);
	char *text_again CLEANUP(free_at) = reference_format(&again);
	require(strcmp(text, text_again) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = ERROR_INIT;
	struct reference parsed CLEANUP(reference_clear) = {.registry = NULL};
	char *text CLEANUP(free_at) = memory_copy_span((const char *)data, size);
	if (reference_parse(text, &parsed, &err) != 0) {
		require(err.code == ERROR_BAD_REFERENCE && err.text[0] != '\0');
		return 0;
	}
	require(err.code == ERROR_NONE);
	if (parsed.transport == REFERENCE_REGISTRY)
		check_url_parts(&parsed);
	else
		require(parsed.path[0] != '\0');
	check_canonical(&parsed);
	return 0;
}
