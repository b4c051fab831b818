/*
 * format_sysdig_cli: sysdig-cli-scanner, JSON.
 *
 * The digests of its layers are diff_ids. The list is that of the history: steps that made no layer
 * stand in it too, without a digest.
 */
#include <string.h>

#include "import_format.h"
#include "import_walk.h"

#define LAYERS   "result.layers"
#define PACKAGES "result.packages"

static int take_layers(struct import_record *record, const struct node *layers)
{
	size_t place = 0;
	for (size_t i = 0; i < node_count(layers); i++) {
		struct node layer = node_element(layers, i);
		const char *digest = import_walk_text(&layer, "digest");
		if (digest != NULL && *digest != '\0' &&
			import_record_add_element(record, IMPORT_DIFF_IDS, LAYERS ".digest", ++place, digest,
									  strlen(digest)) != 0) {
			return -1;
		}
	}
	return 0;
}

static int take_package(struct import_record *record, const struct node *package)
{
	struct node found = import_walk_member(package, "vulns");
	for (size_t i = 0; i < node_count(&found); i++) {
		struct node vulnerability = node_element(&found, i);
		struct node severity = import_walk_member(&vulnerability, "severity");
		const char *word = import_walk_text(&severity, "value");
		if (word != NULL &&
			import_record_add_severity(record, PACKAGES ".layerDigest", word,
									   import_walk_text(package, "type"),
									   import_walk_text(package, "layerDigest")) != 0) {
			return -1;
		}
	}
	return 0;
}

static int refine(struct import_record *record, const struct node *object, const struct node *outer)
{
	(void)outer;
	struct node result = import_walk_member(object, "result");
	struct node layers = import_walk_member(&result, "layers");
	struct node packages = import_walk_member(&result, "packages");
	if (take_layers(record, &layers) != 0) {
		return -1;
	}
	for (size_t i = 0; i < node_count(&packages); i++) {
		struct node package = node_element(&packages, i);
		if (take_package(record, &package) != 0) {
			return -1;
		}
	}
	return 0;
}

static const char *const signs[] = {"result.metadata.pullString", "result.metadata.imageId", NULL};

static const struct import_place places[] = {
	{IMPORT_NAME, "result.metadata.pullString"},
	{IMPORT_DIGEST, "result.metadata.digest"},
	{IMPORT_CONFIG, "result.metadata.imageId"},
	{IMPORT_OS, "result.metadata.os"},
	{IMPORT_ARCHITECTURE, "result.metadata.architecture"},
	{IMPORT_KEPT, LAYERS ".digest"},
	{IMPORT_KEPT, PACKAGES ".type"},
	{IMPORT_KEPT, PACKAGES ".layerDigest"},
	{IMPORT_KEPT, PACKAGES ".vulns.severity.value"},
	{0},
};

const struct import_format import_format_sysdig_cli = {
	.name = "sysdig-cli",
	.title = "sysdig-cli-scanner, JSON",
	.encoding = IMPORT_JSON,
	.signs = signs,
	.places = places,
	.refine = refine,
};
