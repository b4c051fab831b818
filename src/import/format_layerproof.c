/*
 * format_layerproof: what `layerproof index export` writes. Its images keep what each list said of
 * them, so that the index is the same again.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "import_format.h"
#include "layerproof/memory.h"

/* ---- Small readings ---- */

/* An optional digest. */
static int read_digest(const struct node *object, const char *name, struct digest *out,
					   struct error *err)
{
	const char *text;
	if (node_member_text(object, name, NODE_OPTIONAL, &text, err) != 0) {
		return -1;
	}
	if (text == NULL) {
		return 0;
	}
	return digest_parse(text, out, err) == 0 ? 0 : error_add_context(err, "%s", name);
}

static int read_count(const struct node *object, const char *name, uint64_t *out, struct error *err)
{
	int64_t count = 0;
	if (node_member_size(object, name, NODE_OPTIONAL, &count, err) != 0) {
		return -1;
	}
	*out = count > 0 ? (uint64_t)count : 0;
	return 0;
}

static int read_time(const struct node *object, const char *name, int64_t *out, struct error *err)
{
	const char *text;
	struct tm parts = {.tm_sec = 0};
	if (node_member_text(object, name, NODE_REQUIRED, &text, err) != 0) {
		return -1;
	}
	const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &parts);
	if (end == NULL || *end != '\0') {
		return error_set(err, ERROR_MALFORMED, "%s: not a time such as 2026-01-02T03:04:05Z", name);
	}
	*out = (int64_t)timegm(&parts);
	return 0;
}

static int read_severity(const struct node *object, const char *name, enum severity *out,
						 struct error *err)
{
	const char *text;
	if (node_member_text(object, name, NODE_OPTIONAL, &text, err) != 0) {
		return -1;
	}
	*out = text == NULL ? SEVERITY_NONE : severity_parse(text);
	return 0;
}

static int read_severities(const struct node *object, struct severities *out, struct error *err)
{
	struct node classes;
	if (node_member_object(object, "severities", NODE_OPTIONAL, &classes, err) != 0) {
		return -1;
	}
	if (!node_is_set(&classes)) {
		return 0;
	}
	return read_severity(&classes, "os", &out->os, err) != 0 ||
				   read_severity(&classes, "app", &out->app, err) != 0
			   ? -1
			   : 0;
}

/* ---- Sources ---- */

static int read_source(const struct node *object, struct import_source *out, struct error *err)
{
	*out = (struct import_source){.name = NULL};
	if (node_member_text(object, "name", NODE_REQUIRED, &out->name, err) != 0 ||
		node_member_text(object, "file", NODE_REQUIRED, &out->file, err) != 0 ||
		read_digest(object, "sha256", &out->sha256, err) != 0 ||
		read_time(object, "imported_at", &out->imported_at, err) != 0 ||
		read_count(object, "rows", &out->rows, err) != 0) {
		return -1;
	}
	return read_count(object, "refused", &out->refused, err);
}

/* ---- Images ---- */

static int read_layer(const struct node *object, struct layer_severities *out, struct error *err)
{
	if (node_expect_object(object, err) != 0 ||
		read_digest(object, "digest", &out->layer, err) != 0 ||
		read_severities(object, &out->greatest, err) != 0) {
		return -1;
	}
	return digest_is_set(&out->layer) ? 0 : node_error(object, err, "no digest");
}

static int read_layers(const struct node *object, struct image_mention *out, struct error *err)
{
	struct node list;
	if (node_member_array(object, "layer_severities", NODE_OPTIONAL, &list, err) != 0) {
		return -1;
	}
	size_t count = node_count(&list);
	out->layer_severities = memory_alloc(count + 1, sizeof(*out->layer_severities));
	for (; out->layer_severity_count < count; out->layer_severity_count++) {
		struct node element = node_element(&list, out->layer_severity_count);
		if (read_layer(&element, &out->layer_severities[out->layer_severity_count], err) != 0) {
			return -1;
		}
	}
	return 0;
}

