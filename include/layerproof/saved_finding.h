/*
 * saved_finding: a finding that was written to a file, for people. Nobody is asked anything.
 */
#ifndef LAYERPROOF_SAVED_FINDING_H
#define LAYERPROOF_SAVED_FINDING_H

#include <stddef.h>

#include "layerproof/buffer.h"
#include "layerproof/error.h"
#include "layerproof/finding_table.h"

/* Appends what finding_write_table() wrote of the finding when it was made; of one by an older
 * version, as much as it holds. -1, and nothing appended, for what is no finding: ERROR_MALFORMED
 * or ERROR_OVER_LIMIT, with the member that offends; `name` starts the text. */
int saved_finding_write(const char *bytes, size_t size, const char *name,
						const struct finding_table *table, struct buffer *out, struct error *err);

#endif
