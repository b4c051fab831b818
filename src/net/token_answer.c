#include "token_answer.h"

#include <string.h>
#include <time.h>

#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "layerproof/node.h"
#include "secret.h"

/* token.md: never less than 60 s, "for compatibility with older clients". */
enum { SHORTEST_LIFE = 60 };

/* Seconds since 1970 of an RFC 3339 time, its zone included; `fallback` for any other text. */
static int64_t read_time(const char *text, int64_t fallback)
{
	struct tm parts = {.tm_isdst = 0};
	const char *rest = text == NULL ? NULL : strptime(text, "%Y-%m-%dT%H:%M:%S", &parts);
	if (rest != NULL && *rest == '.')
		rest += 1 + strspn(rest + 1, "0123456789");
	if (rest != NULL)
		rest = strptime(rest, "%z", &parts);
	if (rest == NULL || *rest != '\0')
		return fallback;
	int64_t ahead = parts.tm_gmtoff; /* timegm() clears it */
	return (int64_t)timegm(&parts) - ahead;
}

/* A token that came out of a cache has lived for a while (`issued_at`); the clocks may differ. */
static int64_t remaining_life(int64_t life, const char *issued_at, int64_t now)
{
	int64_t age = now - read_time(issued_at, now);
	if (life > LIMIT_TOKEN_SECONDS)
		life = LIMIT_TOKEN_SECONDS;
	if (age > 0)
		life = age < life ? life - age : 0;
	return life < SHORTEST_LIFE ? SHORTEST_LIFE : life;
}

/* An empty one counts as none. */
static int read_member(const struct node *root, const char *name, const char **out,
					   struct error *err)
{
	if (node_member_text(root, name, NODE_OPTIONAL, out, err) != 0)
		return -1;
	if (*out != NULL && **out == '\0')
		*out = NULL;
	return 0;
}

static int read_token(const struct node *root, const char **out, struct error *err)
{
	if (node_expect_object(root, err) != 0 || read_member(root, "token", out, err) != 0)
		return -1;
	if (*out == NULL && read_member(root, "access_token", out, err) != 0)
		return -1;
	if (*out == NULL)
		return node_error(root, err, "has no token");
	if (!secret_is_header_safe(*out))
		return node_error(root, err, "has a token that is not one");
	if (strlen(*out) > (size_t)LIMIT_BEARER_SIZE)
		return error_set(err, ERROR_OVER_LIMIT, "token answer: has a token of more than %lld bytes",
						 (long long)LIMIT_BEARER_SIZE);
	return 0;
}

int token_answer_read(const void *bytes, size_t size, int64_t now, struct token_answer *out,
					  struct error *err)
{
	CLEANUP(secret_json_free_at) json_t *value = secret_parse(bytes, size, "token answer", err);
	if (value == NULL)
		return -1;
	struct node root = node_root(value, "token answer");
	const char *token = NULL;
	const char *issued_at = NULL;
	int64_t life = 0;
	struct error ignored; /* times that make no sense are as good as none */
	if (read_token(&root, &token, err) != 0)
		return -1;
	if (node_member_text(&root, "issued_at", NODE_OPTIONAL, &issued_at, &ignored) != 0)
		issued_at = NULL;
	if (node_member_size(&root, "expires_in", NODE_OPTIONAL, &life, &ignored) != 0)
		life = 0;
	out->token = memory_copy_text(token);
	out->seconds = remaining_life(life, issued_at, now);
	return 0;
}
