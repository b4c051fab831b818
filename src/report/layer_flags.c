#include "layer_flags.h"

#include "layerproof/layer.h"

size_t layer_flags_list(unsigned oddities, bool is_other_format,
						const char *out[static LAYER_FLAGS])
{
	size_t count = 0;
	if ((oddities & LAYER_DUPLICATE_PATH) != 0)
		out[count++] = "duplicate_path";
	if (is_other_format)
		out[count++] = "format_mismatch";
	if ((oddities & LAYER_SIZE_CONFLICT) != 0)
		out[count++] = "size_conflict";
	return count;
}
