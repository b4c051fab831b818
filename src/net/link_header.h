/*
 * link_header: the Link header (RFC 8288, section 3).
 */
#ifndef LAYERPROOF_NET_LINK_HEADER_H
#define LAYERPROOF_NET_LINK_HEADER_H

/* 1 with the target of the first link of the value whose relation is "next", as it is written (free
 * with free()); 0 when none has; -1 when the value is no list of links. */
int link_header_next(const char *value, char **target);

#endif
