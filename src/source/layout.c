#include "layout.h"

#include <stdio.h>
#include <string.h>

#include "layerproof/image_index.h"
#include "layerproof/limits.h"
#include "layerproof/node.h"
#include "layout_choice.h"

#define LAYOUT_FILE    "oci-layout"
#define LAYOUT_INDEX   "index.json"
#define BLOBS          "blobs/"
#define LAYOUT_VERSION "1.0.0"

enum { BLOB_NAME_SIZE = sizeof(BLOBS) + DIGEST_TEXT_SIZE };

struct layout {
	struct source source;
	const char *path; /* the reference's */
	struct members *members;
	struct descriptor top;
};

/* image-layout.md, "Blobs": blobs/ALGORITHM/ENCODED. Only a parsed digest becomes a name. */
static void name_blob(const struct digest *digest, char name[static BLOB_NAME_SIZE])
{
	char text[DIGEST_TEXT_SIZE];
	digest_format(digest, text);
	*strchr(text, ':') = '/';
	snprintf(name, BLOB_NAME_SIZE, BLOBS "%s", text);
}

static int read_blob(struct layout *layout, const struct descriptor *descriptor,
					 const struct member_bounds *bounds, struct document *out, struct error *err)
{
	if (!digest_is_set(&descriptor->digest))
		return error_set(err, ERROR_UNSUPPORTED, "%s: %s: a digest of an unknown algorithm",
						 layout->path, descriptor->digest_text);
	char name[BLOB_NAME_SIZE];
	name_blob(&descriptor->digest, name);
	return members_read_document(layout->members, name, bounds, descriptor->media_type,
								 &descriptor->digest, out, err);
}

/* Not bounded by what index.json declares: a top document of another size is read on and reported.
 */
static int layout_read_top(struct source *source, struct document *out, struct error *err)
{
	struct layout *layout = (struct layout *)source;
	struct member_bounds bounds = {.limit = LIMIT_MANIFEST_SIZE, .declared = -1};
	return read_blob(layout, &layout->top, &bounds, out, err);
}

static int layout_read_manifest(struct source *source, const struct descriptor *descriptor,
								struct document *out, struct error *err)
{
	struct member_bounds bounds = {.limit = LIMIT_MANIFEST_SIZE, .declared = descriptor->size};
	return read_blob((struct layout *)source, descriptor, &bounds, out, err);
}

static int layout_read_config(struct source *source, const struct descriptor *descriptor,
							  struct document *out, struct error *err)
{
	struct member_bounds bounds = {.limit = LIMIT_CONFIG_SIZE, .declared = descriptor->size};
	return read_blob((struct layout *)source, descriptor, &bounds, out, err);
}

static struct reader *layout_open_layer(struct source *source, const struct descriptor *descriptor,
										struct error *err)
{
	struct layout *layout = (struct layout *)source;
	if (!digest_is_set(&descriptor->digest)) {
		error_set(err, ERROR_UNSUPPORTED, "%s: %s: a digest of an unknown algorithm", layout->path,
				  descriptor->digest_text);
		return NULL;
	}
	char name[BLOB_NAME_SIZE];
	name_blob(&descriptor->digest, name);
	int64_t size;
	return members_open(layout->members, name, &size, err);
}

static void layout_close(struct source *source)
{
	struct layout *layout = (struct layout *)source;
	members_close(layout->members);
	descriptor_clear(&layout->top);
	free(layout);
}

static const struct transport layout_transport = {
	.is_local = true,
	.read_top = layout_read_top,
	.read_manifest = layout_read_manifest,
	.read_config = layout_read_config,
	.open_layer = layout_open_layer,
	.close = layout_close,
};

static int check_version(const char *bytes, size_t size, struct error *err)
{
	CLEANUP(json_decref_at) json_t *value = node_parse(bytes, size, LAYOUT_FILE, err);
	if (value == NULL)
		return -1;
	struct node root = node_root(value, LAYOUT_FILE);
	const char *version;
	if (node_member_text(&root, "imageLayoutVersion", NODE_REQUIRED, &version, err) != 0)
		return -1;
	if (strcmp(version, LAYOUT_VERSION) != 0)
		return error_set(err, ERROR_UNSUPPORTED,
						 LAYOUT_FILE ": imageLayoutVersion: %s, only " LAYOUT_VERSION " is read",
						 version);
	return 0;
}

/* image-layout.md, "oci-layout file". */
static int read_version(struct members *members, struct error *err)
{
	struct member_bounds bounds = {.limit = LIMIT_MANIFEST_SIZE, .declared = -1};
	CLEANUP(free_at) char *bytes = NULL;
	size_t size;
	if (members_read(members, LAYOUT_FILE, &bounds, &bytes, &size, err) != 0) {
		if (err->code == ERROR_NOT_FOUND)
			error_set(err, ERROR_MALFORMED, "%s: no OCI image layout: it has no " LAYOUT_FILE,
					  members->path);
		return -1;
	}
	if (check_version(bytes, size, err) != 0)
		return error_add_context(err, "%s", members->path);
	return 0;
}

/* image-layout.md, "index.json file". */
static int choose_top(struct members *members, const struct reference *reference,
					  struct descriptor *out, struct error *err)
{
	struct member_bounds bounds = {.limit = LIMIT_MANIFEST_SIZE, .declared = -1};
	CLEANUP(free_at) char *bytes = NULL;
	size_t size;
	if (members_read(members, LAYOUT_INDEX, &bounds, &bytes, &size, err) != 0) {
		if (err->code == ERROR_NOT_FOUND)
			err->code = ERROR_MALFORMED;
		return -1;
	}
	struct image_index index;
	if (image_index_parse(bytes, size, &index, err) != 0)
		return error_add_context(err, "%s: " LAYOUT_INDEX, members->path);
	int failed = layout_choose(&index, reference, out, err);
	image_index_clear(&index);
	return failed ? error_add_context(err, "%s: " LAYOUT_INDEX, members->path) : 0;
}

struct source *layout_open(struct source_client *client, const struct reference *reference,
						   struct members *members, struct error *err)
{
	struct descriptor top;
	if (read_version(members, err) != 0 || choose_top(members, reference, &top, err) != 0) {
		members_close(members);
		return NULL;
	}
	struct layout *layout = memory_alloc(1, sizeof(*layout));
	layout->path = reference->path;
	layout->members = members;
	layout->top = top;
	layout->source = (struct source){
		.transport = &layout_transport,
		.client = client,
		.declared = &layout->top,
		.is_sequential = members->is_sequential,
	};
	return &layout->source;
}
