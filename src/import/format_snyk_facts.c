/*
 * format_snyk_facts: the facts that Snyk's scanner of containers gathers of an image.
 *
 * `rootFs` are diff_ids. `imageLayers` are blob digests where the image came from a registry, and
 * names of files where it came from an archive.
 */
#include <string.h>

#include "import_format.h"
#include "import_walk.h"

#define FACTS "facts"

static int take_image_id(struct import_record *record, const struct node *data)
{
	const char *text;
	struct error err = ERROR_INIT;
	return node_text(data, &text, &err) == 0
			   ? import_walk_add(record, IMPORT_CONFIG, "imageId", text)
			   : import_record_refuse(record, "imageId", "%s", err.text);
}

static int take_layers(struct import_record *record, enum import_field field, const char *column,
					   const struct node *data)
{
	for (size_t i = 0; i < node_count(data); i++) {
		struct node element = node_element(data, i);
		const char *text;
		struct error err = ERROR_INIT;
		if (node_text(&element, &text, &err) != 0) {
			return import_record_refuse(record, column, "%s", err.text);
		}
		if (import_record_add_element(record, field, column, i + 1, text, strlen(text)) != 0) {
			return -1;
		}
	}
	return 0;
}

static int take_root_fs(struct import_record *record, const struct node *data)
{
	return take_layers(record, IMPORT_DIFF_IDS, "rootFs", data);
}

static int take_image_layers(struct import_record *record, const struct node *data)
{
	for (size_t i = 0; i < node_count(data); i++) {
		struct node element = node_element(data, i);
		const char *text;
		struct error ignored = ERROR_INIT;
		if (node_text(&element, &text, &ignored) == 0 && strncmp(text, "sha256:", 7) != 0) {
			return 0;
		}
	}
	return take_layers(record, IMPORT_LAYERS, "imageLayers", data);
}

static int take_names(struct import_record *record, const struct node *data)
{
	struct node names = import_walk_member(data, "names");
	for (size_t i = 0; i < node_count(&names); i++) {
		struct node element = node_element(&names, i);
		const char *text;
		struct error ignored = ERROR_INIT;
		if (node_text(&element, &text, &ignored) == 0 &&
			import_walk_add(record, IMPORT_NAME, "imageNames", text) != 0) {
			return -1;
		}
	}
	return 0;
}

static int take_distribution(struct import_record *record, const struct node *data)
{
	static const struct {
		enum import_field field;
		const char *member;
	} parts[] = {{IMPORT_REGISTRY, "registryHost"},
				 {IMPORT_REPOSITORY, "repository"},
				 {IMPORT_TAG, "imageTag"}};
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (import_walk_add(record, parts[i].field, parts[i].member,
							import_walk_text(data, parts[i].member)) != 0) {
			return -1;
		}
	}
	return import_walk_add_top(record, IDENTITY_MANIFEST, "manifestDigest",
							   import_walk_text(data, "manifestDigest")) != 0
			   ? -1
			   : import_walk_add_top(record, IDENTITY_INDEX, "indexDigest",
									 import_walk_text(data, "indexDigest"));
}

/* In the order in which they are taken: a digest in a name is then told by its kind. */
static const struct {
	const char *type;
	int (*take)(struct import_record *record, const struct node *data);
} known[] = {
	{"imageId", take_image_id},
	{"rootFs", take_root_fs},
	{"imageLayers", take_image_layers},
	{"imageNames", take_names},
	{"ociDistributionMetadata", take_distribution},
};

/* Takes the facts of one type. -1: refused. `*found` is set when there is one. */
static int take_facts(struct import_record *record, const struct node *facts, size_t kind,
					  bool *found)
{
	for (size_t i = 0; i < node_count(facts); i++) {
		struct node fact = node_element(facts, i);
		struct node data = import_walk_member(&fact, "data");
		const char *type = import_walk_text(&fact, "type");
		if (type == NULL || strcmp(type, known[kind].type) != 0) {
			continue;
		}
		*found = true;
		if (known[kind].take(record, &data) != 0) {
			return -1;
		}
	}
	return 0;
}

static int refine(struct import_record *record, const struct node *object, const struct node *outer)
{
	(void)outer;
	bool is_image = false;
	struct node facts = import_walk_member(object, FACTS);
	struct node target = import_walk_member(object, "target");
	const char *name = import_walk_text(&target, "image");
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (take_facts(record, &facts, i, &is_image) != 0) {
			return -1;
		}
	}
	if (!is_image) {
		return import_record_pass_over(record, FACTS, "no facts of an image");
	}
	if (name == NULL || record->part[IMPORT_REPOSITORY] != NULL) {
		return 0;
	}
	const char *bar = strchr(name, '|'); /* "docker-image|NAME" */
	return import_walk_add_fallback(record, "target.image", bar == NULL ? name : bar + 1);
}

static const char *const lists[] = {"scanResults", "", NULL};

static const char *const signs[] = {FACTS ".type", FACTS ".data", NULL};

static const struct import_place places[] = {
	{IMPORT_PLATFORM, "identity.args.platform"},
	{IMPORT_KEPT, "target.image"},
	{IMPORT_KEPT, FACTS},
	{0},
};

const struct import_format import_format_snyk_facts = {
	.name = "snyk-facts",
	.title = "Snyk container scanner facts, JSON",
	.encoding = IMPORT_JSON,
	.lists = lists,
	.signs = signs,
	.places = places,
	.folds = true,
	.refine = refine,
};
