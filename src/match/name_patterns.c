#include "layerproof/name_patterns.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "layerproof/text.h"

struct pattern {
	char *text;
	char *needle; /* the longest run of plain ASCII in it: no text without it can match; or "" */
};

struct name_patterns {
	struct pattern *items;
	size_t count;
	size_t capacity;
};

/* ---- Patterns ---- */

struct name_patterns *name_patterns_new(void)
{
	return memory_alloc(1, sizeof(struct name_patterns));
}

void name_patterns_free(struct name_patterns *patterns)
{
	if (patterns == NULL)
		return;
	for (size_t i = 0; i < patterns->count; i++) {
		free(patterns->items[i].text);
		free(patterns->items[i].needle);
	}
	free(patterns->items);
	free(patterns);
}

static bool is_beyond_ascii(char c)
{
	return (unsigned char)c >= 0x80;
}

/* What stands for itself in a pattern, whatever its case. */
static bool is_plain(char c)
{
	return strchr("*?[]\\", c) == NULL && !is_beyond_ascii(c);
}

/* Behind a set in brackets, where there is one; else behind this one character. */
static const char *behind_special(const char *at)
{
	const char *end = *at != '[' || at[1] == '\0' ? NULL : strchr(at + 2, ']');
	if (*at == '\\' && at[1] != '\0')
		return at + 2;
	return end == NULL ? at + 1 : end + 1;
}

static char *find_needle(const char *pattern)
{
	const char *best = pattern;
	size_t best_size = 0;
	for (const char *at = pattern; *at != '\0';) {
		size_t size = 0;
		while (at[size] != '\0' && is_plain(at[size]))
			size++;
		if (size > best_size) {
			best = at;
			best_size = size;
		}
		at = size > 0 ? at + size : behind_special(at);
	}
	return memory_copy_span(best, best_size);
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		   is_beyond_ascii(c);
}

static bool spells_something(const char *pattern)
{
	for (; *pattern != '\0'; pattern = is_plain(*pattern) ? pattern + 1 : behind_special(pattern))
		if (is_letter(*pattern))
			return true;
	return false;
}

int name_patterns_add(struct name_patterns *patterns, const char *pattern, struct error *err)
{
	if (!spells_something(pattern))
		return error_set(err, ERROR_USAGE, "\"%s\" matches whatever there is", pattern);
	if (patterns->count == LIMIT_NAME_PATTERNS)
		return error_set(err, ERROR_USAGE, "more than %d patterns", LIMIT_NAME_PATTERNS);
	patterns->items = memory_grow(patterns->items, patterns->count, &patterns->capacity,
								  sizeof(*patterns->items));
	patterns->items[patterns->count++] = (struct pattern){memory_copy_text(pattern),
														  find_needle(pattern)};
	return 0;
}

/* ---- Secrets ---- */

static bool is_word(char c)
{
	return is_letter(c) || c == '.' || c == '-' || c == '_';
}

static bool is_string(char c)
{
	return (unsigned char)c > ' ' && c != 0x7f && strchr("\"'`,;=()[]{}<>|&?#$*!\\", c) == NULL;
}

bool name_is_of_secret(const char *name, size_t size)
{
	static const char *const words[] = {"pass", "pwd",  "secret",  "token",
										"key",  "cred", "private", "_auth"};
	CLEANUP(free_at) char *copy = memory_copy_span(name, size);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasestr(copy, words[i]) != NULL)
			return true;
	return false;
}

/* "PASSWORD=acme", "--token 'acme'", "secret: acme". */
static bool follows_name_of_secret(const char *text, const char *at)
{
	const char *end = at;
	while (end > text && strchr("\"'`=: ", end[-1]) != NULL)
		end--;
	const char *begin = end;
	while (begin > text && is_word(begin[-1]))
		begin--;
	return end < at && name_is_of_secret(begin, (size_t)(end - begin));
}

/* What may stand before the "@" of an address: RFC 3986, section 3.2. */
static bool is_authority(char c)
{
	return (unsigned char)c > ' ' && strchr("/?#\"'`", c) == NULL;
}

/* Where the credentials end that begin at `from`; NULL when there are none. An "@" before a digest
 * is none of theirs. */
static char *end_of_credentials(char *from, bool is_address)
{
	char *last = NULL;
	bool has_colon = false;
	bool (*const belongs)(char) = is_address ? is_authority : is_string;
	for (char *at = from; belongs(*at) && *at != '/'; at++) {
		has_colon = has_colon || *at == ':';
		if (*at == '@' && (is_address || has_colon) && !text_starts_with(at, "@sha"))
			last = at + 1;
	}
	return last;
}

/* Takes the credentials out of addresses, and out of "USER:PASSWORD@HOST". */
static void remove_credentials(char *text)
{
	for (char *at = text; *at != '\0';) {
		char *scheme = NULL;
		for (char *c = at; is_string(*c) && scheme == NULL; c++)
			if (text_starts_with(c, "://"))
				scheme = c + strlen("://");
		char *from = scheme == NULL ? at : scheme;
		char *end = end_of_credentials(from, scheme != NULL);
		if (end != NULL)
			memmove(from, end, strlen(end) + 1);
		at = from;
		while (is_string(*at))
			at++;
		while (*at != '\0' && !is_string(*at))
			at++;
	}
}

/* ---- Searching ---- */

