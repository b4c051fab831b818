/*
 * flights: what some thread is fetching or working out just now, so that no other begins the same
 * at the same host; private to this folder.
 *
 * Only of one host do threads wait for each other: a slow one must not hold up those who could ask
 * another. Where a thread is under way with an assessment it may begin a document or a blob, never
 * the other way round, so that nobody waits in a circle.
 */
#ifndef LAYERPROOF_CHECK_FLIGHTS_H
#define LAYERPROOF_CHECK_FLIGHTS_H

#include <stdbool.h>

#include "layerproof/digest.h"

struct flights;

struct flights *flights_new(void);
void flights_free(struct flights *flights); /* NULL is legal */

enum flight { FLIGHT_ASSESSMENT, FLIGHT_DOCUMENT, FLIGHT_BLOB };

/* Whether the caller is the first: it must call flights_end(). Else waits for the one who is, and
 * returns false: what came of it lies in the memory, or the caller must do it alone. */
bool flights_begin(struct flights *flights, enum flight kind, const struct digest *host,
				   const struct digest *digest);
void flights_end(struct flights *flights, enum flight kind, const struct digest *host,
				 const struct digest *digest);

#endif
