/*
 * format_aqua: Aqua /api/v2/images.
 *
 * `registry` is often what somebody calls it in Aqua; the repository digests then say which it is.
 */
#include <stdlib.h>
#include <string.h>

#include "import_format.h"
#include "import_name.h"
#include "import_walk.h"
#include "layerproof/memory.h"

/* The repository of "registry/repository@digest" in the stead of one without a registry. */
static void choose_repository(struct import_record *record)
{
	char **name = &record->image.name;
	if (*name != NULL && record->part[IMPORT_REGISTRY] == NULL) {
		free(record->part[IMPORT_REPOSITORY]);
		record->part[IMPORT_REPOSITORY] = memory_copy_span(*name, strcspn(*name, "@"));
	}
	if (record->part[IMPORT_REPOSITORY] != NULL) {
		free(*name);
		*name = NULL;
	}
}

static int refine(struct import_record *record, const struct node *object, const struct node *outer)
{
	static const struct {
		const char *member;
		const char *severity;
	} counts[] = {{"crit_vulns", "critical"},
				  {"high_vulns", "high"},
				  {"med_vulns", "medium"},
				  {"low_vulns", "low"},
				  {"neg_vulns", "negligible"}};
	(void)outer;
	import_name_drop_alias(record);
	choose_repository(record);
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		int64_t count;
		struct error ignored = ERROR_INIT;
		if (node_member_size(object, counts[i].member, NODE_OPTIONAL, &count, &ignored) == 0 &&
			count > 0 &&
			import_record_add_severity(record, counts[i].member, counts[i].severity, NULL, NULL) !=
				0) {
			return -1;
		}
	}
	return 0;
}

static const char *const lists[] = {"result", "", NULL};

static const char *const signs[] = {"registry", "repository", "crit_vulns", "metadata.docker_id",
									NULL};

static const struct import_place places[] = {
	{IMPORT_REGISTRY, "registry"},
	{IMPORT_REPOSITORY, "repository"},
	{IMPORT_TAG, "tag"},
	{IMPORT_DIGEST, "digest"},
	{IMPORT_NAME, "metadata.repo_digests"},
	{IMPORT_CONFIG, "metadata.docker_id"},
	{IMPORT_OS, "metadata.os"},
	{IMPORT_ARCHITECTURE, "metadata.architecture"},
	{IMPORT_KEPT, "crit_vulns"},
	{IMPORT_KEPT, "high_vulns"},
	{IMPORT_KEPT, "med_vulns"},
	{IMPORT_KEPT, "low_vulns"},
	{IMPORT_KEPT, "neg_vulns"},
	{0},
};

const struct import_format import_format_aqua = {
	.name = "aqua",
	.title = "Aqua images, API v2 JSON",
	.encoding = IMPORT_JSON,
	.lists = lists,
	.signs = signs,
	.places = places,
	.refine = refine,
};
