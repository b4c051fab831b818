/*
 * ustar: what the plain header of a tar entry says by itself (POSIX.1-1988), beside what the
 * extended headers before it make of it.
 */
#ifndef LAYER_USTAR_H
#define LAYER_USTAR_H

#include <stdint.h>

enum { USTAR_BLOCK_SIZE = 512 };

/* The largest size that fits into the twelve bytes of the field as octal digits. */
#define USTAR_SIZE_MOST 077777777777LL

/* The size field; -1 when it is not in octal digits. */
int64_t ustar_size(const uint8_t header[static USTAR_BLOCK_SIZE]);

/* The type flag: '0' or NUL for a regular file, '1' for a hard link... */
char ustar_type(const uint8_t header[static USTAR_BLOCK_SIZE]);

#endif
