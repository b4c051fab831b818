#include "layerproof/http.h"

#include <string.h>

#include "call.h"
#include "exchange.h"
#include "layerproof/buffer.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "next_page.h"
#include "shared.h"
#include "transfer.h"

/* A registry, its token server, its blob store, and one more. */
enum { CONNECTIONS_KEPT = 4 };

struct http *http_new(struct network *network, struct error *err)
{
	CURLM *multi = curl_multi_init();
	if (multi == NULL) {
		error_set(err, ERROR_SYSTEM, "libcurl has no memory for connections");
		return NULL;
	}
	curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS_KEPT);
	struct http *http = memory_alloc(1, sizeof *http);
	*http = (struct http){.network = network, .multi = multi};
	return http;
}

void http_free(struct http *http)
{
	if (http == NULL)
		return;
	transfer_free(http->idle);
	url_clear(&http->root);
	free(http->root_host);
	curl_multi_cleanup(http->multi);
	free(http);
}

void http_count(const struct http *http, uint64_t *requests, uint64_t *bytes)
{
	*requests = http->requests;
	*bytes = http->bytes;
}

void http_begin_work(struct http *http, int refusals)
{
	http->has_other_work = true;
	http->refusals = refusals;
	http->come_back_ms = 0;
}

int64_t http_comes_back(const struct http *http, int *refusals)
{
	*refusals = http->refusals;
	return http->come_back_ms;
}

static int fail(struct failure *failure)
{
	failure->kind = FAILURE_FINAL;
	return -1;
}

/* Not more than `maximum` can be added: the size is checked before. */
static int read_body(struct transfer *transfer, const struct http_request *request,
					 struct buffer *out, struct failure *failure)
{
	if (call_check_size(request, transfer, transfer_content_length(transfer), &failure->error) != 0)
		return fail(failure);
	for (;;) {
		const uint8_t *bytes = NULL;
		size_t size = 0;
		if (transfer_next(transfer, &bytes, &size, failure) != 0)
			return -1;
		if (size == 0)
			return 0;
		int64_t total = (int64_t)(out->size + size);
		if (call_check_size(request, transfer, total, &failure->error) != 0 ||
			buffer_add(out, bytes, size, &failure->error) != 0)
			return fail(failure);
	}
}

/* An entity-tag (RFC 9110, section 8.8.3), printable and of a length to be sent back: `W/"..."` or
 * `"..."`. */
static bool is_etag(const char *value)
{
	const char *at = strncmp(value, "W/", 2) == 0 ? value + 2 : value;
	size_t size = strlen(at);
	if (size < 2 || size > LIMIT_ETAG_SIZE || at[0] != '"' || at[size - 1] != '"')
		return false;
	for (size_t i = 1; i + 1 < size; i++)
		if (at[i] <= ' ' || at[i] == '"' || at[i] > '~')
			return false;
	return true;
}

bool http_counts_gets(struct http *http, const char *host)
{
	return strcmp(host, "registry-1.docker.io") == 0 ||
		   habits_has(http->network->habits, host, HABIT_COUNTS_GETS);
}

static void learn_counting(const struct call *call, const struct transfer *transfer)
{
	if (transfer_header(transfer, "RateLimit-Limit", 0) != NULL ||
		transfer_header(transfer, "RateLimit-Remaining", 0) != NULL)
		habits_learn(call->http->network->habits, call->request->host, HABIT_COUNTS_GETS);
}

void http_answer_take_headers(struct http_answer *answer, const struct transfer *transfer)
{
	answer->media_type = memory_copy_text(transfer_header(transfer, "Content-Type", 0));
	answer->content_digest = memory_copy_text(
		transfer_header(transfer, "Docker-Content-Digest", 0));
	const char *etag = transfer_header(transfer, "ETag", 0);
	answer->etag = etag != NULL && is_etag(etag) ? memory_copy_text(etag) : NULL;
}

static int read_answer(struct transfer *transfer, const struct call *call, struct http_answer *out,
					   struct failure *failure)
{
	struct buffer body = BUFFER_INIT(call->request->maximum);
	if (transfer_status(transfer) == 304) {
		*out = (struct http_answer){.length = -1};
		transfer_drain(transfer);
	} else if (read_body(transfer, call->request, &body, failure) == 0) {
		*out = (struct http_answer){.size = body.size, .length = (int64_t)body.size};
		out->bytes = buffer_steal(&body);
	} else {
		buffer_clear(&body);
		return -1;
	}
	http_answer_take_headers(out, transfer);
	learn_counting(call, transfer);
	if (!call->request->is_page ||
		next_page_read(transfer, &call->http->root, &out->next_page, &failure->error) == 0)
		return 0;
	http_answer_clear(out);
	return fail(failure);
}

static int get(struct call *call, struct http_answer *out, struct error *err)
{
	struct failure failure = FAILURE_INIT;
	do {
		CLEANUP(transfer_end_at) struct transfer *transfer = call_open(call, err);
		if (transfer == NULL)
			return -1;
		if (read_answer(transfer, call, out, &failure) == 0) {
			exchange_succeeded(call->http, transfer);
			return 0;
		}
	} while (tries_again(&call->tries, &failure, call->http));
	*err = failure.error;
	return -1;
}

static int get_once(struct http *http, const struct http_request *request, struct http_answer *out,
					struct error *err)
{
	struct call call = {.http = http, .request = request, .time = TRANSFER_BOUNDED};
	int result = get(&call, out, err);
	call_forget_login(&call);
	return result;
}

bool http_was_encoded(const struct http *http)
{
	return http->was_encoded;
}

static bool has_digest(const struct http_answer *answer, const struct digest *digest)
{
	struct digest computed;
	if (digest == NULL || !digest_is_set(digest))
		return false;
	digest_of(digest->algorithm, answer->bytes, answer->size, &computed);
	return digest_equal(&computed, digest);
}

/* Whether the body, which may be longer than was declared, is a document that was encoded on its
 * way: JSON that is an object begins with a brace. */
static bool is_veiled(const struct http_answer *answer, const struct digest *digest)
{
	return answer->bytes[strspn(answer->bytes, " \t\r\n")] != '{' && !has_digest(answer, digest);
}

int http_get(struct http *http, const struct http_request *request, struct http_answer *out,
			 struct error *err)
{
	struct error reason = ERROR_INIT;
	struct error ignored = ERROR_INIT;
	struct http_answer decoded;
	struct http_request again = *request;
	again.is_decoded = true;
	http->was_encoded = false;
	int result = get_once(http, request, out, &reason);
	bool is_wrong = result == 0 ? out->bytes != NULL && is_veiled(out, request->digest)
								: reason.code == ERROR_TAMPERED;
	if (http->was_encoded && is_wrong && get_once(http, &again, &decoded, &ignored) == 0) {
		if (result == 0)
			http_answer_clear(out);
		*out = decoded;
		return 0;
	}
	if (result != 0)
		*err = reason;
	return result;
}

void http_answer_clear(struct http_answer *answer)
{
	free(answer->bytes);
	free(answer->media_type);
	free(answer->content_digest);
	free(answer->etag);
	free(answer->next_page);
	*answer = (struct http_answer){.bytes = NULL};
}
