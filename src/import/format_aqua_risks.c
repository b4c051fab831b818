/*
 * format_aqua_risks: Aqua /api/v2/risks/vulnerabilities: a row for each image and vulnerability.
 */
#include "import_format.h"
#include "import_name.h"
#include "import_package.h"
#include "import_walk.h"

static int refine(struct import_record *record, const struct node *object, const struct node *outer)
{
	(void)outer;
	struct node resource = import_walk_member(object, "resource");
	const char *severity = import_walk_text(object, "aqua_severity");
	const char *class = import_package_class(import_walk_text(&resource, "format"));
	import_name_drop_alias(record);
	return severity == NULL
			   ? 0
			   : import_record_add_severity(record, "aqua_severity", severity, class, NULL);
}

static const char *const lists[] = {"result", "", NULL};

static const char *const signs[] = {"image_digest", "image_name", "image_repository_name",
									"aqua_severity", NULL};

static const struct import_place places[] = {
	{IMPORT_REGISTRY, "registry"},    {IMPORT_REPOSITORY, "image_name"}, /* with the tag */
	{IMPORT_DIGEST, "image_digest"},  {IMPORT_KEPT, "aqua_severity"},
	{IMPORT_KEPT, "resource.format"}, {0},
};

const struct import_format import_format_aqua_risks = {
	.name = "aqua-risks",
	.title = "Aqua vulnerabilities, API v2 JSON",
	.encoding = IMPORT_JSON,
	.lists = lists,
	.signs = signs,
	.places = places,
	.folds = true,
	.refine = refine,
};
