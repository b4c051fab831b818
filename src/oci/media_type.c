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

static enum media_kind layer_kind(struct bare_type bare)
{
	for (size_t i = 0; i < LAYER_COUNT; i++) {
		size_t stem = strlen(LAYERS[i].name);
		if (bare.size < stem || strncasecmp(bare.text, LAYERS[i].name, stem) != 0)
			continue;
		if (bare.size == stem || bare.text[stem] == '+' || bare.text[stem] == '.')
			return is_encrypted(bare) ? MEDIA_LAYER_ENCRYPTED : LAYERS[i].kind;
	}
	return MEDIA_OTHER;
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
