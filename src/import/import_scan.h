/*
 * import_scan: digests inside other text: a cell of JSON, a URL, an ARN.
 */
#ifndef LAYERPROOF_IMPORT_SCAN_H
#define LAYERPROOF_IMPORT_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "layerproof/digest.h"

/* The next digest with its algorithm in front ("sha256:", "sha256%3A", "sha256-", sha512 likewise)
 * and no further hexadecimal digit or word beside it, from `*at` on, which is moved behind it.
 * False when there is none. Bare digits are not taken: they may be the hash of anything. */
bool import_scan(const char *text, size_t size, size_t *at, struct digest *out);

#endif
