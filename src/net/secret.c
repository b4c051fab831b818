#include "secret.h"

#include <string.h>

#include "layerproof/base64.h"
#include "layerproof/memory.h"

void secret_free(char *text)
{
	if (text != NULL)
		explicit_bzero(text, strlen(text));
	free(text);
}

void secret_free_at(char **text)
{
	secret_free(*text);
}

bool secret_is_header_safe(const char *text)
{
	for (const char *c = text; *c != '\0'; c++) {
		if (*c <= ' ' || *c > '~')
			return false;
	}
	return *text != '\0';
}

char *secret_bearer(const char *token)
{
	return memory_format("Bearer %s", token);
}

char *secret_basic(const char *username, const char *password)
{
	CLEANUP(secret_free_at) char *pair = memory_format("%s:%s", username, password);
	size_t size = strlen(pair);
	CLEANUP(secret_free_at) char *encoded = memory_alloc(BASE64_ENCODED_ROOM(size), 1);
	(void)base64_encode(BASE64_STANDARD, pair, size, encoded);
	return memory_format("Basic %s", encoded);
}

json_t *secret_parse(const void *bytes, size_t size, const char *name, struct error *err)
{
	json_t *value = node_parse(bytes, size, name, err);
	char *quote = value == NULL ? strstr(err->text, " near ") : NULL;
	if (quote != NULL)
		*quote = '\0';
	return value;
}
