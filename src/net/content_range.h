/*
 * content_range: which part of a blob an answer holds (RFC 9110, section 14.4).
 */
#ifndef LAYERPROOF_NET_CONTENT_RANGE_H
#define LAYERPROOF_NET_CONTENT_RANGE_H

#include <stdint.h>

struct content_range {
	int64_t first;
	int64_t last;  /* the last byte that is in it */
	int64_t total; /* of the whole; -1 for "*" */
};

/* "bytes 100-299/300"; -1 for anything else, or for one that contradicts itself. */
int content_range_read(const char *value, struct content_range *out);

#endif
