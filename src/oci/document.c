#include "layerproof/document.h"

#include <string.h>

#include "layerproof/memory.h"
#include "layerproof/node.h"
#include "member.h"
#include "signed_payload.h"

#define KIND_BIT(kind) (1U << (kind))

static const char *const MEMBERS[] = {"mediaType", "schemaVersion", "signatures", NULL};

/* The members that tell documents apart, and the kinds that may have each. Where a document has one
 * that its kind may not have, two readers can take it for two things (CVE-2021-41190). */
struct telling_member {
	const char *name;
	unsigned kinds;
	enum media_kind tells; /* the kind, when this member alone tells it; else MEDIA_OTHER */
};

static const struct telling_member TELLING[] = {
	{"manifests", KIND_BIT(MEDIA_INDEX), MEDIA_INDEX},
	{"layers", KIND_BIT(MEDIA_MANIFEST), MEDIA_MANIFEST},
	{"fsLayers", KIND_BIT(MEDIA_SCHEMA1), MEDIA_SCHEMA1},
	{"rootfs", KIND_BIT(MEDIA_CONFIG), MEDIA_CONFIG},
	{"config", KIND_BIT(MEDIA_MANIFEST) | KIND_BIT(MEDIA_CONFIG), MEDIA_OTHER},
	{"history", KIND_BIT(MEDIA_SCHEMA1) | KIND_BIT(MEDIA_CONFIG), MEDIA_OTHER},
};

enum { TELLING_COUNT = sizeof(TELLING) / sizeof(TELLING[0]) };

static const char *kind_name(enum media_kind kind)
{
	switch (kind) {
	case MEDIA_INDEX:
		return "an index";
	case MEDIA_MANIFEST:
		return "a manifest";
	case MEDIA_SCHEMA1:
		return "a schema 1 manifest";
	default:
		return "an image configuration";
	}
}

static bool is_document_kind(enum media_kind kind)
{
	return kind == MEDIA_INDEX || kind == MEDIA_MANIFEST || kind == MEDIA_SCHEMA1 ||
		   kind == MEDIA_CONFIG;
}

static enum media_kind kind_of_members(const struct node *root)
{
	for (size_t i = 0; i < TELLING_COUNT; i++)
		if (TELLING[i].tells != MEDIA_OTHER && member_is_set(root, TELLING[i].name))
			return TELLING[i].tells;
	return MEDIA_OTHER;
}

static int refuse_ambiguity(const struct node *root, enum media_kind kind, struct error *err)
{
	for (size_t i = 0; i < TELLING_COUNT; i++) {
		size_t count = member_count_fold(root, TELLING[i].name);
		if (count > 1)
			return node_error(root, err, "\"%s\" is there more than once, in upper and lower case",
							  TELLING[i].name);
		if (count == 1 && (TELLING[i].kinds & KIND_BIT(kind)) == 0)
			return node_error(root, err, "ambiguous: %s that has \"%s\"", kind_name(kind),
							  TELLING[i].name);
	}
	return 0;
}

/* `*told` is the body's own media type, borrowed, where that told the kind; else NULL. */
static int classify(const struct node *root, enum media_kind *kind, const char **told,
					struct error *err)
{
	struct error ignored = ERROR_INIT;
	if (node_expect_object(root, &ignored) != 0)
		return error_set(err, ERROR_UNSUPPORTED, "document: JSON, but not an object");
	if (member_refuse_variants(root, MEMBERS, err) != 0 ||
		node_member_text(root, "mediaType", NODE_OPTIONAL, told, err) != 0)
		return -1;
	*kind = media_type_kind(*told);
	if (!is_document_kind(*kind)) {
		*told = NULL;
		*kind = kind_of_members(root);
	}
	if (*kind == MEDIA_OTHER)
		return error_set(err, ERROR_UNSUPPORTED,
						 "document: neither an index nor a manifest nor an image configuration");
	return refuse_ambiguity(root, *kind, err);
}

/* How much of a media type of a known kind stands before its parameters, which may hold any bytes.
 */
static int bare_length(const char *media_type)
{
	return (int)strcspn(media_type, ";");
}

