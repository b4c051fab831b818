#include "import_anchore.h"

#include <string.h>

#include "import_document.h"
#include "import_walk.h"
#include "layerproof/memory.h"

/* Columns are borrowed until the record is delivered: whole paths, one for each home. */
struct home {
	const char *member;
	const char *user_input, *layers, *manifest, *config;
};

#define HOME(image)                                                                                \
	{                                                                                              \
		image, "source." image ".userInput", "source." image ".layers",                            \
			"source." image ".manifest", "source." image ".config"                                 \
	}

static const struct home homes[] = {HOME("metadata"), HOME("target")};

static const char *const images[] = {"image", NULL};

const struct import_condition import_anchore_conditions[] = {{"source.type", images}, {NULL, NULL}};

static bool digest_is(const struct digest *digest, const char *text)
{
	struct digest other;
	struct error ignored = ERROR_INIT;
	return import_digest_parse(text, strlen(text), &other, &ignored) == 0 &&
		   digest_equal(digest, &other);
}

/* A configuration that is not the one that imageID names, or that has other layers, tells that
 * somebody put this record together. */
static int check_config(struct import_record *record, const struct home *home,
						const struct node *image, const char *text)
{
	size_t size;
	struct digest digest;
	char shown[DIGEST_TEXT_SIZE];
	struct image_config config CLEANUP(image_config_clear) = {.platform = NULL};
	CLEANUP(free_at) uint8_t *bytes = import_document_decode(record, home->config, text, &size);
	if (bytes == NULL || import_document_config(record, home->config, bytes, size, &config) != 0) {
		return -1;
	}
	digest_of(DIGEST_SHA256, bytes, size, &digest);
	const char *id = import_walk_text(image, "imageID");
	if (id != NULL && !digest_is(&digest, id)) {
		return import_record_refuse(record, home->config, "hashes to %s, but imageID is %s",
									digest_format(&digest, shown), id);
	}
	bool equal = config.diff_id_count == record->image.diff_id_count;
	for (size_t i = 0; equal && i < config.diff_id_count; i++) {
		equal = digest_equal(&config.diff_ids[i], &record->image.diff_ids[i]);
	}
	if (!equal) {
		return import_record_refuse(record, home->layers, "not the diff_ids of the config");
	}
	return import_walk_add(record, IMPORT_PLATFORM, home->config, config.platform);
}

static bool has_diff_ids(const struct manifest *manifest, const struct internal_image *image)
{
	for (size_t i = 0; i < manifest->layer_count; i++) {
		for (size_t j = 0; j < image->diff_id_count; j++) {
			if (digest_equal(&manifest->layers[i].digest, &image->diff_ids[j])) {
				return true;
			}
		}
	}
	return false;
}

static void add_layers(struct internal_image *image, const struct manifest *manifest)
{
	for (size_t i = 0; i < manifest->layer_count; i++) {
		internal_image_add_layer(image, &manifest->layers[i].digest);
	}
	image->base_digest = manifest->base_digest;
}

/* Takes a manifest only where it is the one that manifestDigest names, and not made up. */
static int take_manifest(struct import_record *record, const struct home *home,
						 const struct node *image, const char *text)
{
	size_t size;
	struct digest digest;
	struct manifest manifest CLEANUP(manifest_clear) = {.layers = NULL};
	CLEANUP(free_at) uint8_t *bytes = import_document_decode(record, home->manifest, text, &size);
	if (bytes == NULL ||
		import_document_manifest(record, home->manifest, bytes, size, &manifest) != 0) {
		return -1;
	}
	digest_of(DIGEST_SHA256, bytes, size, &digest);
	const char *named = import_walk_text(image, "manifestDigest");
	if (!import_document_is_image(&manifest) || named == NULL || !digest_is(&digest, named) ||
		has_diff_ids(&manifest, &record->image)) {
		return 0;
	}
	add_layers(&record->image, &manifest);
	return import_walk_add_top(record, IDENTITY_MANIFEST, home->manifest, named);
}

static int refine_home(struct import_record *record, const struct node *source,
					   const struct home *home)
{
	struct node image = import_walk_member(source, home->member);
	const char *manifest = import_walk_text(&image, "manifest");
	const char *config = import_walk_text(&image, "config");
	if (config != NULL && check_config(record, home, &image, config) != 0) {
		return -1;
	}
	if (manifest != NULL && take_manifest(record, home, &image, manifest) != 0) {
		return -1;
	}
	return import_walk_add_fallback(record, home->user_input,
									import_walk_text(&image, "userInput"));
}

int import_anchore_refine(struct import_record *record, const struct node *object)
{
	struct node source = import_walk_member(object, "source");
	for (size_t i = 0; i < sizeof(homes) / sizeof(homes[0]); i++) {
		if (refine_home(record, &source, &homes[i]) != 0) {
			return -1;
		}
	}
	return 0;
}
