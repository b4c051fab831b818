#include "import_walk.h"

#include <string.h>
#include <strings.h>

#include "layerproof/memory.h"

enum { SHA256_HEX = 64 };

struct node import_walk_member(const struct node *object, const char *name)
{
	struct node member;
	struct error ignored = ERROR_INIT;
	(void)node_member(object, name, NODE_OPTIONAL, &member, &ignored);
	return member;
}

const char *import_walk_text(const struct node *object, const char *name)
{
	const char *text;
	struct error ignored = ERROR_INIT;
	return node_member_text(object, name, NODE_OPTIONAL, &text, &ignored) == 0 ? text : NULL;
}

int import_walk_add(struct import_record *record, enum import_field field, const char *column,
					const char *text)
{
	return text == NULL ? 0 : import_record_add(record, field, column, text, strlen(text));
}

void import_walk_name_top(struct internal_image *image, enum identity identity,
						  const struct digest *digest)
{
	for (size_t i = 0; i < image->top_count; i++) {
		struct identified_digest *top = &image->tops[i];
		if (top->identity == IDENTITY_IMAGE && digest_equal(&top->digest, digest)) {
			top->identity = identity;
			return;
		}
	}
	internal_image_add_top(image, identity, digest);
}

int import_walk_add_top(struct import_record *record, enum identity identity, const char *column,
						const char *text)
{
	struct digest digest;
	struct error err = ERROR_INIT;
	if (text == NULL || *text == '\0') {
		return 0;
	}
	if (import_digest_parse(text, strlen(text), &digest, &err) != 0) {
		return import_record_refuse(record, column, "%s", err.text);
	}
	import_walk_name_top(&record->image, identity, &digest);
	return 0;
}

int import_walk_add_fallback(struct import_record *record, const char *column, const char *text)
{
	if (text == NULL || record->image.name != NULL) {
		return 0;
	}
	const char *at = strrchr(text, '@');
	if (at != NULL && !import_walk_is_digest(at + 1)) {
		return 0;
	}
	return import_walk_add(record, IMPORT_NAME, column, text);
}

int import_walk_add_platform(struct import_record *record, const char *column, const char *os,
							 const char *architecture, const char *variant)
{
	if (os == NULL || architecture == NULL || variant == NULL || *variant == '\0') {
		return 0;
	}
	CLEANUP(free_at) char *platform = memory_format("%s/%s/%s", os, architecture, variant);
	return import_walk_add(record, IMPORT_PLATFORM, column, platform);
}

bool import_walk_is_digest(const char *text)
{
	return strncasecmp(text, "sha256", strlen("sha256")) == 0 ||
		   strncasecmp(text, "sha512", strlen("sha512")) == 0 ||
		   (strlen(text) == SHA256_HEX && strspn(text, "0123456789abcdefABCDEF") == SHA256_HEX);
}
