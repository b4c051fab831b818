/*
 * text: small helpers on text that strangers may have written.
 */
#ifndef LAYERPROOF_TEXT_H
#define LAYERPROOF_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool text_starts_with(const char *text, const char *prefix);
bool text_ends_with(const char *text, const char *suffix);

/* The white space of ASCII. */
static inline bool text_is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Narrows a span to what stands between its outer blanks. */
void text_trim(const char **text, size_t *size);

/* Equal without regard to ASCII case. */
bool text_equal_fold(const char *a, const char *b);

/* `text` made safe for a terminal: control characters (C0, DEL, C1), bidirectional overrides and
 * bytes that are not UTF-8 become \xNN, byte by byte. Free with free(). */
char *text_printable(const char *text);

/* The `size` bytes at `text` made valid UTF-8 without NUL: what JSON needs. NUL and each byte that
 * is not UTF-8 become U+FFFD; all else is kept. Free with free(). */
char *text_utf8(const char *text, size_t size);

/* Makes the C library know the width of characters beyond ASCII. Called once, before any thread is
 * made; messages and numbers stay as they are. */
void text_use_utf8(void);

/* Columns that the UTF-8 text takes on a terminal. */
size_t text_width(const char *text);

/* Cuts UTF-8 text to what takes no more than `width` columns, behind a whole character. */
void text_cut(char *text, size_t width);

/* A number of bytes for people: "512 B", "1.5 MiB". Writes at most `size` bytes; returns `out`. */
const char *text_format_size(long long bytes, char *out, size_t size);

/* A whole number above 0, with K, M or G (1,024, its square, its cube) behind it or not; -1 for
 * anything else, or for more than fits. */
int text_parse_size(const char *text, uint64_t *out);

#endif
