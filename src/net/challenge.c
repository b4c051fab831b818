#include "challenge.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "layerproof/text.h"
#include "quoted_string.h"

/* RFC 9110, section 5.6.2. */
static bool is_token_byte(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
		   (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

/* Some servers leave a realm's URL unquoted. */
static bool is_value_byte(char c)
{
	return is_token_byte(c) || (c != '\0' && strchr("/:=?@", c) != NULL);
}

static void skip_blanks(const char **at)
{
	*at += strspn(*at, " \t");
}

static void skip_separators(const char **at)
{
	*at += strspn(*at, " \t,");
}

/* An owned token, or NULL where none begins. */
static char *read_token(const char **at)
{
	const char *start = *at;
	while (is_token_byte(**at))
		(*at)++;
	return *at == start ? NULL : memory_copy_span(start, (size_t)(*at - start));
}

static char *read_value(const char **at)
{
	if (**at == '"')
		return quoted_string_read(at);
	const char *start = *at;
	while (is_value_byte(**at))
		(*at)++;
	return memory_copy_span(start, (size_t)(*at - start));
}

/* A parameter that is given twice keeps its first value. */
static void keep_parameter(struct challenge *challenge, const char *name, char *value)
{
	char **place = NULL;
	if (text_equal_fold(name, "error") && strcmp(value, "insufficient_scope") == 0)
		challenge->is_insufficient = true;
	if (text_equal_fold(name, "realm"))
		place = &challenge->realm;
	else if (text_equal_fold(name, "service"))
		place = &challenge->service;
	else if (text_equal_fold(name, "scope"))
		place = &challenge->scope;
	if (place == NULL || *place != NULL)
		free(value);
	else
		*place = value;
}

/* Whether `name = value` begins here; a token without "=" is the scheme of the next challenge. */
static bool parameter_begins(const char *at)
{
	while (is_token_byte(*at))
		at++;
	skip_blanks(&at);
	return *at == '=';
}

/* What some schemes have in place of parameters: "Negotiate YWJj/A==". */
static void skip_token68(const char **at)
{
	skip_blanks(at);
	const char *end = *at;
	while (is_token_byte(*end) || *end == '/')
		end++;
	end += strspn(end, "=");
	const char *behind = end;
	skip_blanks(&behind);
	if (*behind == ',' || *behind == '\0')
		*at = end;
}

/* False when the grammar is broken: there is nothing more to read then. */
static bool read_parameters(const char **at, struct challenge *challenge)
{
	skip_token68(at);
	for (skip_separators(at); parameter_begins(*at); skip_separators(at)) {
		CLEANUP(free_at) char *name = read_token(at);
		if (name == NULL)
			return false;
		skip_blanks(at);
		(*at)++; /* "=", seen by parameter_begins() */
		skip_blanks(at);
		char *value = read_value(at);
		if (value == NULL)
			return false;
		keep_parameter(challenge, name, value);
	}
	return true;
}

static enum challenge_scheme scheme_of(const char *name)
{
	if (text_equal_fold(name, "bearer"))
		return CHALLENGE_BEARER;
	return text_equal_fold(name, "basic") ? CHALLENGE_BASIC : CHALLENGE_NONE;
}

static bool is_usable(const struct challenge *challenge)
{
	return challenge->scheme == CHALLENGE_BASIC ||
		   (challenge->scheme == CHALLENGE_BEARER && challenge->realm != NULL);
}

/* Takes what was read, if it is better than what is there. */
static void keep_challenge(struct challenge *read, struct challenge *challenge)
{
	if (!is_usable(read) || read->scheme <= challenge->scheme) {
		challenge_clear(read);
		return;
	}
	read->prefers_password = challenge->scheme == CHALLENGE_BASIC;
	challenge_clear(challenge);
	*challenge = *read;
}

void challenge_read(const char *value, struct challenge *challenge)
{
	const char *at = value;
	bool legible = strlen(value) <= (size_t)LIMIT_CHALLENGE_SIZE;
	for (skip_separators(&at); legible && *at != '\0'; skip_separators(&at)) {
		CLEANUP(free_at) char *scheme = read_token(&at);
		if (scheme == NULL)
			return;
		struct challenge read = {.scheme = scheme_of(scheme)};
		legible = read_parameters(&at, &read);
		if (legible)
			keep_challenge(&read, challenge);
		else
			challenge_clear(&read);
	}
}

void challenge_copy(const struct challenge *from, struct challenge *to)
{
	*to = *from;
	to->realm = memory_copy_text(from->realm);
	to->service = memory_copy_text(from->service);
	to->scope = memory_copy_text(from->scope);
}

void challenge_clear(struct challenge *challenge)
{
	free(challenge->realm);
	free(challenge->service);
	free(challenge->scope);
	*challenge = (struct challenge)CHALLENGE_INIT;
}
