/*
 * stream: the body of a blob as a reader, resumed where its connection breaks (registry-facts 37).
 */
#include <stdbool.h>

#include "call.h"
#include "content_range.h"
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
	int64_t begun_at;            /* offset at which this connection began */
};

static void stream_close(struct reader *reader)
{
	struct stream *stream = (struct stream *)reader;
	transfer_end(stream->transfer);
	call_clear(&stream->call);
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
	int64_t offset = stream->call.offset;
	if (offset == 0)
		return transfer_status(stream->transfer) == 200;
	const char *value = transfer_header(stream->transfer, "Content-Range", 0);
	if (transfer_status(stream->transfer) != 206 || value == NULL ||
		content_range_read(value, &range) != 0 || range.first != offset)
		return false;
	return range.total < 0 ||
		   (range.last + 1 == range.total && (stream->total < 0 || range.total == stream->total));
}

/* Asks for the rest. The login may have ended meanwhile, so it begins anew. */
static int reopen(struct stream *stream, struct error *err)
{
	call_clear(&stream->call);
	stream->call.is_prepared = stream->call.is_challenged = false;
	stream->transfer = call_open(&stream->call, err);
	if (stream->transfer == NULL)
		return -1;
	stream->begun_at = stream->call.offset;
	if (continues(stream))
		return 0;
	return error_set(err, ERROR_UNREACHABLE,
					 "%s: the connection broke, and the rest from byte %lld on is not to be had",
					 transfer_url(stream->transfer)->label, (long long)stream->call.offset);
}

static int resume(struct stream *stream, struct failure *failure, struct error *err)
{
	struct call *call = &stream->call;
	transfer_end(STEAL(stream->transfer));
	if (call->offset - stream->begun_at >= PROGRESS_BYTES)
		call->tries.made = 0;
	if (!tries_again(&call->tries, failure, call->http->network->hosts)) {
		*err = failure->error;
		return -1;
	}
	return reopen(stream, err);
}

/* A body that only the connection's end has ended, and that ended early, has broken too: bytes that
 * were lost on the way are no reason to call somebody a forger. */
static bool ended_early(const struct stream *stream)
{
	return stream->call.offset < stream->request.size && transfer_is_open_ended(stream->transfer);
}

/* The next bytes of this connection; a size of 0 is the true end of the blob. */
static int pull(struct stream *stream, const uint8_t **bytes, size_t *size, struct failure *failure)
{
	if (transfer_next(stream->transfer, bytes, size, failure) != 0)
		return -1;
	if (*size > 0 || !ended_early(stream))
		return 0;
	failure->kind = FAILURE_PASSING;
	failure->retry_after = -1;
	return error_set(&failure->error, ERROR_UNREACHABLE, "%s: the connection broke",
					 transfer_url(stream->transfer)->label);
}

static int stream_next(struct reader *reader, const uint8_t **bytes, size_t *size,
					   struct error *err)
{
	struct stream *stream = (struct stream *)reader;
	struct failure failure = FAILURE_INIT;
	while (pull(stream, bytes, size, &failure) != 0) {
		if (failure.kind != FAILURE_PASSING) {
			*err = failure.error;
			return -1;
		}
		if (resume(stream, &failure, err) != 0)
			return -1;
	}
	stream->call.offset += (int64_t)*size;
	return call_check_size(&stream->request, stream->transfer, stream->call.offset, err);
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
		if (call_check_size(request, stream->transfer, stream->total, err) == 0)
			return &stream->reader;
	}
	stream_close(&stream->reader);
	return NULL;
}
