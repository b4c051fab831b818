#include "check_stats.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "layerproof/clock.h"
#include "layerproof/interrupt.h"
#include "layerproof/limits.h"
#include "layerproof/stats.h"

static int fail(const char *path, struct error *err)
{
	error_set_errno(err, "--stats %s", path);
	err->code = ERROR_SYSTEM;
	return -1;
}

/* The file takes the place of what has its name: that must be no device and no pipe. */
static int check_kind(const char *path, struct error *err)
{
	struct stat found;
	if (stat(path, &found) == 0 && !S_ISREG(found.st_mode))
		return error_set(err, ERROR_USAGE, "--stats is a file, and %s is something else", path);
	return 0;
}

static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	if (slash == NULL)
		return memory_copy_text(".");
	return memory_copy_span(path, slash == path ? 1 : (size_t)(slash - path));
}

int check_stats_begin(const char *path, struct check_stats *out, struct error *err)
{
	*out = (struct check_stats){
		.path = path, .started_at = clock_now(), .begun_ms = clock_monotonic_ms()};
	if (path == NULL)
		return 0;
	if (*path == '\0' || strcmp(path, "-") == 0)
		return error_set(err, ERROR_USAGE,
						 "--stats is a file: standard output is for the findings");
	CLEANUP(free_at) char *folder = folder_of(path);
	if (access(folder, W_OK | X_OK) != 0)
		return fail(path, err);
	return check_kind(path, err);
}

static int write_all(int file, const struct buffer *bytes)
{
	for (size_t done = 0; done < bytes->size;) {
		ssize_t written = write(file, bytes->bytes + done, bytes->size - done);
		if (written < 0 && errno != EINTR)
			return -1;
		done += written < 0 ? 0 : (size_t)written;
	}
	return fsync(file);
}

/* Beside it first, so that nobody ever reads the half of it. */
static int replace(const char *path, const struct buffer *bytes, struct error *err)
{
	CLEANUP(free_at) char *part = memory_format("%s.%ld.part", path, (long)getpid());
	int file = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (file < 0)
		return fail(path, err);
	int written = write_all(file, bytes);
	if (close(file) != 0 || written != 0 || rename(part, path) != 0) {
		fail(path, err);
		unlink(part);
		return -1;
	}
	return 0;
}

static struct stats_host host_of(const struct traffic_host *host, struct pace *pace)
{
	struct pace_view view;
	pace_look(pace, host->name, &view);
	return (struct stats_host){
		.name = host->name,
		.counts = host->counts,
		.waits = view.waits,
		.waited_ms = view.waited_ms,
		.is_given_up = view.is_given_up,
		.opens_at = view.opens_at,
	};
}

static enum stats_outcome outcome_of(const struct error *failure)
{
	if (failure != NULL)
		return STATS_FAILED;
	return interrupt_exit_code() != 0 ? STATS_INTERRUPTED : STATS_DONE;
}

static int write_record(const struct check_stats *begun, struct stats *record, struct error *err)
{
	struct buffer line = BUFFER_INIT(LIMIT_FINDING_SIZE);
	record->started_at = begun->started_at;
	record->milliseconds = clock_monotonic_ms() - begun->begun_ms;
	int result = stats_write_json(record, &line, err);
	if (result == 0)
		result = check_kind(begun->path, err);
	if (result == 0)
		result = replace(begun->path, &line, err);
	buffer_clear(&line);
	return result;
}

int check_stats_write(const struct check_stats *stats, const struct check_totals *totals,
					  struct network *network, const struct error *failure, struct error *err)
{
	struct traffic_host *met;
	if (stats->path == NULL)
		return 0;
	size_t count = traffic_list(network_traffic(network), &met);
	CLEANUP(free_at) struct stats_host *hosts = memory_alloc(count, sizeof(*hosts));
	for (size_t i = 0; i < count; i++)
		hosts[i] = host_of(&met[i], network_pace(network));
	struct stats record = {
		.outcome = outcome_of(failure),
		.error = failure == NULL ? NULL : failure->text,
		.candidates = totals->candidates,
		.verdicts = {[VERDICT_TRUE_POSITIVE] = totals->true_positives,
					 [VERDICT_NEEDS_REVIEW] = totals->needs_review},
		.incomplete = totals->incomplete,
		.counts = traffic_sum(network_traffic(network)),
		.layer_bytes = totals->layer_bytes,
		.hosts = hosts,
		.host_count = count,
	};
	memcpy(record.reasons, totals->reasons, sizeof(record.reasons));
	int result = write_record(stats, &record, err);
	traffic_list_free(met, count);
	return result;
}
