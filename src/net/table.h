/*
 * table: values by name, never more than a maximum of them: when it is full the oldest makes room.
 *
 * A pipe of a million candidates may name as many hosts; what is remembered of them may not grow
 * with it. Not locked: whoever owns a table has the lock.
 */
#ifndef LAYERPROOF_NET_TABLE_H
#define LAYERPROOF_NET_TABLE_H

#include <stddef.h>

struct table;

/* `release` frees a value. */
struct table *table_new(size_t maximum, void (*release)(void *value));
void table_free(struct table *table); /* NULL is legal */

/* The value, borrowed until the next table_set() or table_remove(), or NULL. */
void *table_get(const struct table *table, const char *name);

/* Takes ownership of `value`; a value of the same name is released. */
void table_set(struct table *table, const char *name, void *value);

/* Walks the values, in no order: `*place` is 0 before the first. NULL behind the last. */
void *table_next(const struct table *table, size_t *place, const char **name);

/* Releases the value of that name, if there is one. */
void table_remove(struct table *table, const char *name);

#endif
