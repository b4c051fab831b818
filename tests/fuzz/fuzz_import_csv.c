#include "import_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char digest[] = "digest";
	static char config[] = "config";
	static char column[] = "ID";
	static const struct import_map map[] = {{digest, column}, {config, column}};
	import_target("csv", map, 2, data, size);
	return 0;
}
