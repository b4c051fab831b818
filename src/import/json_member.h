/*
 * json_member: the fields of an import record out of one JSON object.
 */
#ifndef LAYERPROOF_JSON_MEMBER_H
#define LAYERPROOF_JSON_MEMBER_H

#include <stddef.h>

#include "import_record.h"

/* Parses the object in `bytes` and adds what the columns name to the record; a record that cannot
 * be used is refused in it.
 *
 * A mapped column is a path of members: "repoTag.digest". A list on the way stands for each of its
 * elements. A field that is not mapped is the member of its name, in lower case, Capitalised or in
 * UPPER CASE; an object of that name is something else and is left alone. */
void json_record_read(const char *bytes, size_t size, const struct import_columns *columns,
					  struct import_record *record);

#endif
