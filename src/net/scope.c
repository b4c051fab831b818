#include "scope.h"

#include <stddef.h>
#include <string.h>

#include "layerproof/memory.h"
#include "layerproof/text.h"

char *scope_of_repository(const char *repository)
{
	return memory_format("repository:%s:pull", repository);
}

static bool holds_one(const char *scopes, const char *wanted, size_t size)
{
	for (const char *at = scopes; *at != '\0'; at += strcspn(at, " ")) {
		at += strspn(at, " ");
		if (strcspn(at, " ") == size && strncmp(at, wanted, size) == 0)
			return true;
	}
	return false;
}

bool scope_holds(const char *scopes, const char *wanted)
{
	for (const char *at = wanted + strspn(wanted, " "); *at != '\0'; at += strspn(at, " ")) {
		size_t size = strcspn(at, " ");
		if (!holds_one(scopes, at, size))
			return false;
		at += size;
	}
	return true;
}

char *scope_for(const char *repository, const struct challenge *challenge)
{
	CLEANUP(free_at) char *own = scope_of_repository(repository);
	if (challenge->scope == NULL)
		return STEAL(own);
	if (!challenge->is_insufficient || scope_holds(challenge->scope, own))
		return memory_copy_text(challenge->scope);
	return memory_format("%s %s", challenge->scope, own);
}

bool scope_is_for_all(const char *repository, const struct challenge *challenge)
{
	return challenge->scope != NULL && !challenge->is_insufficient &&
		   !text_starts_with(challenge->scope, "repository:") &&
		   strstr(challenge->scope, repository) == NULL;
}
