#include <stdio.h>
#include <string.h>

#include "layerproof/interrupt.h"
#include "layerproof/limits.h"
#include "shared.h"
#include "transfer_state.h"

bool transfer_has_too_many_headers(const struct transfer *transfer)
{
	return transfer->header_size > (size_t)LIMIT_HEADERS_SIZE ||
		   transfer->header_count > LIMIT_HEADERS;
}

bool transfer_is_unconnected(const struct transfer *transfer)
{
	curl_off_t before_request = 0;
	curl_easy_getinfo(transfer->easy, CURLINFO_PRETRANSFER_TIME_T, &before_request);
	return before_request == 0;
}

bool transfer_has_stalled(const struct transfer *transfer)
{
	return transfer->is_idle_too_long || transfer->is_too_slow;
}

int64_t transfer_window_seconds(const struct transfer *transfer)
{
	return INT64_C(2) * transfer->http->network->times.idle;
}

static void set_text(const struct transfer *transfer, struct failure *failure, const char *text,
					 const char *detail)
{
	error_set(&failure->error, ERROR_UNREACHABLE, "%s: %s%s%s", transfer->url.label, text,
			  detail[0] == '\0' ? "" : ": ", detail);
}

static const char *connect_reason(const struct transfer *transfer)
{
	long number = 0;
	curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &number);
	const char *reason = strerrordesc_np((int)number);
	return number == 0 || reason == NULL ? "" : reason;
}

/* What libcurl writes down for a time-out or a refusal holds milliseconds, which would make equal
 * runs differ: such texts are our own. */
static void set_time_out(const struct transfer *transfer, struct failure *failure)
{
	char text[64];
	const struct network_times *times = &transfer->http->network->times;
	if (transfer->is_idle_too_long && interrupt_requested()) {
		failure->kind = FAILURE_FINAL;
		error_set(&failure->error, ERROR_INTERRUPTED, "%s: interrupted while an answer was awaited",
				  transfer->url.label);
		return;
	}
	failure->kind = transfer_is_unconnected(transfer) ? FAILURE_CONNECT : FAILURE_SILENT;
	if (failure->kind == FAILURE_CONNECT)
		(void)snprintf(text, sizeof text, "no connection within %d s", times->connect);
	else if (transfer->is_idle_too_long)
		(void)snprintf(text, sizeof text, "no byte for %d s", times->idle);
	else if (transfer->is_too_slow)
		(void)snprintf(text, sizeof text, "fewer than %d bytes a second for %lld s",
					   LIMIT_SLOWEST_RATE, (long long)transfer_window_seconds(transfer));
	else
		(void)snprintf(text, sizeof text, "not done within %d s", times->request);
	set_text(transfer, failure, text, "");
}

/* What a proxy answered when it was asked for a connection through it, if that was a refusal. */
static long proxy_refusal(const struct transfer *transfer)
{
	long status = 0;
	curl_easy_getinfo(transfer->easy, CURLINFO_HTTP_CONNECTCODE, &status);
	return status >= 300 ? status : 0;
}

/* It may still pass on plain HTTP: many let nobody through but to port 443. One that asks for a
 * password (RFC 9110, section 15.5.8) asks for it there too. */
static void set_proxy_refusal(const struct transfer *transfer, struct failure *failure)
{
	long status = proxy_refusal(transfer);
	failure->kind = status == 407 ? FAILURE_FINAL : FAILURE_NOT_TLS;
	error_set(&failure->error, ERROR_UNREACHABLE, "%s: the proxy refuses: HTTP status %ld",
			  transfer->url.label, status);
}

static void set_headers(const struct transfer *transfer, struct failure *failure)
{
	failure->kind = FAILURE_FINAL;
	if (transfer->header_count > LIMIT_HEADERS)
		error_set(&failure->error, ERROR_OVER_LIMIT, "%s: more than %d headers",
				  transfer->url.label, LIMIT_HEADERS);
	else
		error_set(&failure->error, ERROR_OVER_LIMIT, "%s: headers of more than %lld bytes",
				  transfer->url.label, (long long)LIMIT_HEADERS_SIZE);
}

static void set_result(const struct transfer *transfer, struct failure *failure)
{
	failure->kind = FAILURE_FINAL;
	switch (transfer->result) {
	case CURLE_COULDNT_RESOLVE_HOST:
		failure->kind = FAILURE_CONNECT;
		set_text(transfer, failure, "the name cannot be resolved", "");
		break;
	case CURLE_COULDNT_RESOLVE_PROXY:
		failure->kind = FAILURE_CONNECT;
		set_text(transfer, failure, "the proxy's name cannot be resolved", "");
		break;
	case CURLE_COULDNT_CONNECT:
		failure->kind = FAILURE_CONNECT;
		set_text(transfer, failure, "cannot connect", connect_reason(transfer));
		break;
	case CURLE_SSL_CONNECT_ERROR:
		failure->kind = FAILURE_NOT_TLS;
		set_text(transfer, failure, "no TLS connection", transfer->reason);
		break;
	case CURLE_PEER_FAILED_VERIFICATION:
		set_text(transfer, failure, "certificate not trusted", transfer->reason);
		break;
	case CURLE_GOT_NOTHING:
	case CURLE_PARTIAL_FILE:
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
	case CURLE_HTTP2:
	case CURLE_HTTP2_STREAM:
		failure->kind = FAILURE_PASSING;
		set_text(transfer, failure, "the connection broke", "");
		break;
	case CURLE_OK: /* an interim answer that nothing came behind */
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_WEIRD_SERVER_REPLY:
		set_text(transfer, failure, "the answer is not HTTP", "");
		break;
	default:
		set_text(transfer, failure, curl_easy_strerror(transfer->result), "");
		break;
	}
}

/* libcurl hands on whole lines alone, and calls one that it has no room for a lack of memory. */
static bool has_endless_header(const struct transfer *transfer)
{
	return transfer->result == CURLE_OUT_OF_MEMORY && !transfer->has_headers &&
		   !transfer_is_unconnected(transfer);
}

void transfer_set_failure(const struct transfer *transfer, struct failure *failure)
{
	failure->retry_after = -1;
	(void)snprintf(failure->host, sizeof failure->host, "%s", transfer->url.label);
	if (transfer_has_too_many_headers(transfer) || has_endless_header(transfer)) {
		set_headers(transfer, failure);
	} else if (transfer->has_two_lengths) {
		failure->kind = FAILURE_FINAL;
		set_text(transfer, failure, "the answer has two lengths", "");
	} else if (guard_has_stopped(&transfer->guard)) {
		failure->kind = FAILURE_FINAL;
		guard_explain(&transfer->guard, &transfer->url, transfer->registry, &failure->error);
	} else if (transfer->is_over_budget) {
		failure->kind = FAILURE_FINAL;
		(void)budget_foresee(&transfer->http->network->budget, INT64_MAX, &failure->error);
	} else if (transfer_has_stalled(transfer) || transfer->result == CURLE_OPERATION_TIMEDOUT) {
		set_time_out(transfer, failure);
	} else if (transfer_is_unconnected(transfer) && proxy_refusal(transfer) != 0) {
		set_proxy_refusal(transfer, failure);
	} else {
		set_result(transfer, failure);
	}
}
