/*
 * spill: bytes that do not fit the memory given, in a temporary file without a name.
 *
 * It is made in $TMPDIR, else in /var/tmp, which is on a disk where /tmp may be memory; for the
 * user alone, and gone with the process.
 */
#ifndef LAYERPROOF_INDEX_SPILL_H
#define LAYERPROOF_INDEX_SPILL_H

#include <stddef.h>
#include <stdint.h>

#include "layerproof/error.h"
#include "layerproof/memory.h"

/* Open value; zero it at first. After a failure nothing more is written. */
struct spill {
	int file;      /* descriptor and 1; 0: none yet */
	uint64_t size; /* bytes written */
	struct error failure;
};

void spill_write(struct spill *spill, const void *bytes, size_t size);

/* Reads up to `size` bytes from `offset` on, and returns how many; fewer at the end, or after a
 * failure. */
size_t spill_read(struct spill *spill, uint64_t offset, void *bytes, size_t size);

/* -1 and the reason when anything failed so far. */
int spill_check(const struct spill *spill, struct error *err);

void spill_close(struct spill *spill);

#endif
