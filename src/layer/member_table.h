/*
 * member_table: the regular members of an archive by name, with the links between them resolved.
 */
#ifndef LAYER_MEMBER_TABLE_H
#define LAYER_MEMBER_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "layerproof/error.h"

enum member_kind {
	MEMBER_FILE,
	MEMBER_SYMLINK,  /* to a path that starts at the link's own folder */
	MEMBER_HARDLINK, /* to a path that starts at the root of the archive */
};

struct member {
	char *name;
	char *link; /* NULL for a file */
	enum member_kind kind;
	int64_t size;     /* bytes of a file */
	int64_t position; /* of its first header in the tar */
	uint64_t entry;   /* its number in the tar, from 1 */
};

/* Zero it before use; the members are the table's. */
struct member_table {
	struct member *members;
	size_t count;
	size_t capacity;
	size_t text_size; /* bytes of names and links */
};

/* Adds a copy of `member`. ERROR_OVER_LIMIT for LIMIT_ARCHIVE_MEMBERS or LIMIT_ARCHIVE_NAMES. */
int member_table_add(struct member_table *table, const struct member *member, struct error *err);

/* Orders the members, once all are added. Of several with one name the last counts, as when the
 * archive is unpacked. */
void member_table_finish(struct member_table *table);

/* The file of this name, or the one that the links of this name lead to; NULL when there is none. A
 * leading "./" or "/" is ignored. */
const struct member *member_table_find(const struct member_table *table, const char *name);

void member_table_clear(struct member_table *table);

#endif
