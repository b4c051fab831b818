/*
 * AWS Security Hub, GetFindings (ASFF): findings of every product about every kind of resource.
 */
#include <string.h>
#include <strings.h>

#include "import_aws.h"
#include "import_format.h"

static const char *const lists[] = {"Findings", "", NULL};

static const char *const signs[] = {"ProductArn", "AwsAccountId", "Resources", NULL};

static const char *const each[] = {"Resources", NULL};

static const struct import_place places[] = {
	{IMPORT_REPOSITORY, "Details.AwsEcrContainerImage.RepositoryName"},
	{IMPORT_TAG, "Details.AwsEcrContainerImage.ImageTags"},
	{IMPORT_DIGEST, "Details.AwsEcrContainerImage.ImageDigest"},
	{IMPORT_KEPT, "Id"},
	{IMPORT_KEPT, "/Severity.Label"},
	{IMPORT_KEPT, "/RecordState"},
	{IMPORT_KEPT, "/Vulnerabilities"},
	{IMPORT_FIELD_COUNT, NULL},
};

static const char *const images[] = {"AwsEcrContainerImage", NULL};

static const struct import_condition conditions[] = {
	{"Type", images},
	{NULL, NULL},
};

static const struct import_aws_names names = {
	.column = "Vulnerabilities.VulnerablePackages.SourceLayerHash",
	.package_manager = "PackageManager",
	.layer = "SourceLayerHash",
};

/* An archived finding is no longer true. */
static int read_severity(const struct node *outer, const char **out, struct error *err)
{
	struct node severity = {0};
	const char *state;
	*out = NULL;
	if (node_member_text(outer, "RecordState", NODE_OPTIONAL, &state, err) != 0 ||
		node_member_object(outer, "Severity", NODE_OPTIONAL, &severity, err) != 0) {
		return -1;
	}
	if (!node_is_set(&severity) || (state != NULL && strcasecmp(state, "ARCHIVED") == 0)) {
		return 0;
	}
	return node_member_text(&severity, "Label", NODE_OPTIONAL, out, err);
}

static int add_vulnerability(struct import_record *record, const struct node *vulnerability,
							 const char *severity)
{
	struct node packages = {0};
	struct error err = ERROR_INIT;
	if (node_member_array(vulnerability, "VulnerablePackages", NODE_OPTIONAL, &packages, &err) !=
		0) {
		return import_record_refuse(record, "Vulnerabilities", "%s", err.text);
	}
	return import_aws_add_packages(record, &packages, &names, severity);
}

static int add_vulnerabilities(struct import_record *record, const struct node *outer,
							   const char *severity)
{
	struct node list = {0};
	struct error err = ERROR_INIT;
	if (node_member_array(outer, "Vulnerabilities", NODE_OPTIONAL, &list, &err) != 0) {
		return import_record_refuse(record, "Vulnerabilities", "%s", err.text);
	}
	size_t count = node_count(&list);
	for (size_t i = 0; i < count; i++) {
		struct node vulnerability = node_element(&list, i);
		if (add_vulnerability(record, &vulnerability, severity) != 0) {
			return -1;
		}
	}
	if (count != 0 || severity == NULL) {
		return 0;
	}
	return import_record_add_severity(record, "Severity.Label", severity, NULL, NULL);
}

static int refine(struct import_record *record, const struct node *object, const struct node *outer)
{
	const char *arn;
	const char *severity;
	struct error err = ERROR_INIT;
	if (node_member_text(object, "Id", NODE_OPTIONAL, &arn, &err) != 0 ||
		read_severity(outer, &severity, &err) != 0) {
		return import_record_refuse(record, NULL, "%s", err.text);
	}
	if (import_aws_add_arn(record, "Resources.Id", arn) != 0) {
		return -1;
	}
	return add_vulnerabilities(record, outer, severity);
}

const struct import_format import_format_security_hub = {
	.name = "security-hub",
	.title = "AWS Security Hub findings",
	.encoding = IMPORT_JSON,
	.lists = lists,
	.signs = signs,
	.each = each,
	.places = places,
	.conditions = conditions,
	.folds = true,
	.refine = refine,
};
