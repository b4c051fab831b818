/*
 * verify: images, and that each digest of theirs knows of them.
 */
#include <stdlib.h>

#include "bytes.h"
#include "holders.h"
#include "image_read.h"
#include "layerproof/memory.h"
#include "verify.h"

/* A reference was read through the entry of its digest, which names the image; a whole key was not.
 */
static int check_digest(struct verify *verify, uint32_t number, const struct digest *digest,
						struct error *err)
{
	struct error reason = ERROR_INIT;
	char text[DIGEST_TEXT_SIZE];
	uint8_t bytes[RECORD_KEY_MAX];
	struct record_entry entry;

	struct store_bytes key = {bytes, record_write_key(digest, bytes)};
	int found = holders_get(verify->txn, key, &entry, &reason);
	if (found == 1)
		found = holders_have(verify->txn, key, &entry, number, &reason);
	if (found < 0)
		return verify_failure(verify, &reason, err, "image %u", number);
	if (found == 0)
		return verify_damage(verify, "image %u: %s does not name it", number,
							 digest_format(digest, text));
	return 0;
}

static int check_digests(struct verify *verify, uint32_t number, const struct internal_image *image,
						 struct error *err)
{
	for (size_t i = 0; i < image->top_count; i++)
		if (check_digest(verify, number, &image->tops[i].digest, err) < 0)
			return -1;
	for (size_t i = 0; i < image->layer_count; i++)
		if (check_digest(verify, number, &image->layers[i], err) < 0)
			return -1;
	for (size_t i = 0; i < image->diff_id_count; i++)
		if (check_digest(verify, number, &image->diff_ids[i], err) < 0)
			return -1;
	return 0;
}

/* What the state should say of it. */
static void count_image(struct verify *verify, const struct internal_image *image,
						const struct record_image *view)
{
	CLEANUP(free_at) uint8_t *pending = memory_alloc(pending_bound(image), 1);
	struct remaining left = {.at = view->mentions.bytes, .size = view->mentions.size};
	struct record_mention mention;

	pending_write(image, pending); /* its content comes first */
	record_sum_image(verify->seen.sum, pending, false);
	for (uint32_t i = 0; i < view->mention_count; i++) {
		record_take_mention(&left, &mention);
		record_sum_mention(verify->seen.sum, pending, mention.attributes, false);
	}
	verify->seen.images++;
	verify->seen.origins[image->origin]++;
	verify->stack_digests += image->layer_count + image->diff_id_count;
}

static int visit_image(struct verify *verify, struct store_bytes key, struct store_bytes value,
					   struct error *err)
{
	CLEANUP(internal_image_clear) struct internal_image image = {.name = NULL};
	struct error reason = ERROR_INIT;
	struct record_image view;
	uint32_t number;

	verify->counts->images++;
	if (record_read_number(key, &number, &reason) < 0)
		return verify_failure(verify, &reason, err, "images");
	if (number >= verify->snapshot->state.next_image)
		return verify_damage(verify, "image %u: the next number to be given is %u", number,
							 verify->snapshot->state.next_image);
	if (record_view_image(value, &view, &reason) < 0 ||
		image_read(verify->txn, number, value, &image, &reason) < 0) {
		verify->unread++;
		return verify_failure(verify, &reason, err, "image %u", number);
	}
	count_image(verify, &image, &view);
	return view.has_keys ? check_digests(verify, number, &image, err) : 0;
}

int verify_images(struct verify *verify, struct error *err)
{
	return verify_walk(verify, DATABASE_IMAGES, "images", visit_image, err);
}
