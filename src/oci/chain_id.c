#include "layerproof/chain_id.h"

#include <string.h>

void chain_id_compute(const struct digest *diff_ids, size_t count, struct digest *out)
{
	char stack[2 * DIGEST_TEXT_SIZE];
	char diff_id[DIGEST_TEXT_SIZE];
	if (count > 0)
		out[0] = diff_ids[0];
	for (size_t i = 1; i < count; i++) {
		digest_format(&out[i - 1], stack);
		char *end = stpcpy(stack + strlen(stack), " ");
		end = stpcpy(end, digest_format(&diff_ids[i], diff_id));
		digest_of(DIGEST_SHA256, stack, (size_t)(end - stack), &out[i]);
	}
}
