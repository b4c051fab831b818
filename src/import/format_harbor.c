/*
 * Harbor, the artifacts of its API v2.0 (/projects/P/repositories/R/artifacts, with tags and
 * scan_overview as asked for). `media_type` is the config's, `manifest_media_type` the digest's.
 */
#include <string.h>

#include "import_children.h"
#include "import_format.h"
#include "layerproof/memory.h"

static const char *const signs[] = {"digest", "manifest_media_type", "repository_id", NULL};

static const struct import_place places[] = {
	{IMPORT_REPOSITORY, "repository_name"},
	{IMPORT_TAG, "tags.name"},
	{IMPORT_DIGEST, "digest"},
	{IMPORT_MEDIA_TYPE, "manifest_media_type"},
	{IMPORT_OS, "extra_attrs.os"},
	{IMPORT_ARCHITECTURE, "extra_attrs.architecture"},
	{IMPORT_KEPT, "references"},
	{IMPORT_KEPT, "scan_overview"},
	{IMPORT_KEPT, "annotations"},
	{IMPORT_KEPT, "addition_links"},
	{IMPORT_FIELD_COUNT, NULL},
};

static const char *const images[] = {"IMAGE", NULL};

static const struct import_condition conditions[] = {
	{"type", images},
	{NULL, NULL},
};

static const struct import_children references = {
	.column = "references.child_digest",
	.digest = "child_digest",
	.platform = "platform",
};

/* Slashes of a repository are encoded twice in a path of the API. */
static char *decode_repository(const char *text, size_t size)
{
	static const char *const slashes[] = {"%252F", "%252f", "%2F", "%2f"};
	char *out = memory_copy_span(text, size);
	for (size_t i = 0; i < sizeof(slashes) / sizeof(slashes[0]); i++) {
		size_t length = strlen(slashes[i]);
		for (char *at = out; (at = strstr(at, slashes[i])) != NULL; at++) {
			*at = '/';
			memmove(at + 1, at + length, strlen(at + length) + 1);
		}
	}
	return out;
}

/* "/api/v2.0/projects/PROJECT/repositories/REPOSITORY/artifacts/..." */
static int add_repository_of(struct import_record *record, const char *link)
{
	static const char projects[] = "/projects/";
	static const char repositories[] = "/repositories/";
	const char *project = strstr(link, projects);
	const char *middle = project == NULL ? NULL : strstr(project, repositories);
	const char *end = middle == NULL ? NULL : strstr(middle, "/artifacts/");
	if (end == NULL) {
		return 0;
	}
	project += sizeof(projects) - 1;
	const char *name = middle + sizeof(repositories) - 1;
	CLEANUP(free_at) char *repository = decode_repository(name, (size_t)(end - name));
	CLEANUP(free_at)
	char *whole = memory_format("%.*s/%s", (int)(middle - project), project, repository);
	return import_record_add(record, IMPORT_REPOSITORY, "addition_links", whole, strlen(whole));
}

/* Older versions say the repository's name nowhere else. */
static int add_repository(struct import_record *record, const struct node *links)
{
	struct node member;
	for (void *position = NULL; node_next_member(links, &position, &member);) {
		const char *text;
		struct error err = ERROR_INIT;
		if (record->part[IMPORT_REPOSITORY] != NULL) {
			return 0;
		}
		if (node_expect_object(&member, &err) != 0 ||
			node_member_text(&member, "href", NODE_OPTIONAL, &text, &err) != 0) {
			return import_record_refuse(record, "addition_links", "%s", err.text);
		}
		if (text != NULL && add_repository_of(record, text) != 0) {
			return -1;
		}
	}
	return 0;
}

static const char base_annotation[] = "org.opencontainers.image.base.digest";

/* What an image's author wrote there may be anything: it costs no row. */
static void take_base(struct import_record *record, const struct node *annotations)
{
	const char *text;
	struct digest digest;
	struct error err = ERROR_INIT;
	if (!node_is_set(annotations) ||
		node_member_text(annotations, base_annotation, NODE_OPTIONAL, &text, &err) != 0 ||
		text == NULL || digest_parse(text, &digest, &err) != 0) {
		return;
	}
	record->image.base_digest = digest;
}

/* {"Critical": 1, "Low": 9} */
static int add_counts(struct import_record *record, const struct node *counts, struct error *err)
{
	struct node member;
	for (void *position = NULL; node_next_member(counts, &position, &member);) {
		int64_t count;
		if (node_member_size(counts, member.member, NODE_OPTIONAL, &count, err) != 0) {
			return -1;
		}
		if (count > 0 &&
			import_record_add_severity(record, "scan_overview", member.member, NULL, NULL) != 0) {
			return -1;
		}
	}
	return 0;
}

/* One report for each media type that the scanner can write. */
static int add_report(struct import_record *record, const struct node *reports, const char *type,
					  struct error *err)
{
	struct node report = {0};
	struct node summary = {0};
	struct node counts = {0};
	if (node_member_object(reports, type, NODE_OPTIONAL, &report, err) != 0) {
		return -1;
	}
	if (!node_is_set(&report)) {
		return 0;
	}
	if (node_member_object(&report, "summary", NODE_OPTIONAL, &summary, err) != 0) {
		return -1;
	}
	if (!node_is_set(&summary)) {
		return 0;
	}
	if (node_member_object(&summary, "summary", NODE_OPTIONAL, &counts, err) != 0) {
		return -1;
	}
	return add_counts(record, &counts, err);
}

static int add_reports(struct import_record *record, const struct node *reports)
{
	struct node member;
	struct error err = ERROR_INIT;
	for (void *position = NULL; node_next_member(reports, &position, &member);) {
		if (add_report(record, reports, member.member, &err) != 0) {
			return import_record_refuse(record, "scan_overview", "%s", err.text);
		}
	}
	return 0;
}

static int refine(struct import_record *record, const struct node *object, const struct node *outer)
{
	struct node children = {0};
	struct node reports = {0};
	struct node annotations = {0};
	struct node links = {0};
	struct error err = ERROR_INIT;
	(void)outer;
	if (node_member_array(object, "references", NODE_OPTIONAL, &children, &err) != 0 ||
		node_member_object(object, "scan_overview", NODE_OPTIONAL, &reports, &err) != 0 ||
		node_member_object(object, "annotations", NODE_OPTIONAL, &annotations, &err) != 0 ||
		node_member_object(object, "addition_links", NODE_OPTIONAL, &links, &err) != 0) {
		return import_record_refuse(record, NULL, "%s", err.text);
	}
	take_base(record, &annotations);
	if (add_repository(record, &links) != 0 || add_reports(record, &reports) != 0) {
		return -1;
	}
	return import_children_add(record, &children, &references);
}

const struct import_format import_format_harbor = {
	.name = "harbor",
	.title = "Harbor artifacts",
	.encoding = IMPORT_JSON,
	.signs = signs,
	.places = places,
	.conditions = conditions,
	.refine = refine,
};
