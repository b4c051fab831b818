/*
 * import_anchore: how Syft and Grype describe an image: `source.metadata`, in older ones and in
 * Grype `source.target`.
 *
 * layers[].digest are diff_ids, whatever their mediaType claims. The manifest and the configuration
 * stand there whole. Read from a daemon or an archive, the manifest is made up, with diff_ids for
 * layers, and so is manifestDigest.
 */
#ifndef LAYERPROOF_IMPORT_ANCHORE_H
#define LAYERPROOF_IMPORT_ANCHORE_H

#include "import_format.h"

/* Of a format's table: what stands in source.metadata and source.target. */
#define IMPORT_ANCHORE_PLACES(image)                                                               \
	{IMPORT_NAME, "source." image ".tags"}, {IMPORT_NAME, "source." image ".repoDigests"},         \
		{IMPORT_CONFIG, "source." image ".imageID"},                                               \
		{IMPORT_DIFF_IDS, "source." image ".layers.digest"}, {IMPORT_OS, "source." image ".os"},   \
		{IMPORT_ARCHITECTURE, "source." image ".architecture"},                                    \
		{IMPORT_KEPT, "source." image ".userInput"}, {IMPORT_KEPT, "source." image ".imageID"},    \
		{IMPORT_KEPT, "source." image ".manifestDigest"},                                          \
		{IMPORT_KEPT, "source." image ".manifest"},                                                \
	{                                                                                              \
		IMPORT_KEPT, "source." image ".config"                                                     \
	}

/* Directories and files are scanned too. */
extern const struct import_condition import_anchore_conditions[];

/* Takes what the table cannot say of the image of the record. -1: refused. */
int import_anchore_refine(struct import_record *record, const struct node *object);

#endif
