#include "layerproof/descriptor.h"

#include <string.h>

#include "layerproof/base64.h"
#include "layerproof/memory.h"
#include "member.h"

#define ANNOTATION_REF_NAME       "org.opencontainers.image.ref.name"
#define ANNOTATION_REFERENCE_TYPE "vnd.docker.reference.type"

static const char *const MEMBERS[] = {
	"mediaType", "digest", "size", "platform", "data", "urls", "annotations", "artifactType", NULL};
static const char *const PLATFORM_MEMBERS[] = {"os", "architecture", "variant", NULL};

/* An algorithm that nobody here computes is legal (descriptor.md, "Digests"): `digest` stays unset.
 */
static int read_digest(const struct node *node, struct descriptor *out, struct error *err)
{
	struct node member;
	const char *text = NULL;
	if (node_member(node, "digest", NODE_REQUIRED, &member, err) != 0 ||
		node_text(&member, &text, err) != 0)
		return -1;
	struct error reason = ERROR_INIT;
	if (member_digest(&member, &out->digest, &reason) != 0 && reason.code != ERROR_UNSUPPORTED) {
		*err = reason;
		return -1;
	}
	out->digest_text = memory_copy_text(text);
	return 0;
}

static int read_text(const struct node *node, const char *name, enum node_presence presence,
					 char **out, struct error *err)
{
	const char *text = NULL;
	if (node_member_text(node, name, presence, &text, err) != 0)
		return -1;
	*out = memory_copy_text(text);
	return 0;
}

static int read_data(const struct node *node, struct descriptor *out, struct error *err)
{
	struct node member;
	const char *text = NULL;
	if (node_member(node, "data", NODE_OPTIONAL, &member, err) != 0)
		return -1;
	if (!node_is_set(&member))
		return 0;
	if (node_text(&member, &text, err) != 0)
		return -1;
	size_t size = strlen(text);
	out->data = memory_alloc(BASE64_DECODED_ROOM(size), 1);
	if (base64_decode(BASE64_STANDARD, text, size, out->data, &out->data_size) != 0)
		return node_error(&member, err, "not base64");
	return 0;
}

static int read_urls(const struct node *node, struct descriptor *out, struct error *err)
{
	struct node urls;
	if (node_member_array(node, "urls", NODE_OPTIONAL, &urls, err) != 0)
		return -1;
	out->has_urls = node_count(&urls) > 0;
	return 0;
}

static int read_annotations(const struct node *node, struct descriptor *out, struct error *err)
{
	struct node annotations;
	const char *type = NULL;
	if (node_member_object(node, "annotations", NODE_OPTIONAL, &annotations, err) != 0)
		return -1;
	if (!node_is_set(&annotations))
		return 0;
	if (node_member_text(&annotations, ANNOTATION_REFERENCE_TYPE, NODE_OPTIONAL, &type, err) != 0 ||
		read_text(&annotations, ANNOTATION_REF_NAME, NODE_OPTIONAL, &out->ref_name, err) != 0)
		return -1;
	out->is_attestation = type != NULL && strcmp(type, "attestation-manifest") == 0;
	return 0;
}

static int read_platform(const struct node *node, struct descriptor *out, struct error *err)
{
	struct node platform;
	if (node_member_object(node, "platform", NODE_OPTIONAL, &platform, err) != 0 ||
		descriptor_read_platform(&platform, &out->platform, err) != 0)
		return -1;
	if (out->platform != NULL && strcmp(out->platform, "unknown/unknown") == 0)
		out->is_attestation = true;
	return 0;
}

int descriptor_read(const struct node *node, struct descriptor *out, struct error *err)
{
	struct descriptor read CLEANUP(descriptor_clear) = {.media_type = NULL};
	if (node_expect_object(node, err) != 0 || member_refuse_variants(node, MEMBERS, err) != 0 ||
		read_text(node, "mediaType", NODE_REQUIRED, &read.media_type, err) != 0 ||
		read_digest(node, &read, err) != 0 ||
		node_member_size(node, "size", NODE_REQUIRED, &read.size, err) != 0 ||
		read_text(node, "artifactType", NODE_OPTIONAL, &read.artifact_type, err) != 0 ||
		read_data(node, &read, err) != 0 || read_urls(node, &read, err) != 0 ||
		read_annotations(node, &read, err) != 0 || read_platform(node, &read, err) != 0)
		return -1;
	*out = read;
	read = (struct descriptor){.media_type = NULL};
	return 0;
}

void descriptor_clear(struct descriptor *descriptor)
{
	free(descriptor->media_type);
	free(descriptor->digest_text);
	free(descriptor->platform);
	free(descriptor->artifact_type);
	free(descriptor->data);
	free(descriptor->ref_name);
	*descriptor = (struct descriptor){.media_type = NULL};
}

void descriptor_copy(const struct descriptor *from, struct descriptor *to)
{
	*to = *from;
	to->media_type = memory_copy_text(from->media_type);
	to->digest_text = memory_copy_text(from->digest_text);
	to->platform = memory_copy_text(from->platform);
	to->artifact_type = memory_copy_text(from->artifact_type);
	to->ref_name = memory_copy_text(from->ref_name);
	if (from->data != NULL)
		to->data = (uint8_t *)memory_copy_span((const char *)from->data, from->data_size);
}

/* A part of a platform: Go programs write "" for one that they do not know. */
bool descriptor_has_content(const struct descriptor *descriptor)
{
	if (descriptor->data == NULL || descriptor->size != (int64_t)descriptor->data_size ||
		!digest_is_set(&descriptor->digest))
		return false;
	struct digest computed;
	digest_of(descriptor->digest.algorithm, descriptor->data, descriptor->data_size, &computed);
	return digest_equal(&computed, &descriptor->digest);
}

static int read_part(const struct node *node, const char *name, const char **out, struct error *err)
{
	if (node_member_text(node, name, NODE_OPTIONAL, out, err) != 0)
		return -1;
	if (*out != NULL && **out == '\0')
		*out = NULL;
	return 0;
}

int descriptor_read_platform(const struct node *node, char **out, struct error *err)
{
	const char *os = NULL;
	const char *architecture = NULL;
	const char *variant = NULL;
	*out = NULL;
	if (!node_is_set(node))
		return 0;
	if (member_refuse_variants(node, PLATFORM_MEMBERS, err) != 0 ||
		read_part(node, "os", &os, err) != 0 ||
		read_part(node, "architecture", &architecture, err) != 0 ||
		read_part(node, "variant", &variant, err) != 0)
		return -1;
	if (os == NULL && architecture == NULL)
		return 0;
	*out = memory_format("%s/%s%s%s", os == NULL ? "unknown" : os,
						 architecture == NULL ? "unknown" : architecture,
						 variant == NULL ? "" : "/", variant == NULL ? "" : variant);
	return 0;
}
