/*
 * format_spdx: an SPDX 2 document in JSON: the packages of it that are containers. All other
 * packages are passed over; older tools do not say what a package is for.
 *
 * Trivy tells ImageID and DiffIDs in annotations, formerly in attributionTexts: "ImageID:
 * sha256:...".
 */
#include <stddef.h>
#include <string.h>

#include "import_format.h"
#include "import_purl.h"
#include "import_sbom.h"
#include "import_walk.h"
#include "layerproof/memory.h"
#include "layerproof/text.h"

static int take_note(struct import_record *record, const char *column, const char *note)
{
	const char *colon = note == NULL ? NULL : strstr(note, ": ");
	if (colon == NULL) {
		return 0;
	}
	CLEANUP(free_at) char *key = memory_copy_span(note, (size_t)(colon - note));
	return import_sbom_add_property(record, column, key, colon + strlen(": "));
}

static int take_notes(struct import_record *record, const struct node *package)
{
	struct node annotations = import_walk_member(package, "annotations");
	struct node texts = import_walk_member(package, "attributionTexts");
	for (size_t i = 0; i < node_count(&annotations); i++) {
		struct node annotation = node_element(&annotations, i);
		if (take_note(record, "annotations", import_walk_text(&annotation, "comment")) != 0) {
			return -1;
		}
	}
	for (size_t i = 0; i < node_count(&texts); i++) {
		struct node element = node_element(&texts, i);
		struct error ignored = ERROR_INIT;
		const char *text = NULL;
		if (node_text(&element, &text, &ignored) == 0 &&
			take_note(record, "attributionTexts", text) != 0) {
			return -1;
		}
	}
	return 0;
}

/* The first package URL that is of an image; NULL: none. */
static const char *find_purl(const struct node *package)
{
	struct node references = import_walk_member(package, "externalRefs");
	for (size_t i = 0; i < node_count(&references); i++) {
		struct node reference = node_element(&references, i);
		const char *locator = import_walk_text(&reference, "referenceLocator");
		if (import_purl_is_image(locator)) {
			return locator;
		}
	}
	return NULL;
}

static int take_checksums(struct import_record *record, const struct node *package)
{
	struct node checksums = import_walk_member(package, "checksums");
	for (size_t i = 0; i < node_count(&checksums); i++) {
		struct node checksum = node_element(&checksums, i);
		const char *algorithm = import_walk_text(&checksum, "algorithm");
		if (algorithm != NULL && text_equal_fold(algorithm, "SHA256") &&
			import_walk_add(record, IMPORT_DIGEST, "checksums.checksumValue",
							import_walk_text(&checksum, "checksumValue")) != 0) {
			return -1;
		}
	}
	return 0;
}

/* Where the purpose is not told: by its URL, or by what Trivy says of images alone. */
static bool is_image(const struct import_record *record, const struct node *package,
					 const char *purl)
{
	return import_walk_text(package, "primaryPackagePurpose") != NULL || purl != NULL ||
		   record->image.top_count != 0;
}

static int refine(struct import_record *record, const struct node *object, const struct node *outer)
{
	(void)outer;
	struct import_sbom_image image = {
		.name = import_walk_text(object, "name"),
		.version = import_walk_text(object, "versionInfo"),
		.purl = find_purl(object),
		.purl_column = "externalRefs.referenceLocator",
		.version_column = "versionInfo",
	};
	if (take_notes(record, object) != 0) {
		return -1;
	}
	if (!is_image(record, object, image.purl)) {
		return import_record_pass_over(record, "primaryPackagePurpose", "package");
	}
	return take_checksums(record, object) != 0 ? -1 : import_sbom_add_image(record, &image);
}

static const char *const lists[] = {"packages", NULL};

static const char *const signs[] = {"SPDXID", "name", NULL};

static const char *const containers[] = {"CONTAINER", NULL};

static const struct import_condition conditions[] = {{"primaryPackagePurpose", containers},
													 {NULL, NULL}};

static const struct import_place places[] = {
	{IMPORT_KEPT, "name"},
	{IMPORT_KEPT, "versionInfo"},
	{IMPORT_KEPT, "primaryPackagePurpose"},
	{IMPORT_KEPT, "attributionTexts"},
	{IMPORT_KEPT, "annotations.comment"},
	{IMPORT_KEPT, "checksums.algorithm"},
	{IMPORT_KEPT, "checksums.checksumValue"},
	{IMPORT_KEPT, "externalRefs.referenceLocator"},
	{0},
};

const struct import_format import_format_spdx = {
	.name = "spdx",
	.title = "SPDX 2 JSON",
	.encoding = IMPORT_JSON,
	.lists = lists,
	.signs = signs,
	.places = places,
	.conditions = conditions,
	.refine = refine,
};
