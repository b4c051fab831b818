#include "docker_manifest.h"

#include <errno.h>
#include <string.h>

#include "layerproof/buffer.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "layerproof/node.h"
#include "layerproof/reference.h"
#include "layerproof/text.h"

#define DOCUMENT_NAME "manifest.json"

static void texts_free(char **texts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(texts[i]);
	free(texts);
}

/* A list of texts that may be absent or null. */
static int read_texts(const struct node *object, const char *name, char ***texts, size_t *count,
					  struct error *err)
{
	struct node array;
	if (node_member_array(object, name, NODE_OPTIONAL, &array, err) != 0)
		return -1;
	size_t wanted = node_count(&array);
	*texts = memory_alloc(wanted + 1, sizeof(**texts));
	for (; *count < wanted; ++*count) {
		struct node element = node_element(&array, *count);
		const char *text;
		if (node_text(&element, &text, err) != 0)
			return -1;
		(*texts)[*count] = memory_copy_text(text);
	}
	return 0;
}

static int read_image(const struct node *node, struct docker_image *image, struct error *err)
{
	const char *config;
	if (node_expect_object(node, err) != 0 ||
		node_member_text(node, "Config", NODE_REQUIRED, &config, err) != 0)
		return -1;
	image->config = memory_copy_text(config);
	if (read_texts(node, "RepoTags", &image->tags, &image->tag_count, err) != 0 ||
		read_texts(node, "Layers", &image->layers, &image->layer_count, err) != 0)
		return -1;
	if (image->layer_count > LIMIT_LAYERS) {
		node_error(node, err, "%zu layers, at most %d are read", image->layer_count, LIMIT_LAYERS);
		err->code = ERROR_OVER_LIMIT;
		return -1;
	}
	return 0;
}

static int read_images(const struct node *root, struct docker_manifest *manifest, struct error *err)
{
	if (!json_is_array(root->value))
		return node_error(root, err, "not an array");
	size_t count = node_count(root);
	manifest->images = memory_alloc(count + 1, sizeof(*manifest->images));
	for (; manifest->count < count; manifest->count++) {
		struct node node = node_element(root, manifest->count);
		if (read_image(&node, &manifest->images[manifest->count], err) != 0) {
			manifest->count++; /* what was read of it is freed with the others */
			return -1;
		}
	}
	return 0;
}

int docker_manifest_parse(const void *bytes, size_t size, struct docker_manifest *out,
						  struct error *err)
{
	CLEANUP(json_decref_at) json_t *value = node_parse(bytes, size, DOCUMENT_NAME, err);
	if (value == NULL)
		return -1;
	struct node root = node_root(value, DOCUMENT_NAME);
	struct docker_manifest manifest = {0};
	if (read_images(&root, &manifest, err) != 0) {
		docker_manifest_clear(&manifest);
		return -1;
	}
	*out = manifest;
	return 0;
}

void docker_manifest_clear(struct docker_manifest *manifest)
{
	for (size_t i = 0; i < manifest->count; i++) {
		struct docker_image *image = &manifest->images[i];
		free(image->config);
		texts_free(image->layers, image->layer_count);
		texts_free(image->tags, image->tag_count);
	}
	free(manifest->images);
	*manifest = (struct docker_manifest){0};
}

/* "ubuntu" and "docker.io/library/ubuntu:latest" are the same name. Owned; NULL when it is none. */
static char *normalise(const char *name)
{
	CLEANUP(free_at) char *text = memory_format("docker://%s", name);
	struct reference reference;
	struct error ignored = ERROR_INIT;
	if (reference_parse(text, &reference, &ignored) != 0)
		return NULL;
	char *normal = reference_format(&reference);
	reference_clear(&reference);
	return normal;
}

static bool has_tag(const struct docker_image *image, const char *wanted)
{
	for (size_t i = 0; i < image->tag_count; i++) {
		CLEANUP(free_at) char *tag = normalise(image->tags[i]);
		if (tag != NULL && strcmp(tag, wanted) == 0)
			return true;
	}
	return false;
}

/* "@0 app:1, @1 app:2, app:3, @2". */
static char *list_images(const struct docker_manifest *manifest)
{
	struct buffer list = BUFFER_INIT(ERROR_TEXT_SIZE);
	struct error full = ERROR_INIT; /* a list cut short still says enough */
	for (size_t i = 0; i < manifest->count && full.code == ERROR_NONE; i++) {
		const struct docker_image *image = &manifest->images[i];
		buffer_add_format(&list, &full, "%s@%zu", i > 0 ? ", " : "", i);
		for (size_t t = 0; t < image->tag_count; t++)
			buffer_add_format(&list, &full, "%s%s", t > 0 ? ", " : " ", image->tags[t]);
	}
	return buffer_steal(&list);
}

static const struct docker_image *choose_by_name(const struct docker_manifest *manifest,
												 const char *wanted, struct error *err)
{
	CLEANUP(free_at) char *normal = normalise(wanted);
	if (normal == NULL) {
		error_set(err, ERROR_BAD_REFERENCE, "%s is no name of an image", wanted);
		return NULL;
	}
	for (size_t i = 0; i < manifest->count; i++)
		if (has_tag(&manifest->images[i], normal))
			return &manifest->images[i];
	CLEANUP(free_at) char *list = list_images(manifest);
	error_set(err, ERROR_NOT_FOUND, "no image is named %s, there are: %s", normal, list);
	return NULL;
}

static const struct docker_image *choose_by_place(const struct docker_manifest *manifest,
												  const char *digits, struct error *err)
{
	if (digits[0] == '\0' || digits[strspn(digits, "0123456789")] != '\0') {
		error_set(err, ERROR_BAD_REFERENCE, "@%s is no place of an image, such as @0", digits);
		return NULL;
	}
	errno = 0;
	unsigned long place = strtoul(digits, NULL, 10);
	if (errno != 0 || place >= manifest->count) {
		error_set(err, ERROR_NOT_FOUND, "no image @%s, there are %zu", digits, manifest->count);
		return NULL;
	}
	return &manifest->images[place];
}

const struct docker_image *docker_manifest_choose(const struct docker_manifest *manifest,
												  const char *wanted, struct error *err)
{
	if (wanted != NULL && wanted[0] == '@')
		return choose_by_place(manifest, wanted + 1, err);
	if (wanted != NULL)
		return choose_by_name(manifest, wanted, err);
	if (manifest->count == 1)
		return &manifest->images[0];
	if (manifest->count == 0) {
		error_set(err, ERROR_NOT_FOUND, "holds no image");
		return NULL;
	}
	CLEANUP(free_at) char *list = list_images(manifest);
	error_set(err, ERROR_BAD_REFERENCE, "holds %zu images, name one of them: %s", manifest->count,
			  list);
	return NULL;
}
