/*
 * CrowdStrike Falcon, the combined images and vulnerabilities of container security. Of which kind
 * `image_digest` is, is not stated; `image_id` is the config.
 */
#include <stddef.h>

#include "import_format.h"

static const char *const lists[] = {"resources", "", NULL};

static const char *const signs[] = {"cid", "repository", "image_id", "image_digest", NULL};

static const struct import_place places[] = {
	{IMPORT_REGISTRY, "registry"}, {IMPORT_REPOSITORY, "repository"},
	{IMPORT_TAG, "tag"},           {IMPORT_DIGEST, "image_digest"},
	{IMPORT_CONFIG, "image_id"},   {IMPORT_ARCHITECTURE, "architecture"},
	{IMPORT_SEVERITY, "severity"}, {IMPORT_SEVERITY, "highest_vulnerability_severity"},
	{IMPORT_FIELD_COUNT, NULL},
};

const struct import_format import_format_crowdstrike = {
	.name = "crowdstrike",
	.title = "CrowdStrike Falcon images",
	.encoding = IMPORT_JSON,
	.lists = lists,
	.signs = signs,
	.places = places,
	.folds = true,
};
