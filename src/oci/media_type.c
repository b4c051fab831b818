#include "layerproof/media_type.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

const char *const MEDIA_TYPE_ACCEPT = MEDIA_TYPE_OCI_INDEX
	", " MEDIA_TYPE_OCI_MANIFEST ", " MEDIA_TYPE_DOCKER_LIST ", " MEDIA_TYPE_DOCKER_MANIFEST
	", " MEDIA_TYPE_DOCKER_SCHEMA1_SIGNED ", " MEDIA_TYPE_DOCKER_SCHEMA1;

struct known_type {
	const char *name;
	enum media_kind kind;
};

static const struct known_type DOCUMENTS[] = {
	{MEDIA_TYPE_OCI_INDEX, MEDIA_INDEX},        {MEDIA_TYPE_DOCKER_LIST, MEDIA_INDEX},
	{MEDIA_TYPE_OCI_MANIFEST, MEDIA_MANIFEST},  {MEDIA_TYPE_DOCKER_MANIFEST, MEDIA_MANIFEST},
	{MEDIA_TYPE_DOCKER_SCHEMA1, MEDIA_SCHEMA1}, {MEDIA_TYPE_DOCKER_SCHEMA1_SIGNED, MEDIA_SCHEMA1},
	{MEDIA_TYPE_OCI_CONFIG, MEDIA_CONFIG},      {MEDIA_TYPE_DOCKER_CONFIG, MEDIA_CONFIG},
};

/* Behind each of these stands nothing, or the compression: "+gzip", "+zstd", ".gzip"... The bytes
 * themselves tell which one it is, so any is taken here. */
static const struct known_type LAYERS[] = {
	{"application/vnd.oci.image.layer.v1.tar", MEDIA_LAYER},
	{"application/vnd.docker.image.rootfs.diff.tar", MEDIA_LAYER},
	{"application/vnd.oci.image.layer.nondistributable.v1.tar", MEDIA_LAYER_FOREIGN},
	{"application/vnd.docker.image.rootfs.foreign.diff.tar", MEDIA_LAYER_FOREIGN},
};

/* What ocicrypt adds to the type of a layer that it encrypted. */
static const char ENCRYPTED[] = "+encrypted";

enum {
	DOCUMENT_COUNT = sizeof(DOCUMENTS) / sizeof(DOCUMENTS[0]),
	LAYER_COUNT = sizeof(LAYERS) / sizeof(LAYERS[0]),
};

/* A media type without the blanks around it and the parameters behind it (RFC 9110 section 8.3.1).
 */
struct bare_type {
	const char *text;
	size_t size;
};

static struct bare_type strip(const char *media_type)
{
	struct bare_type bare = {.text = media_type + strspn(media_type, " \t")};
	bare.size = strcspn(bare.text, ";");
	while (bare.size > 0 && strchr(" \t", bare.text[bare.size - 1]) != NULL)
		bare.size--;
	return bare;
}

static bool bare_equal(struct bare_type bare, const char *name)
{
	return strlen(name) == bare.size && strncasecmp(bare.text, name, bare.size) == 0;
}

static bool is_encrypted(struct bare_type bare)
{
	size_t tail = strlen(ENCRYPTED);
	return bare.size > tail && strncasecmp(bare.text + bare.size - tail, ENCRYPTED, tail) == 0;
}

/* The layer type that the name is, or begins with; `*stem` is its length. */
static const struct known_type *find_layer(struct bare_type bare, size_t *stem)
{
	for (size_t i = 0; i < LAYER_COUNT; i++) {
		*stem = strlen(LAYERS[i].name);
		if (bare.size < *stem || strncasecmp(bare.text, LAYERS[i].name, *stem) != 0)
			continue;
		if (bare.size == *stem || bare.text[*stem] == '+' || bare.text[*stem] == '.')
			return &LAYERS[i];
	}
	return NULL;
}

static enum media_kind layer_kind(struct bare_type bare)
{
	size_t stem;
	const struct known_type *layer = find_layer(bare, &stem);
	if (layer == NULL)
		return MEDIA_OTHER;
	return is_encrypted(bare) ? MEDIA_LAYER_ENCRYPTED : layer->kind;
}

enum media_compression media_type_compression(const char *media_type)
{
	struct bare_type bare = strip(media_type);
	size_t stem;
	if (find_layer(bare, &stem) == NULL)
		return MEDIA_COMPRESSED_OTHERWISE;
	if (bare.size == stem)
		return MEDIA_UNCOMPRESSED;
	/* Behind "+" or ".". */
	struct bare_type suffix = {.text = bare.text + stem + 1, .size = bare.size - stem - 1};
	if (bare_equal(suffix, "gzip"))
		return MEDIA_GZIP;
	return bare_equal(suffix, "zstd") ? MEDIA_ZSTD : MEDIA_COMPRESSED_OTHERWISE;
}

enum media_kind media_type_kind(const char *media_type)
{
	if (media_type == NULL)
		return MEDIA_OTHER;
	struct bare_type bare = strip(media_type);
	for (size_t i = 0; i < DOCUMENT_COUNT; i++)
		if (bare_equal(bare, DOCUMENTS[i].name))
			return DOCUMENTS[i].kind;
	return layer_kind(bare);
}

bool media_type_equal(const char *a, const char *b)
{
	struct bare_type first = strip(a);
	struct bare_type second = strip(b);
	return first.size == second.size && strncasecmp(first.text, second.text, first.size) == 0;
}
