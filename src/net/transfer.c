#include "transfer.h"

#include <string.h>

#include "layerproof/buffer.h"
#include "layerproof/clock.h"
#include "layerproof/interrupt.h"
#include "layerproof/limits.h"
#include "layerproof/log.h"
#include "layerproof/memory.h"
#include "layerproof/text.h"
#include "secret.h"
#include "shared.h"
#include "transfer_state.h"

enum {
	HELD_BYTES = 256 * 1024, /* of a body, before libcurl is told to pause */
	/* What libcurl reads at a time: of a blob so much that system calls cost little, and no more
	 * than can be held. */
	READ_BYTES = CURL_MAX_WRITE_SIZE,
	STREAM_READ_BYTES = 128 * 1024,
	POLL_MS = 250,
};

/* Adds to what the answer has brought; libcurl calls it again with the same bytes after a pause.
 * It may be called for the sake of another transfer, while the caller looks at what it was given.
 */
static size_t on_body(char *bytes, size_t one, size_t size, void *context)
{
	(void)one;
	struct transfer *transfer = context;
	struct error ignored; /* the bound cannot be passed: the pause comes first */
	bool is_full = transfer->body.size > 0 && transfer->body.size + size > HELD_BYTES;
	if (transfer->is_handed_out || is_full) {
		transfer->is_paused = true;
		return CURL_WRITEFUNC_PAUSE;
	}
	if (buffer_add(&transfer->body, bytes, size, &ignored) != 0)
		return 0;
	if (budget_take_bytes(&transfer->http->network->budget, size, &ignored) != 0) {
		transfer->is_over_budget = true;
		return 0;
	}
	transfer->received += size;
	transfer->http->bytes += size;
	traffic_receive(transfer->http->network->traffic, size);
	return size;
}

/* An empty line ends the headers, unless they were those of an interim answer (RFC 9110, 15.2). */
static size_t on_header(char *bytes, size_t one, size_t size, void *context)
{
	(void)one;
	struct transfer *transfer = context;
	bool is_end = size > 0 && (bytes[0] == '\r' || bytes[0] == '\n');
	bool is_status = size >= 5 && memcmp(bytes, "HTTP/", 5) == 0;
	transfer->header_size += size;
	transfer->header_count += is_end || is_status ? 0 : 1;
	if (transfer_has_too_many_headers(transfer))
		return 0;
	if (is_end && transfer_status(transfer) >= 200)
		transfer->has_headers = true;
	return size;
}

/* What is the same for all requests. */
static void set_options(struct transfer *transfer)
{
	CURL *easy = transfer->easy;
	curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->reason);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "https");
	curl_easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 0L);
	curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(easy, CURLOPT_UNRESTRICTED_AUTH, 0L);
	curl_easy_setopt(easy, CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE);
	curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long)transfer->http->network->times.connect);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "layerproof/" LAYERPROOF_VERSION);
	guard_install(easy, &transfer->guard);
	if (transfer->http->network->ca_file != NULL)
		curl_easy_setopt(easy, CURLOPT_CAINFO, transfer->http->network->ca_file);
}

static struct transfer *transfer_new(struct http *http)
{
	struct transfer *transfer = memory_alloc(1, sizeof *transfer);
	transfer->http = http;
	transfer->easy = curl_easy_init();
	transfer->body = (struct buffer)BUFFER_INIT(HELD_BYTES + CURL_MAX_WRITE_SIZE);
	if (transfer->easy == NULL) {
		free(transfer);
		return NULL;
	}
	set_options(transfer);
	return transfer;
}

void transfer_free(struct transfer *transfer)
{
	if (transfer == NULL)
		return;
	curl_easy_cleanup(transfer->easy);
	buffer_clear(&transfer->body);
	free(transfer);
}

static void add_header(struct transfer *transfer, const char *name, const char *value)
{
	CLEANUP(secret_free_at) char *line = memory_format("%s: %s", name, value);
	transfer->headers = curl_slist_append(transfer->headers, line);
}

/* The types one by one, for a server that does not take the list apart, and behind them the one
 * that old ones want to see (registry-facts 76, 77). */
static void add_accept_lines(struct transfer *transfer, const char *accept)
{
	for (const char *type = accept; *type != '\0'; type += strspn(type, ", ")) {
		CLEANUP(free_at) char *copy = memory_copy_span(type, strcspn(type, ","));
		add_header(transfer, "Accept", copy);
		type += strcspn(type, ",");
	}
	add_header(transfer, "Accept", "application/json");
}

