#include "import_aws.h"

#include <string.h>

#include "layerproof/memory.h"

enum { ARN_PARTS = 6 }; /* arn, partition, service, region, account, resource */

struct arn_part {
	const char *text;
	size_t size;
};

/* False when there are fewer; the last one has all that is left. */
static bool split_arn(const char *arn, struct arn_part parts[static ARN_PARTS])
{
	for (size_t i = 0; i + 1 < ARN_PARTS; i++) {
		const char *colon = strchr(arn, ':');
		if (colon == NULL) {
			return false;
		}
		parts[i] = (struct arn_part){arn, (size_t)(colon - arn)};
		arn = colon + 1;
	}
	parts[ARN_PARTS - 1] = (struct arn_part){arn, strlen(arn)};
	return true;
}

static bool part_is(const struct arn_part *part, const char *text)
{
	return part->size == strlen(text) && memcmp(part->text, text, part->size) == 0;
}

/* ACCOUNT.dkr.ecr.REGION.amazonaws.com, in China with .cn behind it. */
static int add_registry(struct import_record *record, const char *column,
						const struct arn_part parts[static ARN_PARTS])
{
	CLEANUP(free_at)
	char *host = memory_format("%.*s.dkr.ecr.%.*s.amazonaws.com%s", (int)parts[4].size,
							   parts[4].text, (int)parts[3].size, parts[3].text,
							   part_is(&parts[1], "aws-cn") ? ".cn" : "");
	return import_record_add(record, IMPORT_REGISTRY, column, host, strlen(host));
}

/* NAME may have slashes, the digest has none. */
static int add_resource(struct import_record *record, const char *column,
						const struct arn_part *resource)
{
	static const char prefix[] = "repository/";
	size_t skip = sizeof(prefix) - 1;
	if (resource->size <= skip || memcmp(resource->text, prefix, skip) != 0) {
		return 0;
	}
	const char *name = resource->text + skip;
	const char *slash = strrchr(name, '/');
	if (slash == NULL || strchr(slash, ':') == NULL) {
		return 0;
	}
	if (import_record_add(record, IMPORT_REPOSITORY, column, name, (size_t)(slash - name)) != 0) {
		return -1;
	}
	return record->image.top_count != 0
			   ? 0
			   : import_record_add(record, IMPORT_DIGEST, column, slash + 1, strlen(slash + 1));
}

int import_aws_add_arn(struct import_record *record, const char *column, const char *arn)
{
	struct arn_part parts[ARN_PARTS];
	if (arn == NULL || !split_arn(arn, parts) || !part_is(&parts[0], "arn") ||
		!part_is(&parts[2], "ecr")) {
		return 0;
	}
	if (add_registry(record, column, parts) != 0) {
		return -1;
	}
	return add_resource(record, column, &parts[ARN_PARTS - 1]);
}

static int add_package(struct import_record *record, const struct node *package,
					   const struct import_aws_names *names, const char *severity)
{
	const char *manager;
	const char *layer;
	struct error err = ERROR_INIT;
	if (node_member_text(package, names->package_manager, NODE_OPTIONAL, &manager, &err) != 0 ||
		node_member_text(package, names->layer, NODE_OPTIONAL, &layer, &err) != 0) {
		return import_record_refuse(record, names->column, "%s", err.text);
	}
	if (layer != NULL &&
		import_record_add(record, IMPORT_LAYER, names->column, layer, strlen(layer)) != 0) {
		return -1;
	}
	if (severity == NULL) {
		return 0;
	}
	return import_record_add_severity(record, names->column, severity, manager, layer);
}

int import_aws_add_packages(struct import_record *record, const struct node *packages,
							const struct import_aws_names *names, const char *severity)
{
	size_t count = node_count(packages);
	for (size_t i = 0; i < count; i++) {
		struct node package = node_element(packages, i);
		if (add_package(record, &package, names, severity) != 0) {
			return -1;
		}
	}
	if (count != 0 || severity == NULL) {
		return 0;
	}
	return import_record_add_severity(record, names->column, severity, NULL, NULL);
}
