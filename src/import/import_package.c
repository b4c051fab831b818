#include "import_package.h"

#include <stddef.h>
#include <strings.h>

const char *import_package_class(const char *format)
{
	static const char *const of_distributions[] = {"deb", "dpkg",         "rpm",
												   "apk", "alpm",         "portage",
												   "nix", "linux-kernel", "linux-kernel-module"};
	for (size_t i = 0; i < sizeof(of_distributions) / sizeof(of_distributions[0]); i++) {
		if (format != NULL && strcasecmp(format, of_distributions[i]) == 0) {
			return "os";
		}
	}
	return NULL;
}
