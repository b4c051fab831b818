#include "import_sbom.h"

#include <string.h>

#include "import_purl.h"
#include "import_walk.h"

int import_sbom_add_property(struct import_record *record, const char *column, const char *key,
							 const char *value)
{
	if (strcmp(key, "ImageID") == 0) {
		return import_walk_add(record, IMPORT_CONFIG, column, value);
	}
	if (strcmp(key, "DiffID") == 0) {
		return import_record_add_element(record, IMPORT_DIFF_IDS, column,
										 record->image.diff_id_count + 1, value, strlen(value));
	}
	if (strcmp(key, "RepoTag") == 0) {
		return import_walk_add(record, IMPORT_NAME, column, value);
	}
	const char *at = strrchr(value, '@');
	return at == NULL || strcmp(key, "RepoDigest") != 0
			   ? 0
			   : import_walk_add(record, IMPORT_DIGEST, column, at + 1);
}

int import_sbom_add_image(struct import_record *record, const struct import_sbom_image *image)
{
	const char *version = image->version;
	if (version != NULL && import_walk_is_digest(version) &&
		import_walk_add(record, IMPORT_DIGEST, image->version_column, version) != 0) {
		return -1;
	}
	if (import_purl_add(record, image->purl_column, image->purl, false) != 0 ||
		import_walk_add_fallback(record, "name", image->name) != 0) {
		return -1;
	}
	return import_purl_add(record, image->purl_column, image->purl, true);
}
