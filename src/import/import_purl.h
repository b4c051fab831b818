/*
 * import_purl: package URLs of images (package-url/purl-spec, types oci and docker).
 *
 *   pkg:oci/api@sha256%3A...?arch=amd64&repository_url=registry.corp.example/payments/api&tag=1.4
 *   pkg:docker/payments/api@sha256:...?repository_url=registry.corp.example
 *
 * The version is a digest, by the specification that of a manifest; tools put those of indexes and
 * configurations there too, so its kind is not known. It may be a tag instead.
 */
#ifndef LAYERPROOF_IMPORT_PURL_H
#define LAYERPROOF_IMPORT_PURL_H

#include <stdbool.h>

#include "import_record.h"

/* Whether it is of an image. NULL is not. */
bool import_purl_is_image(const char *purl);

/* Takes the digest, the architecture and, where the registry is told (or `any_name`), the name of a
 * package URL that is of an image. -1: refused. */
int import_purl_add(struct import_record *record, const char *column, const char *purl,
					bool any_name);

#endif
