/*
 * Microsoft Defender for Cloud, sub-assessments out of Azure Resource Graph or the REST API: one
 * for each vulnerability and image, of Azure's, Amazon's and Google's registries.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "import_format.h"

static const char *const lists[] = {"data", "value", "", NULL};

static const char *const signs[] = {"properties.additionalData.assessedResourceType", NULL};

/* The second spelling is that of the scanner before Microsoft's own. */
static const struct import_place places[] = {
	{IMPORT_REGISTRY, "properties.additionalData.artifactDetails.registryHost"},
	{IMPORT_REPOSITORY, "properties.additionalData.artifactDetails.repositoryName"},
	{IMPORT_TAG, "properties.additionalData.artifactDetails.tags"},
	{IMPORT_DIGEST, "properties.additionalData.artifactDetails.digest"},
	{IMPORT_MEDIA_TYPE, "properties.additionalData.artifactDetails.mediaType"},
	{IMPORT_REPOSITORY, "properties.additionalData.repositoryName"},
	{IMPORT_DIGEST, "properties.additionalData.imageDigest"},
	{IMPORT_SEVERITY, "properties.status.severity"},
	{IMPORT_SEVERITY_CLASS, "properties.additionalData.softwareDetails.category"},
	{IMPORT_KEPT, "properties.status.code"},
	{IMPORT_KEPT, "properties.additionalData.assessedResourceType"},
	{IMPORT_FIELD_COUNT, NULL},
};

static const char *const images[] = {"ContainerImage", NULL};

static const struct import_condition conditions[] = {
	{"properties.additionalData.artifactDetails.artifactType", images},
	{NULL, NULL},
};

struct assessment {
	const char *resource_type;
	const char *code;
};

static int read_assessment(const struct node *object, struct assessment *out, struct error *err)
{
	struct node properties = {0};
	struct node data = {0};
	struct node status = {0};
	*out = (struct assessment){0};
	if (node_member_object(object, "properties", NODE_REQUIRED, &properties, err) != 0 ||
		node_member_object(&properties, "additionalData", NODE_REQUIRED, &data, err) != 0 ||
		node_member_text(&data, "assessedResourceType", NODE_OPTIONAL, &out->resource_type, err) !=
			0 ||
		node_member_object(&properties, "status", NODE_OPTIONAL, &status, err) != 0) {
		return -1;
	}
	if (!node_is_set(&status)) {
		return 0;
	}
	return node_member_text(&status, "code", NODE_OPTIONAL, &out->code, err);
}

/* There are such assessments of servers and databases too. What is healthy is mended. */
static int refine(struct import_record *record, const struct node *object, const struct node *outer)
{
	struct assessment assessment;
	struct error err = ERROR_INIT;
	(void)outer;
	if (read_assessment(object, &assessment, &err) != 0) {
		return import_record_refuse(record, NULL, "%s", err.text);
	}
	if (assessment.resource_type != NULL &&
		strcasestr(assessment.resource_type, "container") == NULL) {
		return import_record_pass_over(record, "properties.additionalData.assessedResourceType",
									   assessment.resource_type);
	}
	if (assessment.code != NULL && strcasecmp(assessment.code, "Healthy") == 0) {
		free(record->part[IMPORT_SEVERITY]);
		record->part[IMPORT_SEVERITY] = NULL;
	}
	return 0;
}

const struct import_format import_format_defender = {
	.name = "defender",
	.title = "Microsoft Defender for Cloud sub-assessments",
	.encoding = IMPORT_JSON,
	.lists = lists,
	.signs = signs,
	.places = places,
	.conditions = conditions,
	.folds = true,
	.refine = refine,
};
