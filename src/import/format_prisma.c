/*
 * format_prisma: Prisma Cloud Compute: /images, /registry, and the scans of a pipeline, /scans,
 * which wrap the same object in `entityInfo`.
 *
 * `id` is the image ID and `layers` are diff_ids. What was scanned before it was pushed has no
 * repoDigests. The digest of a tag is whatever the registry gave for it.
 */
#include <stdlib.h>
#include <strings.h>

#include "import_format.h"
#include "import_walk.h"

#define VULNERABILITIES "vulnerabilities"
#define DISTRIBUTION    "vulnerabilityDistribution"

/* Packages of the distribution are of type "image", all others of that of their language. */
static int take_vulnerabilities(struct import_record *record, const struct node *list)
{
	for (size_t i = 0; i < node_count(list); i++) {
		struct node found = node_element(list, i);
		const char *severity = import_walk_text(&found, "severity");
		const char *type = import_walk_text(&found, "type");
		bool is_os = type != NULL &&
					 (strcasecmp(type, "image") == 0 || strcasecmp(type, "os") == 0);
		if (severity != NULL && import_record_add_severity(record, VULNERABILITIES, severity,
														   is_os ? "os" : NULL, NULL) != 0) {
			return -1;
		}
	}
	return 0;
}

static int take_distribution(struct import_record *record, const struct node *counts)
{
	void *position = NULL;
	struct node member;
	while (node_next_member(counts, &position, &member)) {
		int64_t count;
		struct error ignored = ERROR_INIT;
		if (node_member_size(counts, member.member, NODE_OPTIONAL, &count, &ignored) == 0 &&
			count > 0 &&
			import_record_add_severity(record, DISTRIBUTION, member.member, NULL, NULL) != 0) {
			return -1;
		}
	}
	return 0;
}

static int refine(struct import_record *record, const struct node *object, const struct node *outer)
{
	(void)outer;
	struct node vulnerabilities = import_walk_member(object, VULNERABILITIES);
	struct node counts = import_walk_member(object, DISTRIBUTION);
	if (record->part[IMPORT_REPOSITORY] != NULL) { /* a tag says more than a digest */
		free(record->image.name);
		record->image.name = NULL;
	}
	return node_count(&vulnerabilities) > 0 ? take_vulnerabilities(record, &vulnerabilities)
											: take_distribution(record, &counts);
}

static const char *const lists[] = {"", "entityInfo", NULL};

static const char *const signs[] = {"_id", "type", "hostname", "scanTime", NULL};

/* With the members sorted, as tools leave them, the lists of packages fill the beginning. */
static const char *const other_signs[] = {"_id", "allCompliance", NULL};

static const char *const images[] = {"image", "registry", "ciImage", NULL};

static const struct import_condition conditions[] = {{"type", images}, {NULL, NULL}};

static const struct import_place places[] = {
	{IMPORT_REGISTRY, "repoTag.registry"},
	{IMPORT_REPOSITORY, "repoTag.repo"},
	{IMPORT_TAG, "repoTag.tag"},
	{IMPORT_NAME, "repoDigests"},
	{IMPORT_DIGEST, "repoTag.digest"},
	{IMPORT_DIGEST, "tags.digest"},
	{IMPORT_CONFIG, "id"},
	{IMPORT_DIFF_IDS, "layers"},
	{IMPORT_KEPT, VULNERABILITIES ".severity"},
	{IMPORT_KEPT, VULNERABILITIES ".type"},
	{IMPORT_KEPT, DISTRIBUTION},
	{0},
};

const struct import_format import_format_prisma = {
	.name = "prisma",
	.title = "Prisma Cloud Compute images, registry and CI scans, JSON",
	.encoding = IMPORT_JSON,
	.lists = lists,
	.signs = signs,
	.other_signs = other_signs,
	.places = places,
	.conditions = conditions,
	.refine = refine,
};
