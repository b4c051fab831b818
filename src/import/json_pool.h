/*
 * json_pool: the records of a JSON file, parsed on all cores and delivered in their order.
 *
 * Parsing is what an import of JSON takes its time for. Records are gathered into pieces of some
 * 100 KiB, which threads parse side by side; the thread that reads the file delivers them, one
 * after the other. A file of less than a piece starts no thread.
 */
#ifndef LAYERPROOF_JSON_POOL_H
#define LAYERPROOF_JSON_POOL_H

#include "import_job.h"

struct json_pool;

/* Borrows the job. */
struct json_pool *json_pool_new(struct import_job *job);

/* Takes the text of a record that begins on `line`, and what the walk to it has refused (state
 * IMPORT_REFUSED), if anything. -1: the sink's error, of this record or one before. */
int json_pool_add(struct json_pool *pool, const char *bytes, size_t size, uint64_t line,
				  const struct import_record *refused, struct error *err);

/* Delivers all that was added. -1: the sink's error. */
int json_pool_finish(struct json_pool *pool, struct error *err);

void json_pool_free(struct json_pool *pool); /* NULL is legal */

#endif
