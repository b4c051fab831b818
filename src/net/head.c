/*
 * head: whether something is there, asked without having it sent (registry-facts 2, 74, 75).
 */
#include <string.h>

#include "call.h"
#include "content_range.h"
#include "exchange.h"
#include "layerproof/http.h"
#include "layerproof/memory.h"
#include "shared.h"

/* Bytes of the whole: a range says so beside its own. */
static int64_t whole_length(const struct transfer *transfer)
{
	struct content_range range;
	if (transfer_status(transfer) != 206)
		return transfer_content_length(transfer);
	const char *value = transfer_header(transfer, "Content-Range", 0);
	return value != NULL && content_range_read(value, &range) == 0 ? range.total : -1;
}

/* The headers of an answer, whose body is left where it is. `*status` is that of the last answer
 * there was; 0 when nobody answered. */
static int ask(struct call *call, struct http_answer *out, int *status, struct error *err)
{
	CLEANUP(transfer_end_at) struct transfer *transfer = call_open(call, err);
	*status = call->status;
	if (transfer == NULL)
		return -1;
	*out = (struct http_answer){.length = whole_length(transfer)};
	http_answer_take_headers(out, transfer);
	if (call->way == TRANSFER_HEAD)
		transfer_drain(transfer);
	exchange_succeeded(call->http, transfer);
	return 0;
}

static int ask_in_a_way(struct http *http, const struct http_request *request,
						enum transfer_way way, struct http_answer *out, int *status,
						struct error *err)
{
	struct call call = {.http = http, .request = request, .time = TRANSFER_BOUNDED, .way = way};
	int result = ask(&call, out, status, err);
	call_forget_login(&call);
	return result;
}

/* An answer by which HEAD itself may be meant. A refused login and a used-up quota are meant for
 * GET too, and where nobody answers there is nothing to learn. */
static bool may_mean_head(int status)
{
	return status != 0 && status != 401 && status != 429;
}

static int ask_by_get(struct http *http, const struct http_request *request,
					  enum http_content content, struct http_answer *out, struct error *err)
{
	int status;
	if (content == HTTP_DOCUMENT)
		return http_get(http, request, out, err);
	return ask_in_a_way(http, request, TRANSFER_FIRST_BYTE, out, &status, err);
}

int http_head(struct http *http, const struct http_request *request, enum http_content content,
			  struct http_answer *out, struct error *err)
{
	struct habits *habits = http->network->habits;
	int status;
	if (habits_has(habits, request->host, HABIT_NO_HEAD))
		return ask_by_get(http, request, content, out, err);
	if (ask_in_a_way(http, request, TRANSFER_HEAD, out, &status, err) == 0)
		return 0;
	if (!may_mean_head(status))
		return -1;
	if (ask_by_get(http, request, content, out, err) != 0)
		return -1;
	habits_learn(habits, request->host, HABIT_NO_HEAD);
	return 0;
}