/* What a comparison costs beside the bytes it looks at, in bytes. */
enum { COMPARISON_COST = 64 };

struct search {
	const char *text;
	bool is_secret;
	struct name_work *work;
	char *scratch; /* room for one piece of the text */
};

/* What was found: a piece of the text; of no size when nothing was. */
struct piece {
	const char *at;
	size_t size;
};

static bool take_work(struct name_work *work, size_t bytes)
{
	if (bytes > (size_t)LIMIT_NAME_WORK - work->bytes) {
		work->bytes = (size_t)LIMIT_NAME_WORK;
		work->is_cut_off = true;
		return false;
	}
	work->bytes += bytes;
	return true;
}

static bool matches(const struct search *search, const struct pattern *pattern, struct piece piece)
{
	if (piece.size == 0 || piece.size > LIMIT_NAME_PIECE ||
		!take_work(search->work, piece.size + COMPARISON_COST))
		return false;
	memcpy(search->scratch, piece.at, piece.size);
	search->scratch[piece.size] = '\0';
	return fnmatch(pattern->text, search->scratch, FNM_CASEFOLD) == 0;
}

/* The piece without what belongs to the sentence, or to the scheme, around it. */
static struct piece trim(struct piece piece)
{
	const char *scheme = memmem(piece.at, piece.size, "://", 3);
	if (scheme != NULL) {
		piece.size -= (size_t)(scheme + 3 - piece.at);
		piece.at = scheme + 3;
	}
	while (piece.size > 0 && strchr(".:/", piece.at[piece.size - 1]) != NULL)
		piece.size--;
	return piece;
}

/* The first piece of this kind that matches. */
static struct piece find_piece(const struct search *search, const struct pattern *pattern,
							   bool (*belongs)(char))
{
	for (const char *at = search->text; *at != '\0';) {
		struct piece piece = {at, 0};
		while (at[piece.size] != '\0' && belongs(at[piece.size]))
			piece.size++;
		at += piece.size > 0 ? piece.size : 1;
		piece = trim(piece);
		if (matches(search, pattern, piece))
			return piece;
	}
	return (struct piece){NULL, 0};
}

/* Cuts at a whole character. */
static size_t cut(const char *text, size_t size, size_t most)
{
	if (size <= most)
		return size;
	while (most > 0 && ((unsigned char)text[most] & 0xC0) == 0x80)
		most--;
	return most;
}

static void tell(const struct pattern *pattern, struct piece piece,
				 const struct name_listener *listener)
{
	char text[LIMIT_HINT_TEXT + 1];
	size_t size = cut(piece.at, piece.size, LIMIT_HINT_TEXT);
	memcpy(text, piece.at, size);
	text[size] = '\0';
	listener->found(listener->context, pattern->text, text);
}

/* What the pattern spells out, as it stands in the piece. */
static struct piece needle_in(const struct search *search, const struct pattern *pattern,
							  struct piece piece)
{
	memcpy(search->scratch, piece.at, piece.size);
	search->scratch[piece.size] = '\0';
	const char *found = strcasestr(search->scratch, pattern->needle);
	if (found == NULL) /* letters beyond ASCII may be others of ASCII in lower case */
		return (struct piece){piece.at, 0};
	return (struct piece){piece.at + (found - search->scratch), strlen(pattern->needle)};
}

static void search_for(const struct search *search, const struct pattern *pattern,
					   const struct name_listener *listener)
{
	static bool (*const kinds[])(char) = {is_letter, is_word, is_string};
	struct piece found = {NULL, 0};
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && found.size == 0; i++)
		found = find_piece(search, pattern, kinds[i]);
	struct piece whole = {search->text, strlen(search->text)};
	bool is_whole = found.size == 0 && matches(search, pattern, whole);
	if (is_whole)
		found = whole;
	if (found.size == 0)
		return;
	if (is_whole || search->is_secret || follows_name_of_secret(search->text, found.at))
		found = needle_in(search, pattern, found);
	tell(pattern, found, listener);
}

/* A copy to be searched, without credentials and not too long; NULL when no pattern can match. */
static char *prepare(const struct name_patterns *patterns, const char *text, struct name_work *work)
{
	bool is_promising = false;
	size_t size = strnlen(text, LIMIT_NAME_TEXT + 1);
	if (size > LIMIT_NAME_TEXT) {
		work->is_cut_off = true;
		size = cut(text, size, LIMIT_NAME_TEXT);
	}
	CLEANUP(free_at) char *copy = memory_copy_span(text, size);
	for (size_t i = 0; i < patterns->count && !is_promising; i++)
		is_promising = take_work(work, size) && strcasestr(copy, patterns->items[i].needle) != NULL;
	if (!is_promising)
		return NULL;
	remove_credentials(copy);
	return STEAL(copy);
}

void name_patterns_search(const struct name_patterns *patterns, const char *text, bool is_secret,
						  struct name_work *work, const struct name_listener *listener)
{
	CLEANUP(free_at) char *copy = prepare(patterns, text, work);
	if (copy == NULL)
		return;
	CLEANUP(free_at) char *scratch = memory_alloc(strlen(copy) + 1, 1);
	const struct search search = {copy, is_secret, work, scratch};
	for (size_t i = 0; i < patterns->count; i++)
		if (take_work(work, strlen(copy)) && strcasestr(copy, patterns->items[i].needle) != NULL)
			search_for(&search, &patterns->items[i], listener);
}
