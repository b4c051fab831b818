#include "import_name.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "layerproof/memory.h"

/* As in a reference: a first part with a dot or a port, or localhost. */
static bool is_host(const char *text)
{
	return strpbrk(text, " _") == NULL &&
		   (strpbrk(text, ".:") != NULL || strcmp(text, "localhost") == 0);
}

void import_name_drop_alias(struct import_record *record)
{
	char **registry = &record->part[IMPORT_REGISTRY];
	if (*registry == NULL || is_host(*registry)) {
		return;
	}
	bool is_docker_hub = strcasecmp(*registry, "Docker Hub") == 0;
	free(*registry);
	*registry = is_docker_hub ? memory_copy_text("docker.io") : NULL;
}
