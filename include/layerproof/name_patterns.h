/*
 * name_patterns: the words by which a company is known, looked for in texts that anybody may have
 * written. Pure.
 *
 * A pattern is fnmatch(3)'s, without regard to case, and a star crosses every character. It is held
 * against, in this order:
 *
 *   parts    the longest runs of letters and digits; what is not ASCII counts as a letter
 *   words    the same with ".", "-" and "_" in them: host names, file names, names of variables
 *   strings  runs without blanks, quotes and ,;=()[]{}<>|&?#$*!\ : addresses without their scheme,
 *            paths, references
 *   the text as a whole
 *
 * A dot or colon at the end of a word, and a slash at that of a string, belongs to the sentence.
 * Credentials of addresses (https://USER:PASSWORD@HOST) are no part of the text.
 */
#ifndef LAYERPROOF_NAME_PATTERNS_H
#define LAYERPROOF_NAME_PATTERNS_H

#include <stdbool.h>
#include <stddef.h>

#include "layerproof/error.h"

struct name_patterns;

struct name_patterns *name_patterns_new(void);
void name_patterns_free(struct name_patterns *patterns); /* NULL is legal */

/* ERROR_USAGE for a pattern that spells nothing out, and would match whatever there is; and for
 * more than LIMIT_NAME_PATTERNS. */
int name_patterns_add(struct name_patterns *patterns, const char *pattern, struct error *err);

/* What the search through the texts of one candidate has cost; begun as 0. */
struct name_work {
	size_t bytes;    /* compared, of LIMIT_NAME_WORK */
	bool is_cut_off; /* something was not looked at: too much, or longer than LIMIT_NAME_TEXT */
};

/* Whoever is told: of `pattern`, which lives as long as the patterns, and of what matched, borrowed
 * during the call. */
struct name_listener {
	void *context;
	void (*found)(void *context, const char *pattern, const char *text);
};

/* Tells of each pattern that matches, once, with the smallest piece of the text that does, at most
 * LIMIT_HINT_TEXT bytes of it. With `is_secret`, behind the name of a secret in the text
 * (PASSWORD=), or where only the text as a whole matches, that is what the pattern itself spells
 * out. */
void name_patterns_search(const struct name_patterns *patterns, const char *text, bool is_secret,
						  struct name_work *work, const struct name_listener *listener);

/* Whether a variable or label of this name is likely to hold a secret. */
bool name_is_of_secret(const char *name, size_t size);

#endif
