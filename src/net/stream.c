/*
 * stream: the body of a blob as a reader, resumed where its connection breaks (registry-facts 37).
 */
#include <stdbool.h>
#include <stdio.h>

#include "call.h"
#include "content_range.h"
#include "exchange.h"
#include "layerproof/http.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "shared.h"

/* What a resumed connection must bring before the count of tries begins anew. */
#define PROGRESS_BYTES LIMIT_MIB(1)

struct stream {
	struct reader reader;
	struct call call;
	struct http_request request; /* owns its texts */
	struct transfer *transfer;   /* NULL once it failed */
	int64_t total;               /* bytes of the whole, as the first answer said; -1: not said */
	int64_t position;            /* of the next byte that the reader gets */
	int64_t begun_at;            /* position at which this connection began to be of use */
	int64_t skip;                /* bytes to pass over: they were read before */
	int restarts;
	int stalls;
};

static void stream_close(struct reader *reader)
{
	struct stream *stream = (struct stream *)reader;
	transfer_end(stream->transfer);
	call_forget_login(&stream->call);
	free((char *)stream->request.host);
	free((char *)stream->request.path);
	free((char *)stream->request.repository);
	free((char *)stream->request.accept);
	free(stream);
}

/* Whether the answer goes on exactly where the last one broke. */
static bool continues(const struct stream *stream)
{
	struct content_range range;
	const char *value = transfer_header(stream->transfer, "Content-Range", 0);
	if (transfer_status(stream->transfer) != 206 || value == NULL ||
		content_range_read(value, &range) != 0 || range.first != stream->position ||
		transfer_header(stream->transfer, "Content-Range", 1) != NULL)
		return false;
	return range.total < 0 ||
		   (range.last + 1 == range.total && (stream->total < 0 || range.total == stream->total));
}

/* Whether the answer is the whole again, as long as it was. */
static bool is_whole(const struct stream *stream)
{
	int64_t length = transfer_content_length(stream->transfer);
	return transfer_status(stream->transfer) == 200 &&
		   (stream->total < 0 || length < 0 || length == stream->total);
}

/* Asks for the bytes from `offset` on. The login may have ended meanwhile, so it begins anew. */
static int ask_from(struct stream *stream, int64_t offset, struct error *err)
{
	transfer_end(STEAL(stream->transfer));
	call_forget_login(&stream->call);
	stream->call.offset = offset;
	stream->call.tries.stays = stream->position > 0; /* what was read already would be lost */
	stream->transfer = call_open(&stream->call, err);
	return stream->transfer == NULL ? -1 : 0;
}

static int refuse_rest(const struct stream *stream, struct error *err)
{
	return error_set(err, ERROR_UNREACHABLE,
					 "%s: the connection broke, and the rest from byte %lld on is not to be had",
					 transfer_url(stream->transfer)->label, (long long)stream->position);
}

/* Takes the whole from its beginning, and passes over what was read before: from a server that does
 * not do ranges (200), or not this one (416, another range). What was read is not compared: if it
 * was not the same, the digest of the two parts is not the declared one. */
static int restart(struct stream *stream, struct error *err)
{
	if (++stream->restarts > LIMIT_RESTARTS)
		return refuse_rest(stream, err);
	if (transfer_status(stream->transfer) != 200 && ask_from(stream, 0, err) != 0)
		return -1;
	if (!is_whole(stream))
		return refuse_rest(stream, err);
	stream->skip = stream->position;
	return 0;
}

static int reopen(struct stream *stream, struct error *err)
{
	if (ask_from(stream, stream->position, err) != 0)
		return -1;
	stream->begun_at = stream->position;
	stream->skip = 0;
	if (stream->position == 0 ? is_whole(stream) : continues(stream))
		return 0;
	return restart(stream, err);
}

/* A connection over which nothing comes any more may be dead: another may do better, once. Where an
 * encoding is undone, nobody knows which byte on the wire the next one is. */
