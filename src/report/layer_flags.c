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

void layer_flags_write(struct json_writer *writer, unsigned oddities, bool is_other_format)
{
	const char *flags[LAYER_FLAGS];
	size_t count = layer_flags_list(oddities, is_other_format, flags);
	if (count == 0)
		return;
	json_writer_begin_array(writer, "flags");
	for (size_t i = 0; i < count; i++)
		json_writer_text(writer, NULL, flags[i]);
	json_writer_end_array(writer);
}
