/*
 * quoted_string: a quoted-string of a header (RFC 9110, section 5.6.4).
 */
#ifndef LAYERPROOF_NET_QUOTED_STRING_H
#define LAYERPROOF_NET_QUOTED_STRING_H

/* The text between the quotes at `*at`, without escapes, in new memory; `*at` moves behind the
 * closing quote. NULL, and `*at` stays, when no quote stands there, or none closes it. */
char *quoted_string_read(const char **at);

#endif