/* Refuses a body that says it is another thing than it was served as. */
static int check_served_type(const char *served, enum media_kind kind, const char *told,
							 struct error *err)
{
	enum media_kind served_kind = media_type_kind(served);
	if (!is_document_kind(served_kind) || served_kind == MEDIA_CONFIG)
		return 0;
	if (told != NULL && kind != MEDIA_CONFIG && !media_type_equal(told, served))
		return error_set(err, ERROR_MALFORMED,
						 "document: served as \"%.*s\", but its mediaType is \"%.*s\"",
						 bare_length(served), served, bare_length(told), told);
	if (served_kind != kind)
		return error_set(err, ERROR_MALFORMED,
						 "document: served as \"%.*s\", but it has the members of %s",
						 bare_length(served), served, kind_name(kind));
	return 0;
}

static bool config_is_docker(const struct node *root)
{
	struct node config;
	const char *media_type = NULL;
	struct error ignored = ERROR_INIT;
	return node_member_object(root, "config", NODE_REQUIRED, &config, &ignored) == 0 &&
		   node_member_text(&config, "mediaType", NODE_REQUIRED, &media_type, &ignored) == 0 &&
		   media_type_equal(media_type, MEDIA_TYPE_DOCKER_CONFIG);
}

/* The type of a body that states none and was served under none. */
static const char *type_of_members(const struct node *root, enum media_kind kind)
{
	if (kind == MEDIA_INDEX)
		return MEDIA_TYPE_OCI_INDEX;
	if (kind == MEDIA_CONFIG)
		return MEDIA_TYPE_OCI_CONFIG;
	if (kind == MEDIA_SCHEMA1)
		return member_is_set(root, "signatures") ? MEDIA_TYPE_DOCKER_SCHEMA1_SIGNED
												 : MEDIA_TYPE_DOCKER_SCHEMA1;
	return config_is_docker(root) ? MEDIA_TYPE_DOCKER_MANIFEST : MEDIA_TYPE_OCI_MANIFEST;
}

int document_identify(const struct document *document, enum media_kind *kind, char **media_type,
					  json_t **body, struct error *err)
{
	json_t *value CLEANUP(json_decref_at) = node_parse(document->bytes, document->size, "document",
													   err);
	if (value == NULL)
		return -1;
	struct node root = node_root(value, "document");
	enum media_kind found = MEDIA_OTHER;
	const char *told = NULL;
	if (classify(&root, &found, &told, err) != 0 ||
		check_served_type(document->media_type, found, told, err) != 0)
		return -1;
	if (told == NULL)
		told = media_type_kind(document->media_type) == found ? document->media_type
															  : type_of_members(&root, found);
	*kind = found;
	*media_type = memory_copy_text(told);
	if (body != NULL)
		*body = STEAL(value);
	return 0;
}

/* Whether `out` got the signed payload of a schema 1 manifest. */
static bool find_payload(const struct document *document, struct buffer *out)
{
	/* Parsing every document twice would cost; only a signed one has this word. */
	static const char WORD[] = "\"protected\"";
	if (memmem(document->bytes, document->size, WORD, strlen(WORD)) == NULL)
		return false;
	struct error ignored = ERROR_INIT;
	json_t *body CLEANUP(json_decref_at) = node_parse(document->bytes, document->size, "document",
													  &ignored);
	struct node root = node_root(body, "document");
	enum media_kind kind = MEDIA_OTHER;
	const char *told = NULL;
	return body != NULL && classify(&root, &kind, &told, &ignored) == 0 && kind == MEDIA_SCHEMA1 &&
		   signed_payload_read(&root, document->bytes, document->size, out, &ignored) == 0;
}

void document_init(struct document *document, char *bytes, size_t size, const char *media_type,
				   const struct digest *asked)
{
	*document = (struct document){.bytes = memory_resize(bytes, size + 1, 1),
								  .size = size,
								  .media_type = memory_copy_text(media_type)};
	document->bytes[size] = '\0';
	struct buffer payload CLEANUP(buffer_clear) = BUFFER_INIT(size);
	bool is_signed = find_payload(document, &payload);
	const void *hashed = is_signed ? payload.bytes : document->bytes;
	size_t hashed_size = is_signed ? payload.size : size;
	digest_of(DIGEST_SHA256, hashed, hashed_size, &document->digest_sha256);
	document->digest = document->digest_sha256;
	if (asked != NULL && asked->algorithm == DIGEST_SHA512)
		digest_of(DIGEST_SHA512, hashed, hashed_size, &document->digest);
}

void document_clear(struct document *document)
{
	free(document->bytes);
	free(document->media_type);
	free(document->etag);
	*document = (struct document){.bytes = NULL};
}
