/*
 * finding_table: findings for people, a line each; or more, on demand.
 */
#ifndef LAYERPROOF_FINDING_TABLE_H
#define LAYERPROOF_FINDING_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "layerproof/buffer.h"
#include "layerproof/finding.h"

struct finding_table {
	bool colour;
	bool evidence;  /* -v: each piece of evidence on a line of its own, and the candidate's layers
					   beside those of the nearest internal image */
	size_t columns; /* of the terminal; 0: no limit */
};

/* Appends a line for people. Nothing in it can steer a terminal. */
int finding_write_table(const struct finding *finding, const struct finding_table *table,
						struct buffer *out, struct error *err);

/* Appends the headings of the table. */
int finding_write_headings(const struct finding_table *table, struct buffer *out,
						   struct error *err);

#endif
