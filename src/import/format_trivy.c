/*
 * format_trivy: `trivy image --format json`, one report or several.
 *
 * RepoDigests hold what was fetched: the index of a tag for many platforms, while ImageID and
 * DiffIDs are of one of them. ArtifactID is a hash of Trivy's own. A layer has its blob digest only
 * where it came compressed, from a registry.
 */
#include <stddef.h>
#include <string.h>

#include "import_document.h"
#include "import_format.h"
#include "import_walk.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"

#define LAYERS          "Metadata.Layers"
#define VULNERABILITIES "Results.Vulnerabilities"

/* A layer as Metadata.Layers has it. */
struct layer {
	struct digest diff_id;
	const char *blob; /* NULL: not told */
};

static void read_layers(const struct node *layers, struct layer *out)
{
	for (size_t i = 0; i < node_count(layers); i++) {
		struct node layer = node_element(layers, i);
		const char *text = import_walk_text(&layer, "DiffID");
		struct error ignored = ERROR_INIT;
		if (text != NULL && digest_parse(text, &out[i].diff_id, &ignored) == 0) {
			out[i].blob = import_walk_text(&layer, "Digest");
		}
	}
}

/* The blob digest of the layer with this diff_id; NULL when the report does not say. */
static const char *find_blob(const struct layer *layers, size_t count, const struct digest *diff_id)
{
	for (size_t i = 0; i < count; i++) {
		if (digest_equal(&layers[i].diff_id, diff_id)) {
			return layers[i].blob;
		}
	}
	return NULL;
}

/* All blob digests, in the order of the diff_ids, or none of them. */
static int take_blobs(struct import_record *record, const struct node *list)
{
	const struct internal_image *image = &record->image;
	size_t count = node_count(list);
	if (count > LIMIT_LAYERS) {
		return 0;
	}
	CLEANUP(free_at) struct layer *layers = memory_alloc(count, sizeof(*layers));
	CLEANUP(free_at) const char **blobs = memory_alloc(image->diff_id_count, sizeof(*blobs));
	read_layers(list, layers);
	for (size_t i = 0; i < image->diff_id_count; i++) {
		blobs[i] = find_blob(layers, count, &image->diff_ids[i]);
		if (blobs[i] == NULL) {
			return 0;
		}
	}
	for (size_t i = 0; i < image->diff_id_count; i++) {
		if (import_record_add_element(record, IMPORT_LAYERS, LAYERS ".Digest", i + 1, blobs[i],
									  strlen(blobs[i])) != 0) {
			return -1;
		}
	}
	return 0;
}

static int take_result(struct import_record *record, const struct node *result)
{
	struct node found = import_walk_member(result, "Vulnerabilities");
	for (size_t i = 0; i < node_count(&found); i++) {
		struct node vulnerability = node_element(&found, i);
		struct node layer = import_walk_member(&vulnerability, "Layer");
		const char *diff_id = import_walk_text(&layer, "DiffID");
		const char *severity = import_walk_text(&vulnerability, "Severity");
		if (severity != NULL &&
			import_record_add_severity(
				record, VULNERABILITIES ".Layer", severity, import_walk_text(result, "Class"),
				diff_id != NULL ? diff_id : import_walk_text(&layer, "Digest")) != 0) {
			return -1;
		}
	}
	return 0;
}

static int refine(struct import_record *record, const struct node *object, const struct node *outer)
{
	(void)outer;
	struct node metadata = import_walk_member(object, "Metadata");
	struct node layers = import_walk_member(&metadata, "Layers");
	struct node config = import_walk_member(&metadata, "ImageConfig");
	struct node history = import_walk_member(&config, "history");
	struct node results = import_walk_member(object, "Results");
	import_document_add_history(record, &history);
	if (import_walk_add_fallback(record, "ArtifactName",
								 import_walk_text(object, "ArtifactName")) != 0 ||
		import_walk_add_platform(record, "Metadata.ImageConfig", import_walk_text(&config, "os"),
								 import_walk_text(&config, "architecture"),
								 import_walk_text(&config, "variant")) != 0 ||
		take_blobs(record, &layers) != 0) {
		return -1;
	}
	for (size_t i = 0; i < node_count(&results); i++) {
		struct node result = node_element(&results, i);
		if (take_result(record, &result) != 0) {
			return -1;
		}
	}
	return 0;
}

static const char *const signs[] = {"SchemaVersion", "ArtifactName", "ArtifactType", NULL};

static const char *const images[] = {"container_image", NULL};

static const struct import_condition conditions[] = {{"ArtifactType", images}, {NULL, NULL}};

static const struct import_place places[] = {
	{IMPORT_NAME, "Metadata.RepoTags"},
	{IMPORT_NAME, "Metadata.RepoDigests"},
	{IMPORT_CONFIG, "Metadata.ImageID"},
	{IMPORT_DIFF_IDS, "Metadata.DiffIDs"},
	{IMPORT_OS, "Metadata.ImageConfig.os"},
	{IMPORT_ARCHITECTURE, "Metadata.ImageConfig.architecture"},
	{IMPORT_KEPT, "Metadata.ImageConfig.variant"},
	{IMPORT_KEPT, "Metadata.ImageConfig.history.created_by"},
	{IMPORT_KEPT, "Metadata.ImageConfig.history.empty_layer"},
	{IMPORT_KEPT, "ArtifactName"},
	{IMPORT_KEPT, LAYERS ".Digest"},
	{IMPORT_KEPT, LAYERS ".DiffID"},
	{IMPORT_KEPT, "Results.Class"},
	{IMPORT_KEPT, VULNERABILITIES ".Severity"},
	{IMPORT_KEPT, VULNERABILITIES ".Layer.DiffID"},
	{IMPORT_KEPT, VULNERABILITIES ".Layer.Digest"},
	{0},
};

const struct import_format import_format_trivy = {
	.name = "trivy",
	.title = "Trivy JSON",
	.encoding = IMPORT_JSON,
	.signs = signs,
	.places = places,
	.conditions = conditions,
	.refine = refine,
};