static void clear_headers(struct transfer *transfer)
{
	for (struct curl_slist *line = transfer->headers; line != NULL; line = line->next)
		explicit_bzero(line->data, strlen(line->data));
	curl_slist_free_all(transfer->headers);
	transfer->headers = NULL;
}

static void set_request(struct transfer *transfer, const struct transfer_request *request)
{
	CURL *easy = transfer->easy;
	if (request->accept != NULL && request->is_accept_split)
		add_accept_lines(transfer, request->accept);
	else if (request->accept != NULL)
		add_header(transfer, "Accept", request->accept);
	if (request->authorization != NULL)
		add_header(transfer, "Authorization", request->authorization);
	if (request->etag != NULL)
		add_header(transfer, "If-None-Match", request->etag);
	if (request->way == TRANSFER_FIRST_BYTE)
		add_header(transfer, "Range", "bytes=0-0");
	if (request->offset > 0) {
		CLEANUP(free_at) char *range = memory_format("bytes=%lld-", (long long)request->offset);
		add_header(transfer, "Range", range);
	}
	/* NULL is no header and nothing undone: the bytes as served are what is hashed. */
	curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, request->is_decoded ? "identity" : NULL);
	curl_easy_setopt(easy, CURLOPT_URL, request->url->text);
	curl_easy_setopt(easy, CURLOPT_PROXY, request->proxy == NULL ? "" : request->proxy);
	curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 0L);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT,
					 transfer->is_stream ? 0L : (long)transfer->http->network->times.request);
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE,
					 transfer->is_stream ? (long)STREAM_READ_BYTES : (long)READ_BYTES);
	curl_easy_setopt(easy, CURLOPT_NOBODY, 0L);
	if (request->form != NULL)
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->form);
	else if (request->way == TRANSFER_HEAD)
		curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
	else
		curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
}

static const char *method_of(const struct transfer_request *request)
{
	if (request->form != NULL)
		return "POST";
	return request->way == TRANSFER_HEAD ? "HEAD" : "GET";
}

static void launch(struct transfer *transfer, const struct transfer_request *request)
{
	guard_begin(&transfer->guard, request->reach, request->proxy);
	transfer->is_handed_out = transfer->is_paused = false;
	transfer->has_headers = transfer->was_sent = transfer->is_done = transfer->is_over_budget =
		false;
	transfer->is_idle_too_long = transfer->is_too_slow = false;
	transfer->header_size = transfer->header_count = 0;
	transfer->received = 0;
	transfer->result = CURLE_OK;
	transfer->reason[0] = '\0';
	transfer->begun_ms = transfer->last_byte_ms = transfer->waiting_since_ms = clock_monotonic_ms();
	transfer->window_ms = 0;
	transfer->window_bytes = 0;
	buffer_reset(&transfer->body);
	curl_multi_add_handle(transfer->http->multi, transfer->easy);
}

static void begin(struct transfer *transfer, const struct transfer_request *request)
{
	url_copy(request->url, &transfer->url);
	transfer->registry = request->registry;
	transfer->is_stream = request->time == TRANSFER_STREAM;
	transfer->is_decoded = request->is_decoded;
	transfer->method = method_of(request);
	set_request(transfer, request);
	launch(transfer, request);
}

/* Once more, on a connection of its own. */
static void begin_afresh(struct transfer *transfer, const struct transfer_request *request)
{
	curl_multi_remove_handle(transfer->http->multi, transfer->easy);
	curl_easy_setopt(transfer->easy, CURLOPT_FRESH_CONNECT, 1L);
	launch(transfer, request);
}

/* Tells each transfer that libcurl is through with: other ones may be open on the same handle. */
static void collect_results(CURLM *multi)
{
	int left = 0;
	for (CURLMsg *message; (message = curl_multi_info_read(multi, &left)) != NULL;) {
		struct transfer *transfer = NULL;
		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
		transfer->is_done = true;
		transfer->result = message->data.result;
	}
}

/* Whether a blob has come too slowly for the whole of a window. Only the time that we wait counts,
 * not that in which its bytes are worked on. */
static bool drips(struct transfer *transfer, uint64_t arrived, int64_t now)
{
	int64_t window = transfer_window_seconds(transfer);
	transfer->window_bytes += arrived;
	transfer->window_ms += now - transfer->waiting_since_ms;
	transfer->waiting_since_ms = now;
	if (!transfer->is_stream || transfer->window_ms < window * 1000)
		return false;
	bool is_too_slow = transfer->window_bytes < (uint64_t)(window * LIMIT_SLOWEST_RATE);
	transfer->window_ms = 0;
	transfer->window_bytes = 0;
	return is_too_slow;
}

