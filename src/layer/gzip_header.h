/*
 * gzip_header: the header of a gzip member (RFC 1952 section 2.3), a byte at a time.
 *
 * ISA-L 2.30 reads headers too, but forgets where it was in one that comes in several chunks, and
 * refuses sound header checksums; so it is given only what follows.
 */
#ifndef LAYER_GZIP_HEADER_H
#define LAYER_GZIP_HEADER_H

#include <stdint.h>

enum gzip_header_result {
	GZIP_HEADER_MORE,       /* the header goes on */
	GZIP_HEADER_END,        /* this was its last byte */
	GZIP_HEADER_NO_MEMBER,  /* the first two bytes are not those of gzip */
	GZIP_HEADER_NO_DEFLATE, /* the compression method is unknown */
	GZIP_HEADER_CHECKSUM,   /* the header's own checksum is wrong */
};

enum gzip_header_part {
	GZIP_HEADER_FIXED,
	GZIP_HEADER_EXTRA_SIZE,
	GZIP_HEADER_EXTRA,
	GZIP_HEADER_NAME,
	GZIP_HEADER_COMMENT,
	GZIP_HEADER_CHECKSUM_FIELD,
	GZIP_HEADER_DONE,
};

/* Zero it before each header. */
struct gzip_header {
	enum gzip_header_part part;
	uint32_t place; /* in the part */
	uint32_t value; /* of the two-byte number that is being read */
	uint32_t checksum;
	uint8_t flags;
};

/* Takes the next byte of the header. */
enum gzip_header_result gzip_header_take(struct gzip_header *header, uint8_t byte);

#endif
