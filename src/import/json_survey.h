/*
 * json_survey: whether the first object of an export is itself a record, or holds the list of them.
 *
 *   {"digest": ...} {"digest": ...}          records, one after the other
 *   {"images": [{...}, {...}], "count": 2}   one list in an object
 */
#ifndef LAYERPROOF_JSON_SURVEY_H
#define LAYERPROOF_JSON_SURVEY_H

#include <stddef.h>

#include "import_field.h"

/* The name, as written between its quotes, of the one member of the object that is a list of
 * objects (or, when the object has no other member, of anything); NULL when the object is itself a
 * record: it has a field that identifies an image, or not exactly one such member. `bytes` may be
 * the beginning of a larger object. Free with free(). */
char *json_survey_list(const char *bytes, size_t size, const struct import_places *places);

#endif
