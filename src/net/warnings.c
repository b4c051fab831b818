#include "warnings.h"

#include <pthread.h>
#include <string.h>

#include "layerproof/limits.h"
#include "layerproof/log.h"
#include "layerproof/memory.h"
#include "warning_header.h"

struct warnings {
	pthread_mutex_t lock;
	char *shown[LIMIT_WARNINGS]; /* whole lines */
	size_t count;
};

struct warnings *warnings_new(void)
{
	struct warnings *warnings = memory_alloc(1, sizeof *warnings);
	pthread_mutex_init(&warnings->lock, NULL);
	return warnings;
}

void warnings_free(struct warnings *warnings)
{
	for (size_t i = 0; i < warnings->count; i++)
		free(warnings->shown[i]);
	pthread_mutex_destroy(&warnings->lock);
	free(warnings);
}

/* Whether the line is new, and there is room for it; the lock is held. */
static bool remember(struct warnings *warnings, const char *line)
{
	if (warnings->count == LIMIT_WARNINGS)
		return false;
	for (size_t i = 0; i < warnings->count; i++)
		if (strcmp(warnings->shown[i], line) == 0)
			return false;
	warnings->shown[warnings->count++] = memory_copy_text(line);
	return true;
}

static void show(struct warnings *warnings, const char *label, const char *text)
{
	CLEANUP(free_at) char *line = memory_format("%s says: %s", label, text);
	pthread_mutex_lock(&warnings->lock);
	if (remember(warnings, line))
		log_warning("%s", line);
	pthread_mutex_unlock(&warnings->lock);
}

void warnings_show(struct warnings *warnings, const struct transfer *transfer)
{
	const char *value = NULL;
	size_t size = 0;
	for (size_t i = 0; (value = transfer_header(transfer, "Warning", i)) != NULL; i++) {
		size += strlen(value);
		if (size > (size_t)LIMIT_WARNINGS_SIZE)
			return;
		for (char *text = NULL; (text = warning_header_next(&value)) != NULL; free(text))
			show(warnings, transfer_url(transfer)->label, text);
	}
}
