/*
 * warning_header: the Warning header of a registry (distribution-spec "Warnings", RFC 7234 section
 * 5.5).
 */
#ifndef LAYERPROOF_NET_WARNING_HEADER_H
#define LAYERPROOF_NET_WARNING_HEADER_H

/* The next text of a list `299 - "text", 299 - "text"`, its escapes undone, and `*at` behind it;
 * free with free(). NULL at the end of the list, and where it is anything else: another code, a
 * warn-agent, a date. A text with a control character in it is passed over. */
char *warning_header_next(const char **at);

#endif