/* Who was asked to end finishes what is answered, and waits for nobody who is silent. */
static int64_t longest_silence_ms(const struct transfer *transfer)
{
	int seconds = transfer->http->network->times.idle;
	if (interrupt_requested() && seconds > LIMIT_INTERRUPTED_SECONDS)
		seconds = LIMIT_INTERRUPTED_SECONDS;
	return seconds * INT64_C(1000);
}

/* Lets libcurl work once, and wait if nothing came of it. */
static void step(struct transfer *transfer)
{
	CURLM *multi = transfer->http->multi;
	uint64_t before = transfer->received + transfer->header_size;
	int running = 0;
	CURLMcode code = curl_multi_perform(multi, &running);
	collect_results(multi);
	if (code != CURLM_OK && !transfer->is_done) {
		transfer->is_done = true;
		transfer->result = CURLE_FAILED_INIT;
	}
	if (transfer->is_done)
		return;
	int64_t now = clock_monotonic_ms();
	uint64_t arrived = transfer->received + transfer->header_size - before;
	if (drips(transfer, arrived, now))
		transfer->is_done = transfer->is_too_slow = true;
	else if (arrived > 0)
		transfer->last_byte_ms = now;
	else if (now - transfer->last_byte_ms > longest_silence_ms(transfer))
		transfer->is_done = transfer->is_idle_too_long = true;
	else
		(void)curl_multi_poll(multi, NULL, 0, POLL_MS, NULL);
}

static bool has_failed(const struct transfer *transfer)
{
	return transfer->is_done && (transfer->result != CURLE_OK || transfer_has_stalled(transfer));
}

/* A request counts once there is a connection that it went out on. */
static void count_request(struct transfer *transfer)
{
	transfer->was_sent = !transfer_is_unconnected(transfer) && !guard_has_stopped(&transfer->guard);
	if (transfer->was_sent)
		transfer->http->requests++;
}

static void await_headers(struct transfer *transfer)
{
	while (!transfer->has_headers && !transfer->is_done)
		step(transfer);
}

/* RFC 9112, section 6.3, item 5: nobody knows where such an answer ends. */
static bool has_two_lengths(const struct transfer *transfer)
{
	const char *second = transfer_header(transfer, "Content-Length", 1);
	if (second == NULL)
		return false;
	CLEANUP(free_at) char *copy = memory_copy_text(second);
	return strcmp(copy, transfer_header(transfer, "Content-Length", 0)) != 0;
}

struct transfer *transfer_start(struct http *http, const struct transfer_request *request,
								struct failure *failure)
{
	struct transfer *transfer = http->idle != NULL ? STEAL(http->idle) : transfer_new(http);
	if (transfer == NULL) {
		failure->kind = FAILURE_FINAL;
		error_set(&failure->error, ERROR_SYSTEM, "libcurl has no memory for a request");
		return NULL;
	}
	begin(transfer, request);
	await_headers(transfer);
	if (transfer->guard.is_stale) {
		begin_afresh(transfer, request);
		await_headers(transfer);
	}
	count_request(transfer);
	transfer->has_two_lengths = transfer->has_headers && has_two_lengths(transfer);
	if (transfer->has_headers && !transfer->has_two_lengths)
		return transfer;
	transfer_set_failure(transfer, failure);
	transfer_end(transfer);
	return NULL;
}

/* The names of the headers that are ours, and of a secret no more than its kind. */
static char *headers_for_log(const struct transfer *transfer)
{
	char *text = memory_copy_text("");
	for (const struct curl_slist *line = transfer->headers; line != NULL; line = line->next) {
		const char *secret = "Authorization: ";
		bool is_secret = text_starts_with(line->data, secret);
		size_t size = strcspn(line->data, ":");
		if (is_secret)
			size = strlen(secret) + strcspn(line->data + strlen(secret), " ");
		CLEANUP(free_at) char *before = text;
		text = memory_format("%s%s%.*s%s", before, *before == '\0' ? "" : ", ", (int)size,
							 line->data, is_secret ? " ..." : "");
	}
	return text;
}

static void write_log(const struct transfer *transfer)
{
	if (log_get_level() < LOG_DEBUG)
		return;
	CLEANUP(free_at) char *name = url_without_query(&transfer->url);
	CLEANUP(free_at) char *headers = headers_for_log(transfer);
	const char *query = strchr(transfer->url.text, '?') == NULL ? "" : "?...";
	log_debug("%s %s%s (%s): %d, %llu bytes, %lld ms", transfer->method, name, query, headers,
			  transfer_status(transfer), (unsigned long long)transfer->received,
			  (long long)(clock_monotonic_ms() - transfer->begun_ms));
}

