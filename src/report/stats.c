#include "layerproof/stats.h"

#include "json_writer.h"
#include "layerproof/clock.h"

static const char *outcome_name(enum stats_outcome outcome)
{
	switch (outcome) {
	case STATS_DONE:
		return "done";
	case STATS_INTERRUPTED:
		return "interrupted";
	case STATS_FAILED:
		return "failed";
	}
	return "unknown";
}

static const char *state_name(const struct stats_host *host)
{
	if (host->opens_at == 0)
		return "open";
	return host->is_given_up ? "given_up" : "waiting";
}

static void add_counts(struct json_writer *writer, const struct traffic_counts *counts)
{
	json_writer_number(writer, "requests", (int64_t)counts->requests);
	json_writer_number(writer, "bytes", (int64_t)counts->bytes);
	json_writer_number(writer, "retries", (int64_t)counts->retries);
}

static void add_host(struct json_writer *writer, const struct stats_host *host)
{
	char time[CLOCK_TEXT_SIZE];
	json_writer_begin_object(writer, NULL);
	json_writer_text(writer, "host", host->name);
	add_counts(writer, &host->counts);
	json_writer_number(writer, "waits", (int64_t)host->waits);
	json_writer_number(writer, "waited_ms", host->waited_ms);
	json_writer_text(writer, "state", state_name(host));
	if (host->opens_at != 0)
		json_writer_text(writer, "opens_at", clock_format(host->opens_at, time));
	json_writer_end_object(writer);
}

static void add_verdicts(struct json_writer *writer, const struct stats *stats)
{
	json_writer_begin_object(writer, "verdicts");
	json_writer_number(writer, "true_positive", (int64_t)stats->verdicts[VERDICT_TRUE_POSITIVE]);
	json_writer_number(writer, "needs_review", (int64_t)stats->verdicts[VERDICT_NEEDS_REVIEW]);
	json_writer_end_object(writer);
	json_writer_begin_object(writer, "reasons");
	for (int reason = 0; reason < REASON_COUNT; reason++)
		if (stats->reasons[reason] > 0)
			json_writer_number(writer, reason_name((enum reason)reason),
							   (int64_t)stats->reasons[reason]);
	json_writer_end_object(writer);
}

int stats_write_json(const struct stats *stats, struct buffer *out, struct error *err)
{
	char time[CLOCK_TEXT_SIZE];
	struct json_writer writer = {.out = out, .err = err};
	json_writer_begin_object(&writer, NULL);
	json_writer_text(&writer, "schema", "layerproof.stats.v1");
	json_writer_text(&writer, "outcome", outcome_name(stats->outcome));
	json_writer_printable(&writer, "error", stats->error);
	json_writer_number(&writer, "candidates", (int64_t)stats->candidates);
	add_verdicts(&writer, stats);
	json_writer_number(&writer, "incomplete", (int64_t)stats->incomplete);
	add_counts(&writer, &stats->counts);
	json_writer_number(&writer, "layer_bytes", (int64_t)stats->layer_bytes);
	json_writer_begin_array(&writer, "hosts");
	for (size_t i = 0; i < stats->host_count; i++)
		add_host(&writer, &stats->hosts[i]);
	json_writer_end_array(&writer);
	json_writer_text(&writer, "started_at", clock_format(stats->started_at, time));
	json_writer_number(&writer, "ms", stats->milliseconds);
	json_writer_end_object(&writer);
	return json_writer_end_line(&writer);
}
