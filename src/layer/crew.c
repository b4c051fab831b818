#include "layerproof/crew.h"

#include "crew_private.h"
#include "layerproof/limits.h"

struct crew *crew_new(int cores, int64_t memory)
{
	struct crew *crew = memory_alloc(1, sizeof(*crew));
	if (memory == 0)
		memory = LIMIT_MEMORY_DEFAULT;
	else if (memory < LIMIT_MEMORY_LEAST)
		memory = LIMIT_MEMORY_LEAST;
	crew->hashers = hashers_new(cores);
	crew->layers = allowance_new(memory / 2);
	crew->windows = allowance_new(memory - memory / 2);
	return crew;
}

void crew_free(struct crew *crew)
{
	if (crew == NULL)
		return;
	hashers_free(crew->hashers);
	allowance_free(crew->layers);
	allowance_free(crew->windows);
	free(crew);
}