static bool may_resume(struct stream *stream, const struct failure *failure)
{
	if (stream->request.is_decoded)
		return false;
	if (!transfer_has_stalled(stream->transfer))
		return failure->kind == FAILURE_PASSING;
	return stream->stalls++ < LIMIT_STALLS;
}

static int resume(struct stream *stream, struct failure *failure, struct error *err)
{
	struct call *call = &stream->call;
	bool is_hopeful = may_resume(stream, failure);
	failure->kind = FAILURE_PASSING;
	if (stream->position - stream->begun_at >= PROGRESS_BYTES)
		call->tries.made = 0;
	if (!is_hopeful || !tries_again(&call->tries, failure, call->http)) {
		*err = failure->error;
		return -1;
	}
	return reopen(stream, err);
}

/* Whether every byte that was declared is there, so that a connection that breaks now, in front of
 * its own end, has taken nothing with it. */
static bool has_all(const struct stream *stream)
{
	return stream->skip == 0 && stream->request.size >= 0 &&
		   stream->position == stream->request.size;
}

/* A body that only the connection's end has ended, and that ended early, has broken too: bytes that
 * were lost on the way are no reason to call somebody a forger. */
static bool ended_early(const struct stream *stream)
{
	return stream->position < stream->request.size && transfer_is_open_ended(stream->transfer) &&
		   !transfer_is_encoded(stream->transfer);
}

/* The next bytes of this connection; a size of 0 is the true end of the blob. */
static int pull(struct stream *stream, const uint8_t **bytes, size_t *size, struct failure *failure)
{
	if (transfer_next(stream->transfer, bytes, size, failure) != 0) {
		*size = 0;
		return has_all(stream) ? 0 : -1;
	}
	if (*size > 0 || !ended_early(stream))
		return 0;
	failure->kind = FAILURE_PASSING;
	failure->retry_after = -1;
	(void)snprintf(failure->host, sizeof failure->host, "%s",
				   transfer_url(stream->transfer)->label);
	return error_set(&failure->error, ERROR_UNREACHABLE, "%s: the connection broke",
					 transfer_url(stream->transfer)->label);
}

/* Takes off the front of a piece what was read before. */
static void skip_known(struct stream *stream, const uint8_t **bytes, size_t *size)
{
	size_t known = stream->skip < (int64_t)*size ? (size_t)stream->skip : *size;
	stream->skip -= (int64_t)known;
	*bytes += known;
	*size -= known;
}

static int stream_next(struct reader *reader, const uint8_t **bytes, size_t *size,
					   struct error *err)
{
	struct stream *stream = (struct stream *)reader;
	struct failure failure = FAILURE_INIT;
	bool is_end = false;
	do {
		while (pull(stream, bytes, size, &failure) != 0)
			if (resume(stream, &failure, err) != 0)
				return -1;
		is_end = *size == 0;
		skip_known(stream, bytes, size);
	} while (*size == 0 && !is_end);
	stream->position += (int64_t)*size;
	return call_check_size(&stream->request, stream->transfer, stream->position, err);
}

static struct stream *stream_new(struct http *http, const struct http_request *request)
{
	struct stream *stream = memory_alloc(1, sizeof *stream);
	stream->reader = (struct reader){.next = stream_next, .close = stream_close};
	stream->request = *request;
	stream->request.host = memory_copy_text(request->host);
	stream->request.path = memory_copy_text(request->path);
	stream->request.repository = memory_copy_text(request->repository);
	stream->request.accept = memory_copy_text(request->accept);
	stream->call = (struct call){
		.http = http, .request = &stream->request, .time = TRANSFER_STREAM};
	return stream;
}

struct reader *http_open(struct http *http, const struct http_request *request, struct error *err)
{
	struct stream *stream = stream_new(http, request);
	stream->transfer = call_open(&stream->call, err);
	if (stream->transfer != NULL) {
		stream->total = transfer_content_length(stream->transfer);
		if (call_check_size(request, stream->transfer, stream->total, err) == 0) {
			exchange_succeeded(http, stream->transfer);
			return &stream->reader;
		}
	}
	stream_close(&stream->reader);
	return NULL;
}
