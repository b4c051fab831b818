/*
 * import_sbom: what an SBOM, CycloneDX or SPDX, says of the image that it is of.
 */
#ifndef LAYERPROOF_IMPORT_SBOM_H
#define LAYERPROOF_IMPORT_SBOM_H

#include "import_record.h"

/* What the formats have in common; NULL: not there. Texts are borrowed. */
struct import_sbom_image {
	const char *name; /* "registry/repo:tag", or a file's */
	const char *version;
	const char *purl;
	const char *purl_column;
	const char *version_column;
};

/* Takes one of Trivy's properties, which it writes into either format: ImageID, DiffID (once for
 * each layer, bottom first), RepoDigest, RepoTag; others say nothing. -1: refused. */
int import_sbom_add_property(struct import_record *record, const char *column, const char *key,
							 const char *value);

/* Takes the rest, behind the properties. A version is a digest of some kind, or a tag, which is not
 * taken; Syft writes its manifestDigest there, which is made up for an image of a daemon and then
 * equals nothing. -1: refused. */
int import_sbom_add_image(struct import_record *record, const struct import_sbom_image *image);

#endif
