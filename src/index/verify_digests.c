/*
 * verify: digests and postings against the images that they name.
 */
#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "holders.h"
#include "image_identities.h"
#include "verify.h"

/* What the images of one digest say of it. */
struct holding {
	struct verify *verify;
	struct store_bytes key;
	const char *text; /* the digest */
	struct record_entry said;
	unsigned identities;
	enum origin origin;
	uint32_t images;
	uint32_t first, last;
	bool is_unsure; /* an image could not be read, or is not one of them: told already */
};

static int visit_holder(void *context, uint32_t number, struct error *err)
{
	struct holding *holding = context;
	struct verify *verify = holding->verify;
	struct error reason = ERROR_INIT;
	uint8_t bytes[RECORD_NUMBER_SIZE];
	struct record_image view;
	struct store_bytes value;

	if (holding->images == 0)
		holding->first = number;
	else if (number <= holding->last)
		return verify_damage(verify, "%s: its images are not in order", holding->text);
	holding->images++;
	holding->last = number;
	record_write_number(number, bytes);
	int found = store_get(verify->txn, DATABASE_IMAGES, (struct store_bytes){bytes, sizeof(bytes)},
						  &value, &reason);
	holding->is_unsure = holding->is_unsure || found != 1;
	if (found == 0)
		return verify_damage(verify, "%s: image %u is not there", holding->text, number);
	if (found < 0)
		return verify_failure(verify, &reason, err, "%s: image %u", holding->text, number);
	if (record_view_image(value, &view, &reason) < 0) {
		holding->is_unsure = true;
		return 0;
	}
	unsigned identities = image_identities(&view, holding->key);
	holding->is_unsure = holding->is_unsure || identities == 0;
	if (identities == 0)
		return verify_damage(verify, "%s: image %u does not hold it", holding->text, number);
	holding->identities |= identities;
	if (view.origin > holding->origin)
		holding->origin = view.origin;
	return 0;
}

enum { IDENTITIES_TEXT_SIZE = 128 };

static const char *format_identities(unsigned identities, char text[static IDENTITIES_TEXT_SIZE])
{
	size_t size = 0;

	text[0] = '\0';
	for (unsigned bit = 0; bit < IDENTITY_COUNT; bit++)
		if (identities >> bit & 1)
			size += (size_t)snprintf(text + size, IDENTITIES_TEXT_SIZE - size, "%s%s",
									 size > 0 ? " " : "",
									 identity_name((enum identity)(1u << bit)));
	return text;
}

static int compare_entry(const struct holding *holding)
{
	const struct record_entry *said = &holding->said;
	struct verify *verify = holding->verify;
	char is[IDENTITIES_TEXT_SIZE];
	char should[IDENTITIES_TEXT_SIZE];

	if (said->images != holding->images)
		return verify_damage(verify, "%s: %u images counted, and there are %u", holding->text,
							 said->images, holding->images);
	if (holding->is_unsure)
		return 0;
	if (said->first != holding->first)
		return verify_damage(verify, "%s: its first image is %u, and should be %u", holding->text,
							 said->first, holding->first);
	if (said->identities != holding->identities)
		return verify_damage(verify, "%s: is called %s, and should be %s", holding->text,
							 format_identities(said->identities, is),
							 format_identities(holding->identities, should));
	if (said->origin != holding->origin)
		return verify_damage(verify, "%s: its origin is %s, and should be %s", holding->text,
							 origin_name(said->origin), origin_name(holding->origin));
	return 0;
}

static int visit_digest(struct verify *verify, struct store_bytes key, struct store_bytes value,
						struct error *err)
{
	struct error reason = ERROR_INIT;
	char text[DIGEST_TEXT_SIZE];
	struct holding holding = {.verify = verify, .key = key, .text = text};

	verify->counts->digests++;
	int readable = verify_key(verify, key, "digests", text);
	if (readable != 1)
		return readable;
	if (record_read_entry(value, &holding.said, &reason) < 0)
		return verify_failure(verify, &reason, err, "%s", text);
	if (holders_each(verify->txn, key, &holding.said, visit_holder, &holding, &reason) < 0) {
		if (reason.code == ERROR_NONE)
			return -1;
		return verify_failure(verify, &reason, err, "%s", text);
	}
	if (!holding.said.holders)
		verify->counts->postings += holding.images;
	for (unsigned bit = 0; bit < IDENTITY_COUNT; bit++)
		verify->seen.identities[bit] += holding.identities >> bit & 1;
	return compare_entry(&holding);
}

/* Those that an entry leads to were counted with it. */
static int visit_posting(struct verify *verify, struct store_bytes key, struct store_bytes value,
						 struct error *err)
{
	struct error reason = ERROR_INIT;
	char text[DIGEST_TEXT_SIZE];
	struct record_entry entry;

	(void)value;
	int readable = verify_key(verify, key, "postings", text);
	if (readable != 1)
		return readable;
	int found = holders_get(verify->txn, key, &entry, &reason);
	if (found < 0)
		return reason.code == ERROR_MALFORMED ? 0
											  : verify_failure(verify, &reason, err, "%s", text);
	if (found == 0)
		return verify_damage(verify, "%s: has postings, and is no digest of the index", text);
	if (entry.holders)
		return verify_damage(verify, "%s: has postings beside the images of its record", text);
	return 0;
}

int verify_digests(struct verify *verify, struct error *err)
{
	if (verify_walk(verify, DATABASE_DIGESTS, "digests", visit_digest, err) < 0)
		return -1;
	return verify_walk(verify, DATABASE_POSTINGS, "postings", visit_posting, err);
}
