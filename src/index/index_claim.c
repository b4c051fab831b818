/*
 * index: the turn to write, and the wait for it.
 */
#include <poll.h>

#include "index_private.h"
#include "layerproof/clock.h"
#include "layerproof/interrupt.h"
#include "layerproof/log.h"
#include "layerproof/memory.h"

enum {
	PAUSE_MS = 50,
	PATIENCE_MS = 1000, /* a wait as long as this is told */
};

static char *name_holder(long holder)
{
	return holder == 0 ? memory_copy_text("another layerproof")
					   : memory_format("another layerproof (pid %ld)", holder);
}

static int refuse(long holder, struct error *err)
{
	CLEANUP(free_at) char *name = name_holder(holder);

	return error_set(err, ERROR_SYSTEM, "%s writes it: try again when it has ended", name);
}

static void tell(const char *directory, long holder)
{
	CLEANUP(free_at) char *name = name_holder(holder);

	log_note("index %s: waiting for %s that writes the index", directory, name);
}

static int pause_claim(struct error *err)
{
	struct pollfd wake = {.fd = interrupt_descriptor(), .events = POLLIN};

	poll(&wake, 1, PAUSE_MS);
	return interrupt_requested() ? error_set(err, ERROR_INTERRUPTED, "interrupted") : 0;
}

int index_claim(const char *directory, enum index_mode mode, int *claim, struct error *err)
{
	int64_t begun = clock_monotonic_ms();
	bool is_told = false;
	long holder = 0;
	int taken;

	while ((taken = store_claim(directory, claim, &holder, err)) == 0) {
		if (mode == INDEX_WRITE_NOW)
			return refuse(holder, err);
		if (!is_told && clock_monotonic_ms() - begun >= PATIENCE_MS) {
			tell(directory, holder);
			is_told = true;
		}
		if (pause_claim(err) < 0)
			return -1;
	}
	return taken < 0 ? -1 : 0;
}