static int read_mention(const struct node *object, struct image_mention *out, struct error *err)
{
	const char *source;
	struct node boundary;
	uint64_t layers = 0;
	uint64_t root = 0;
	if (node_expect_object(object, err) != 0 ||
		node_member_text(object, "source", NODE_REQUIRED, &source, err) != 0) {
		return -1;
	}
	out->source = memory_copy_text(source);
	if (read_digest(object, "sha256", &out->file, err) != 0 ||
		read_count(object, "row", &out->row, err) != 0 ||
		node_member(object, "boundary", NODE_OPTIONAL, &boundary, err) != 0 ||
		read_count(object, "boundary", &layers, err) != 0 ||
		read_count(object, "root_layers", &root, err) != 0 ||
		read_severities(object, &out->severities, err) != 0) {
		return -1;
	}
	out->has_boundary = node_is_set(&boundary);
	out->boundary = (size_t)layers;
	out->root_layers = (size_t)root;
	return read_layers(object, out, err);
}

static int read_mentions(const struct node *object, struct internal_image *image, struct error *err)
{
	struct node list;
	if (node_member_array(object, "mentions", NODE_REQUIRED, &list, err) != 0) {
		return -1;
	}
	size_t count = node_count(&list);
	if (count == 0) {
		return node_error(&list, err, "no list named the image");
	}
	image->mentions = memory_alloc(count, sizeof(*image->mentions));
	while (image->mention_count < count) {
		struct node element = node_element(&list, image->mention_count);
		struct image_mention *mention = &image->mentions[image->mention_count++];
		if (read_mention(&element, mention, err) != 0) {
			return -1;
		}
	}
	return 0;
}

static int identity_parse(const char *text, enum identity *out)
{
	for (unsigned bit = 0; bit < IDENTITY_COUNT; bit++) {
		*out = (enum identity)(1U << bit);
		if (strcmp(identity_name(*out), text) == 0) {
			return 0;
		}
	}
	return -1;
}

static int read_top(const struct node *object, struct internal_image *image, struct error *err)
{
	const char *word;
	enum identity identity;
	struct digest digest = {.algorithm = DIGEST_NONE};
	if (node_expect_object(object, err) != 0 ||
		node_member_text(object, "identity", NODE_REQUIRED, &word, err) != 0 ||
		read_digest(object, "digest", &digest, err) != 0) {
		return -1;
	}
	if (identity_parse(word, &identity) != 0 || !digest_is_set(&digest)) {
		return node_error(object, err, "no digest, or no identity that is known");
	}
	internal_image_add_top(image, identity, &digest);
	return 0;
}

static int read_tops(const struct node *object, struct internal_image *image, struct error *err)
{
	struct node list;
	if (node_member_array(object, "digests", NODE_OPTIONAL, &list, err) != 0) {
		return -1;
	}
	for (size_t i = 0; i < node_count(&list); i++) {
		struct node element = node_element(&list, i);
		if (read_top(&element, image, err) != 0) {
			return -1;
		}
	}
	return 0;
}

static int read_stack(const struct node *object, const char *name, struct internal_image *image,
					  void (*add)(struct internal_image *image, const struct digest *digest),
					  struct error *err)
{
	struct node list;
	if (node_member_array(object, name, NODE_OPTIONAL, &list, err) != 0) {
		return -1;
	}
	for (size_t i = 0; i < node_count(&list); i++) {
		struct node element = node_element(&list, i);
		struct digest digest;
		const char *text;
		if (node_text(&element, &text, err) != 0) {
			return -1;
		}
		if (digest_parse(text, &digest, err) != 0) {
			return error_add_context(err, "%s", name);
		}
		add(image, &digest);
	}
	return 0;
}

static int read_image(const struct node *object, struct internal_image *image, struct error *err)
{
	const char *name;
	const char *platform;
	const char *origin;
	if (node_member_text(object, "name", NODE_OPTIONAL, &name, err) != 0 ||
		node_member_text(object, "platform", NODE_OPTIONAL, &platform, err) != 0 ||
		node_member_text(object, "origin", NODE_REQUIRED, &origin, err) != 0) {
		return -1;
	}
	free(image->name);
	image->name = memory_copy_text(name == NULL ? "" : name);
	image->platform = memory_copy_text(platform);
	if (origin_parse(origin, &image->origin) != 0) {
		return error_set(err, ERROR_MALFORMED, "origin: \"%s\" is none", origin);
	}
	if (read_tops(object, image, err) != 0 ||
		read_stack(object, "layers", image, internal_image_add_layer, err) != 0 ||
		read_stack(object, "diff_ids", image, internal_image_add_diff_id, err) != 0 ||
		read_digest(object, "base", &image->base_digest, err) != 0) {
		return -1;
	}
	return read_mentions(object, image, err);
}

