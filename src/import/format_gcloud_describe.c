/*
 * `gcloud artifacts docker images describe --show-package-vulnerability --format=json`: one image,
 * its vulnerabilities in a list for each severity.
 */
#include "import_children.h"
#include "import_format.h"

static const char *const signs[] = {"image_summary.digest", "image_summary.fully_qualified_digest",
									NULL};

static const struct import_place places[] = {
	{IMPORT_KEPT, "image_summary.fully_qualified_digest"},
	{IMPORT_KEPT, "package_vulnerability_summary.vulnerabilities"},
	{IMPORT_FIELD_COUNT, NULL},
};

static const char column[] = "package_vulnerability_summary.vulnerabilities";

static int add_issue(struct import_record *record, const struct node *issue, const char *severity)
{
	const char *type;
	struct error err = ERROR_INIT;
	if (node_member_text(issue, "packageType", NODE_OPTIONAL, &type, &err) != 0) {
		return import_record_refuse(record, column, "%s", err.text);
	}
	return import_record_add_severity(record, column, severity, type, NULL);
}

static int add_occurrence(struct import_record *record, const struct node *occurrence,
						  const char *severity)
{
	struct node vulnerability = {0};
	struct node issues = {0};
	struct error err = ERROR_INIT;
	if (node_member_object(occurrence, "vulnerability", NODE_REQUIRED, &vulnerability, &err) != 0 ||
		node_member_array(&vulnerability, "packageIssue", NODE_OPTIONAL, &issues, &err) != 0) {
		return import_record_refuse(record, column, "%s", err.text);
	}
	size_t count = node_count(&issues);
	for (size_t i = 0; i < count; i++) {
		struct node issue = node_element(&issues, i);
		if (add_issue(record, &issue, severity) != 0) {
			return -1;
		}
	}
	return count != 0 ? 0 : import_record_add_severity(record, column, severity, NULL, NULL);
}

static int add_severities(struct import_record *record, const struct node *lists)
{
	struct node list;
	for (void *position = NULL; node_next_member(lists, &position, &list);) {
		for (size_t i = 0; i < node_count(&list); i++) {
			struct node occurrence = node_element(&list, i);
			if (add_occurrence(record, &occurrence, list.member) != 0) {
				return -1;
			}
		}
	}
	return 0;
}

static int refine(struct import_record *record, const struct node *object, const struct node *outer)
{
	const char *name;
	struct node image = {0};
	struct node packages = {0};
	struct node lists = {0};
	struct error err = ERROR_INIT;
	(void)outer;
	if (node_member_object(object, "image_summary", NODE_REQUIRED, &image, &err) != 0 ||
		node_member_text(&image, "fully_qualified_digest", NODE_REQUIRED, &name, &err) != 0 ||
		node_member_object(object, "package_vulnerability_summary", NODE_OPTIONAL, &packages,
						   &err) != 0) {
		return import_record_refuse(record, NULL, "%s", err.text);
	}
	if (node_is_set(&packages) &&
		node_member_object(&packages, "vulnerabilities", NODE_OPTIONAL, &lists, &err) != 0) {
		return import_record_refuse(record, column, "%s", err.text);
	}
	if (import_children_add_pinned(record, "image_summary.fully_qualified_digest", name) != 0) {
		return -1;
	}
	return add_severities(record, &lists);
}

const struct import_format import_format_gcloud_describe = {
	.name = "gcloud-describe",
	.title = "gcloud artifacts docker images describe",
	.encoding = IMPORT_JSON,
	.signs = signs,
	.places = places,
	.refine = refine,
};
