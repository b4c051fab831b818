/*
 * json_member: the fields of an import record out of one JSON object.
 */
#ifndef LAYERPROOF_JSON_MEMBER_H
#define LAYERPROOF_JSON_MEMBER_H

#include <stddef.h>

#include "import_format.h"

/* What is read out of each record, and where it goes. */
struct json_reading {
	const struct import_format *format;
	const struct import_places *places;
	uint64_t *found; /* by place: raised where a record had something there */
	/* Takes the record's contents, which may borrow from its text until the call returns; it has
	 * not been finished. */
	void (*emit)(void *context, struct import_record *record);
	void *context;
};

/* Parses the object in `bytes`, takes what the places name, and emits it: one image, or one for
 * each inner record of the format; what cannot be used as a refusal. `record` is empty, and is left
 * to import_record_clear(). */
void json_record_read(const char *bytes, size_t size, const struct json_reading *how,
					  struct import_record *record);

#endif
