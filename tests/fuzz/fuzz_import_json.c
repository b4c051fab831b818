#include "import_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char digest[] = "digest";
	static char layers[] = "layers";
	static char digest_path[] = "i.d";
	static char layers_path[] = "l.d";
	static const struct import_map map[] = {{digest, digest_path}, {layers, layers_path}};
	import_target("json", map, 2, data, size);
	return 0;
}
