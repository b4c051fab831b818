#include "image_identities.h"

#include <string.h>

static bool is_digest(const struct record_image *view, const uint8_t *reference,
					  struct store_bytes key)
{
	const uint8_t *bytes = key.bytes;

	if (view->has_keys)
		return reference[0] == bytes[0] && memcmp(reference, bytes, key.size) == 0;
	return bytes[0] == DIGEST_SHA256 && memcmp(reference, bytes + 1, RECORD_REFERENCE_SIZE) == 0;
}

static bool stack_holds(const struct record_image *view, struct store_bytes stack, uint32_t count,
						struct store_bytes key)
{
	const uint8_t *at = stack.bytes;

	for (uint32_t i = 0; i < count; i++, at += record_reference_size(view, at))
		if (is_digest(view, at, key))
			return true;
	return false;
}

unsigned image_identities(const struct record_image *view, struct store_bytes key)
{
	const uint8_t *at = view->tops.bytes;
	unsigned identities = 0;

	for (uint32_t i = 0; i < view->top_count; i++) {
		uint8_t identity = *at++;
		if (is_digest(view, at, key))
			identities |= identity;
		at += record_reference_size(view, at);
	}
	if (stack_holds(view, view->layers, view->layer_count, key))
		identities |= IDENTITY_LAYER;
	if (stack_holds(view, view->diff_ids, view->diff_id_count, key))
		identities |= IDENTITY_DIFF_ID;
	return identities;
}
