#include "flights.h"

#include <stdlib.h>
#include <string.h>

#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "once.h"

struct flights {
	struct once *ended; /* a mark for each that has ended, as long as there is room */
};

static void ignore(void *mark)
{
	(void)mark;
}

struct flights *flights_new(void)
{
	struct flights *flights = memory_alloc(1, sizeof(*flights));
	flights->ended = once_new(LIMIT_MEMO_FLIGHTS, ignore, ignore);
	return flights;
}

void flights_free(struct flights *flights)
{
	if (flights == NULL)
		return;
	once_free(flights->ended);
	free(flights);
}

static struct digest key_of(enum flight kind, const struct digest *host,
							const struct digest *digest)
{
	struct {
		struct digest host;
		struct digest digest;
		enum flight kind;
	} parts;
	struct digest key;
	memset(&parts, 0, sizeof(parts));
	parts.host = *host;
	parts.digest = *digest;
	parts.kind = kind;
	digest_of(DIGEST_SHA256, &parts, sizeof(parts), &key);
	return key;
}

bool flights_begin(struct flights *flights, enum flight kind, const struct digest *host,
				   const struct digest *digest)
{
	struct digest key = key_of(kind, host, digest);
	return once_claim(flights->ended, &key) == NULL;
}

void flights_end(struct flights *flights, enum flight kind, const struct digest *host,
				 const struct digest *digest)
{
	static char mark;
	struct digest key = key_of(kind, host, digest);
	once_fulfil(flights->ended, &key, &mark);
}
