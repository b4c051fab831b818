#include <inttypes.h>
#include <string.h>

#include "docker_manifest.h"
#include "layerproof/image_config.h"
#include "layerproof/limits.h"
#include "layerproof/text.h"
#include "members.h"
#include "transport.h"

struct docker_archive {
	struct source source;
	const char *path; /* the reference's */
	struct members *members;
	struct docker_manifest manifest;
	const struct docker_image *image; /* of `manifest` */
	struct descriptor declared;       /* of the configuration */
	struct image_config config;       /* read at the first question about a layer */
	bool has_config;
};

static int archive_read_config(struct source *source, const struct descriptor *descriptor,
							   struct document *out, struct error *err)
{
	struct docker_archive *archive = (struct docker_archive *)source;
	struct member_bounds bounds = {.limit = LIMIT_CONFIG_SIZE, .declared = descriptor->size};
	return members_read_document(archive->members, archive->image->config, &bounds,
								 MEDIA_TYPE_DOCKER_CONFIG, &descriptor->digest, out, err);
}

static int archive_read_top(struct source *source, struct document *out, struct error *err)
{
	return archive_read_config(source, &((struct docker_archive *)source)->declared, out, err);
}

static int archive_read_manifest(struct source *source, const struct descriptor *descriptor,
								 struct document *out, struct error *err)
{
	(void)out;
	return error_set(err, ERROR_NOT_FOUND, "%s: %s: a docker archive holds no manifests",
					 ((struct docker_archive *)source)->path, descriptor->digest_text);
}

/* The diff_ids are the only names that layers have; they stand in the configuration, in the order
 * of the members that manifest.json lists. */
static int learn_diff_ids(struct docker_archive *archive, struct error *err)
{
	if (archive->has_config)
		return 0;
	struct document document;
	if (archive_read_top(&archive->source, &document, err) != 0)
		return -1;
	int failed = image_config_parse(document.bytes, document.size, &archive->config, err);
	document_clear(&document);
	if (failed)
		return error_add_context(err, "%s: %s", archive->path, archive->image->config);
	archive->has_config = true;
	return 0;
}

/* The name of the member that holds the layer; borrowed. */
static const char *find_layer(struct docker_archive *archive, const struct descriptor *descriptor,
							  struct error *err)
{
	if (learn_diff_ids(archive, err) != 0)
		return NULL;
	const struct docker_image *image = archive->image;
	if (image->layer_count != archive->config.diff_id_count) {
		error_set(err, ERROR_TAMPERED,
				  "%s: manifest.json lists %zu layers, the configuration has %zu diff_ids",
				  archive->path, image->layer_count, archive->config.diff_id_count);
		return NULL;
	}
	for (size_t i = 0; i < image->layer_count; i++)
		if (digest_equal(&archive->config.diff_ids[i], &descriptor->digest))
			return image->layers[i];
	char text[DIGEST_TEXT_SIZE];
	error_set(err, ERROR_NOT_FOUND, "%s: no layer has the diff_id %s", archive->path,
			  digest_format(&descriptor->digest, text));
	return NULL;
}

static struct reader *open_member(struct docker_archive *archive,
								  const struct descriptor *descriptor, int64_t *size,
								  struct error *err)
{
	const char *name = find_layer(archive, descriptor, err);
	if (name == NULL)
		return NULL;
	return members_open(archive->members, name, size, err);
}

static struct reader *archive_open_layer(struct source *source, const struct descriptor *descriptor,
										 struct error *err)
{
	int64_t size;
	return open_member((struct docker_archive *)source, descriptor, &size, err);
}

static int archive_layer_size(struct source *source, const struct descriptor *descriptor,
							  int64_t *size, struct error *err)
{
	struct reader *reader = open_member((struct docker_archive *)source, descriptor, size, err);
	reader_close(reader);
	return reader == NULL ? -1 : 0;
}

static void archive_close(struct source *source)
{
	struct docker_archive *archive = (struct docker_archive *)source;
	members_close(archive->members);
	docker_manifest_clear(&archive->manifest);
	descriptor_clear(&archive->declared);
	if (archive->has_config)
		image_config_clear(&archive->config);
	free(archive);
}

static const struct transport docker_archive_transport = {
	.is_local = true,
	.read_top = archive_read_top,
	.read_manifest = archive_read_manifest,
	.read_config = archive_read_config,
	.open_layer = archive_open_layer,
	.layer_size = archive_layer_size,
	.close = archive_close,
};

/* A configuration is named by its digest: "HEX.json", "blobs/sha256/HEX" (Docker 25 and later) or
 * "sha256:HEX" (go-containerregistry). A name of another form declares nothing. */
static void declare_by_name(const char *member, struct descriptor *declared)
{
	const char *slash = strrchr(member, '/');
	const char *name = slash != NULL ? slash + 1 : member;
	if (text_starts_with(name, "sha256:"))
		name += strlen("sha256:");
	size_t size = text_ends_with(name, ".json") ? strlen(name) - strlen(".json") : strlen(name);
	CLEANUP(free_at) char *hex = memory_copy_span(name, size);
	CLEANUP(free_at) char *text = memory_format("sha256:%s", hex);
	struct error ignored = ERROR_INIT;
	*declared = (struct descriptor){.size = -1};
	if (digest_parse(text, &declared->digest, &ignored) == 0)
		declared->digest_text = STEAL(text);
}

static int read_manifest_json(struct docker_archive *archive, const char *wanted, struct error *err)
{
	struct member_bounds bounds = {.limit = LIMIT_MANIFEST_SIZE, .declared = -1};
	CLEANUP(free_at) char *bytes = NULL;
	size_t size;
	if (members_read(archive->members, "manifest.json", &bounds, &bytes, &size, err) != 0) {
		if (err->code != ERROR_NOT_FOUND)
			return -1;
		return error_set(err, ERROR_MALFORMED,
						 "%s: no docker archive of Docker 1.10 or later: it has no manifest.json",
						 archive->path);
	}
	if (docker_manifest_parse(bytes, size, &archive->manifest, err) != 0)
		return error_add_context(err, "%s", archive->path);
	archive->image = docker_manifest_choose(&archive->manifest, wanted, err);
	if (archive->image == NULL)
		return error_add_context(err, "%s: manifest.json", archive->path);
	return 0;
}

struct source *docker_archive_open(struct source_client *client, const struct reference *reference,
								   struct error *err)
{
	struct members *members = members_open_tar(reference->path, err);
	if (members == NULL)
		return NULL;
	struct docker_archive *archive = memory_alloc(1, sizeof(*archive));
	archive->path = reference->path;
	archive->members = members;
	archive->source = (struct source){
		.transport = &docker_archive_transport,
		.client = client,
		.is_sequential = members->is_sequential,
	};
	if (read_manifest_json(archive, reference->tag, err) != 0) {
		archive_close(&archive->source);
		return NULL;
	}
	declare_by_name(archive->image->config, &archive->declared);
	archive->source.declared = &archive->declared;
	return &archive->source;
}
