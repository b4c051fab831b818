/*
 * format_syft: `syft -o json`. What it found in the image is not read: packages are no images.
 */
#include <stddef.h>

#include "import_anchore.h"

static int refine(struct import_record *record, const struct node *object, const struct node *outer)
{
	(void)outer;
	return import_anchore_refine(record, object);
}

static const char *const signs[] = {"artifacts.foundBy", "artifacts.purl", NULL};

static const char *const other_signs[] = {"artifacts", "source.type", "descriptor.name", NULL};

static const struct import_place places[] = {
	IMPORT_ANCHORE_PLACES("metadata"),
	IMPORT_ANCHORE_PLACES("target"),
	{0},
};

const struct import_format import_format_syft = {
	.name = "syft",
	.title = "Syft JSON",
	.encoding = IMPORT_JSON,
	.signs = signs,
	.other_signs = other_signs,
	.places = places,
	.conditions = import_anchore_conditions,
	.refine = refine,
};