void transfer_end(struct transfer *transfer)
{
	if (transfer == NULL)
		return;
	struct http *http = transfer->http;
	write_log(transfer);
	traffic_end(http->network->traffic, transfer->url.label, transfer->was_sent ? 1 : 0,
				transfer->received);
	curl_multi_remove_handle(http->multi, transfer->easy);
	curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, NULL);
	clear_headers(transfer);
	url_clear(&transfer->url);
	if (http->idle == NULL)
		http->idle = transfer;
	else
		transfer_free(transfer);
}

void transfer_end_at(struct transfer **transfer)
{
	transfer_end(*transfer);
}

bool transfer_sent(const struct transfer *transfer, const char *authorization)
{
	static const char name[] = "Authorization: ";
	for (const struct curl_slist *line = transfer->headers; line != NULL; line = line->next) {
		if (text_starts_with(line->data, name) &&
			strcmp(line->data + strlen(name), authorization) == 0)
			return true;
	}
	return false;
}

int transfer_status(const struct transfer *transfer)
{
	long status = 0;
	curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
	return (int)status;
}

bool transfer_is_public(const struct transfer *transfer)
{
	return guard_is_public(&transfer->guard, transfer->easy, &transfer->url);
}

const struct url *transfer_url(const struct transfer *transfer)
{
	return &transfer->url;
}

const char *transfer_header(const struct transfer *transfer, const char *name, size_t place)
{
	struct curl_header *header = NULL;
	CURLHcode code = curl_easy_header(transfer->easy, name, place, CURLH_HEADER, -1, &header);
	return code == CURLHE_OK ? header->value : NULL;
}

bool transfer_is_encoded(const struct transfer *transfer)
{
	const char *encoding = transfer_header(transfer, "Content-Encoding", 0);
	return encoding != NULL && *encoding != '\0' && strcasecmp(encoding, "identity") != 0;
}

/* Bytes on the wire. */
static int64_t wire_length(const struct transfer *transfer)
{
	curl_off_t length = -1;
	curl_easy_getinfo(transfer->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
	return length;
}

int64_t transfer_content_length(const struct transfer *transfer)
{
	return transfer->is_decoded && transfer_is_encoded(transfer) ? -1 : wire_length(transfer);
}

int64_t transfer_bytes_to_come(const struct transfer *transfer)
{
	int64_t length = transfer_content_length(transfer);
	return length < 0 ? -1 : length - (int64_t)transfer->received;
}

bool transfer_is_open_ended(const struct transfer *transfer)
{
	long version = 0;
	curl_easy_getinfo(transfer->easy, CURLINFO_HTTP_VERSION, &version);
	return version < CURL_HTTP_VERSION_2_0 && wire_length(transfer) < 0 &&
		   transfer_header(transfer, "Transfer-Encoding", 0) == NULL;
}

/* Takes back what the last call handed out, and lets libcurl go on. */
static void make_room(struct transfer *transfer)
{
	if (transfer->is_handed_out)
		buffer_reset(&transfer->body);
	transfer->is_handed_out = false;
	if (!transfer->is_paused)
		return;
	transfer->is_paused = false;
	transfer->last_byte_ms = clock_monotonic_ms();
	(void)curl_easy_pause(transfer->easy, CURLPAUSE_CONT);
}

int transfer_next(struct transfer *transfer, const uint8_t **bytes, size_t *size,
				  struct failure *failure)
{
	make_room(transfer);
	transfer->last_byte_ms = transfer->waiting_since_ms = clock_monotonic_ms();
	while (transfer->body.size == 0 && !transfer->is_done)
		step(transfer);
	if (transfer->body.size == 0 && has_failed(transfer)) {
		transfer_set_failure(transfer, failure);
		return -1;
	}
	*bytes = (const uint8_t *)transfer->body.bytes;
	*size = transfer->body.size;
	transfer->is_handed_out = true;
	return 0;
}

void transfer_drain(struct transfer *transfer)
{
	struct failure ignored;
	const uint8_t *bytes = NULL;
	size_t size = 1;
	size_t total = 0;
	while (size > 0 && total <= (size_t)LIMIT_ERROR_BODY_SIZE &&
		   transfer_next(transfer, &bytes, &size, &ignored) == 0)
		total += size;
}
