#include "helper_output.h"

#include <string.h>

#include "layerproof/memory.h"
#include "layerproof/node.h"
#include "layerproof/text.h"
#include "secret.h"

enum { WORDS_MAX = 200 };

int helper_output_read(const void *bytes, size_t size, struct credential *out, struct error *err)
{
	CLEANUP(secret_json_free_at) json_t *value = secret_parse(bytes, size, "answer", err);
	if (value == NULL)
		return -1;
	struct node root = node_root(value, "answer");
	const char *username = NULL;
	const char *secret = NULL;
	if (node_expect_object(&root, err) != 0 ||
		node_member_text(&root, "Username", NODE_REQUIRED, &username, err) != 0 ||
		node_member_text(&root, "Secret", NODE_REQUIRED, &secret, err) != 0)
		return -1;
	if (strcmp(username, "<token>") == 0) {
		out->identity_token = memory_copy_text(secret);
		return 0;
	}
	out->username = memory_copy_text(username);
	out->password = memory_copy_text(secret);
	return 0;
}

/* What looks like an answer may hold a secret, whatever the exit code was. */
char *helper_output_words(const char *text)
{
	if (text == NULL)
		return memory_copy_text("");
	text += strspn(text, " \t\r\n");
	size_t size = strcspn(text, "\r\n");
	CLEANUP(free_at) char *line = memory_copy_span(text, size < WORDS_MAX ? size : WORDS_MAX);
	bool may_be_secret = strpbrk(line, "{\"") != NULL;
	return may_be_secret ? memory_copy_text("") : text_printable(line);
}
