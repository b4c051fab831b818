/*
 * import_walk: steps through the members that a format's refine() reads.
 *
 * What is absent, or of another kind than it should be, is as if it were not there: the fields of
 * the format's table are strict, these are what the table cannot say.
 */
#ifndef LAYERPROOF_IMPORT_WALK_H
#define LAYERPROOF_IMPORT_WALK_H

#include <stdbool.h>

#include "import_record.h"
#include "layerproof/node.h"

/* A member; its value is NULL when there is none. `object` must outlive it. */
struct node import_walk_member(const struct node *object, const char *name);

/* The text of a member, borrowed; NULL when there is none. */
const char *import_walk_text(const struct node *object, const char *name);

/* Takes the text of a field, as import_record_add(), unless it is NULL. */
int import_walk_add(struct import_record *record, enum import_field field, const char *column,
					const char *text);

/* Adds a digest whose kind is certain: where it was taken as one of an image already, that is now
 * what it is. */
void import_walk_name_top(struct internal_image *image, enum identity identity,
						  const struct digest *digest);

/* Takes the text of one likewise. Absent: nothing. */
int import_walk_add_top(struct import_record *record, enum identity identity, const char *column,
						const char *text);

/* Takes a name of another kind, such as a file's: only when there is no better one, and never with
 * a digest in it that is none. */
int import_walk_add_fallback(struct import_record *record, const char *column, const char *text);

/* Takes a platform of three parts: "linux/arm/v7". Without a variant the record's own two parts
 * will do. */
int import_walk_add_platform(struct import_record *record, const char *column, const char *os,
							 const char *architecture, const char *variant);

/* Whether the text is meant to be a digest, good or bad: sha256:..., sha256%3A..., 64 hexadecimal
 * digits. */
bool import_walk_is_digest(const char *text);

#endif