/* ---- Files of layers ---- */

static int read_file(const struct node *element, struct digest *out, struct error *err)
{
	const char *text;
	if (node_text(element, &text, err) != 0 || digest_parse(text, out, err) != 0) {
		return error_add_context(err, "files");
	}
	if (out->algorithm != DIGEST_SHA256) {
		return error_set(err, ERROR_MALFORMED, "files: not a SHA-256");
	}
	return 0;
}

static int read_files(const struct node *object, struct import_layer_files *out, struct error *err)
{
	struct node list;
	if (read_digest(object, "layer", &out->layer, err) != 0 ||
		node_member_bool(object, "packages", false, &out->has_packages, err) != 0 ||
		node_member_array(object, "files", NODE_REQUIRED, &list, err) != 0) {
		return -1;
	}
	if (!digest_is_set(&out->layer)) {
		return node_error(object, err, "no layer");
	}
	size_t count = node_count(&list);
	out->files = memory_alloc(count + 1, sizeof(*out->files));
	for (; out->count < count; out->count++) {
		struct node element = node_element(&list, out->count);
		if (read_file(&element, &out->files[out->count], err) != 0) {
			return -1;
		}
	}
	return 0;
}

static int refine(struct import_record *record, const struct node *object, const struct node *outer)
{
	struct error reason = ERROR_INIT;
	const char *schema;
	int result;
	(void)outer;
	if (node_member_text(object, "schema", NODE_REQUIRED, &schema, &reason) != 0) {
		return import_record_refuse(record, NULL, "%s", reason.text);
	}
	if (strcmp(schema, "layerproof.source.v1") == 0) {
		result = read_source(object, &record->source, &reason);
		record->source_name = memory_copy_text(record->source.name);
		record->source_file = memory_copy_text(record->source.file);
		record->source.name = record->source_name;
		record->source.file = record->source_file;
		record->state = IMPORT_SOURCE;
	} else if (strcmp(schema, "layerproof.internal_image.v1") == 0) {
		result = read_image(object, &record->image, &reason);
		record->has_origin = true;
	} else if (strcmp(schema, "layerproof.layer_files.v1") == 0) {
		result = read_files(object, &record->files, &reason);
		record->state = IMPORT_FILES;
	} else {
		return import_record_refuse(record, "schema", "\"%s\" is not known", schema);
	}
	if (result == 0) {
		return 0;
	}
	record->state = IMPORT_TAKEN;
	return import_record_refuse(record, NULL, "%s", reason.text);
}

static const char *const signs[] = {"schema", "imported_at", "rows", "refused", NULL};

/* An index of images that were added has no sources to begin with. */
static const char *const other_signs[] = {"schema", "origin", "mentions", NULL};

static const struct import_place places[] = {
	{IMPORT_KEPT, "schema"},   {IMPORT_KEPT, "name"},        {IMPORT_KEPT, "file"},
	{IMPORT_KEPT, "sha256"},   {IMPORT_KEPT, "imported_at"}, {IMPORT_KEPT, "rows"},
	{IMPORT_KEPT, "refused"},  {IMPORT_KEPT, "platform"},    {IMPORT_KEPT, "origin"},
	{IMPORT_KEPT, "digests"},  {IMPORT_KEPT, "layers"},      {IMPORT_KEPT, "diff_ids"},
	{IMPORT_KEPT, "base"},     {IMPORT_KEPT, "mentions"},    {IMPORT_KEPT, "layer"},
	{IMPORT_KEPT, "packages"}, {IMPORT_KEPT, "files"},       {0},
};

const struct import_format import_format_layerproof = {
	.name = "layerproof",
	.title = "layerproof index export",
	.encoding = IMPORT_JSON,
	.signs = signs,
	.other_signs = other_signs,
	.places = places,
	.refine = refine,
};
