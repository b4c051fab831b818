/*
 * AWS Inspector v2, ListFindings and the reports it writes to S3: a finding for each package
 * vulnerability and image. `sourceLayerHash` is the compressed blob.
 */
#include <string.h>
#include <strings.h>

#include "import_aws.h"
#include "import_format.h"

static const char *const lists[] = {"findings", "", NULL};

static const char *const signs[] = {"findingArn", "awsAccountId", "resources", NULL};

static const char *const each[] = {"resources", NULL};

/* The kind of the digest is not stated. `image` is what other clouds' registries have. */
static const struct import_place places[] = {
	{IMPORT_REPOSITORY, "details.awsEcrContainerImage.repositoryName"},
	{IMPORT_TAG, "details.awsEcrContainerImage.imageTags"},
	{IMPORT_DIGEST, "details.awsEcrContainerImage.imageHash"},
	{IMPORT_REGISTRY, "details.image.registry"},
	{IMPORT_REPOSITORY, "details.image.repositoryName"},
	{IMPORT_TAG, "details.image.imageTags"},
	{IMPORT_DIGEST, "details.image.imageDigest"},
	{IMPORT_KEPT, "type"},
	{IMPORT_KEPT, "id"},
	{IMPORT_KEPT, "/severity"},
	{IMPORT_KEPT, "/status"},
	{IMPORT_KEPT, "/packageVulnerabilityDetails.vulnerablePackages"},
	{IMPORT_FIELD_COUNT, NULL},
};

static const struct import_aws_names names = {
	.column = "packageVulnerabilityDetails.vulnerablePackages.sourceLayerHash",
	.package_manager = "packageManager",
	.layer = "sourceLayerHash",
};

struct finding {
	const char *severity; /* NULL: none, or the finding is closed */
	struct node details;
	struct node packages;
};

static int read_finding(const struct node *outer, struct finding *out, struct error *err)
{
	const char *status;
	*out = (struct finding){0};
	if (node_member_text(outer, "severity", NODE_OPTIONAL, &out->severity, err) != 0 ||
		node_member_text(outer, "status", NODE_OPTIONAL, &status, err) != 0 ||
		node_member_object(outer, "packageVulnerabilityDetails", NODE_OPTIONAL, &out->details,
						   err) != 0) {
		return -1;
	}
	if (status != NULL && strcasecmp(status, "CLOSED") == 0) {
		out->severity = NULL;
	}
	if (!node_is_set(&out->details)) {
		return 0;
	}
	return node_member_array(&out->details, "vulnerablePackages", NODE_OPTIONAL, &out->packages,
							 err);
}

/* Instances and functions have no such details. */
static int check_image(struct import_record *record, const char *type)
{
	bool is_ecr = type != NULL && strcmp(type, "AWS_ECR_CONTAINER_IMAGE") == 0;
	if (is_ecr || record->image.top_count != 0 || record->part[IMPORT_REPOSITORY] != NULL) {
		return 0;
	}
	return import_record_pass_over(record, "type", type == NULL ? "no container image" : type);
}

static int refine(struct import_record *record, const struct node *object, const struct node *outer)
{
	const char *type;
	const char *arn;
	struct finding finding;
	struct error err = ERROR_INIT;
	if (node_member_text(object, "type", NODE_OPTIONAL, &type, &err) != 0 ||
		node_member_text(object, "id", NODE_OPTIONAL, &arn, &err) != 0 ||
		read_finding(outer, &finding, &err) != 0) {
		return import_record_refuse(record, NULL, "%s", err.text);
	}
	if (check_image(record, type) != 0 || import_aws_add_arn(record, "resources.id", arn) != 0) {
		return -1;
	}
	return import_aws_add_packages(record, &finding.packages, &names, finding.severity);
}

const struct import_format import_format_inspector = {
	.name = "inspector",
	.title = "AWS Inspector findings",
	.encoding = IMPORT_JSON,
	.lists = lists,
	.signs = signs,
	.each = each,
	.places = places,
	.folds = true,
	.refine = refine,
};
