/*
 * import_manifest: what the bytes of a manifest or an index, carried inside an export, say of an
 * image.
 */
#ifndef LAYERPROOF_IMPORT_MANIFEST_H
#define LAYERPROOF_IMPORT_MANIFEST_H

#include <stddef.h>

#include "import_record.h"

/* Takes a manifest's config, layers and base, or the platform manifests of an index, and the
 * digest of the bytes themselves. `expected` is what the export calls them by (NULL or unset:
 * nothing): other bytes are refused, since what they say is of another image. A manifest of
 * something else than an image (a chart, a signature, an attestation) is passed over. `media_type`
 * may be NULL. Returns -1 when the record is refused or passed over. */
int import_record_add_manifest(struct import_record *record, const char *column, const char *bytes,
							   size_t size, const char *media_type, const struct digest *expected);

#endif
