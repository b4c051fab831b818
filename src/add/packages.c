#include "packages.h"

#include <stddef.h>
#include <string.h>

/* Those that end with "/" are directories. */
static const char *const lists[] = {
	"lib/apk/db/installed",
	"usr/lib/apk/db/installed",
	"usr/lib/sysimage/rpm/",
	"usr/share/rpm/",
	"var/db/pkg/",
	"var/lib/dpkg/status",
	"var/lib/dpkg/status.d/",
	"var/lib/pacman/local/",
	"var/lib/rpm/",
};

static const char *const libraries[] = {
	".cargo/registry/", ".m2/repository/", ".nuget/packages/", "BOOT-INF/lib/", "WEB-INF/lib/",
	"dist-packages/",   "gems/",           "go/pkg/mod/",      "node_modules/", "site-packages/",
};

bool packages_is_list(const char *path)
{
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		size_t size = strlen(lists[i]);
		bool is_directory = lists[i][size - 1] == '/';
		if (is_directory ? strncmp(path, lists[i], size) == 0 : strcmp(path, lists[i]) == 0)
			return true;
	}
	return false;
}

bool packages_is_library(const char *path)
{
	for (size_t i = 0; i < sizeof(libraries) / sizeof(libraries[0]); i++)
		for (const char *at = strstr(path, libraries[i]); at != NULL;
			 at = strstr(at + 1, libraries[i]))
			if (at == path || at[-1] == '/')
				return true;
	return false;
}
