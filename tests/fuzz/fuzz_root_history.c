/*
 * fuzz_root_history: whatever a history says, one line a layer, the root ends at a layer that is
 * there and not empty; and layers on top that say nothing change nothing.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "layerproof/memory.h"
#include "layerproof/root_history.h"

enum { MOST = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
	if (!condition)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(free_at) char *text = memory_copy_span((const char *)data, size);
	struct root_history layers[MOST + 1] = {{.created_by = NULL}};
	size_t count = 0;
	char *rest = NULL;
	for (char *line = strtok_r(text, "\n", &rest); line != NULL && count < MOST;
		 line = strtok_r(NULL, "\n", &rest))
		layers[count++] = (struct root_history){.created_by = line, .is_empty = *line == '-'};
	size_t root = root_history_layers(layers, count);
	require(root <= count && (root == 0 || !layers[root - 1].is_empty));
	require(root_history_layers(layers, count + 1) == root);
	require(root_history_layers(layers, root) == root);
	return 0;
}
