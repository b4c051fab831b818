#include "answer.h"

#include <stdbool.h>

#include "layerproof/buffer.h"
#include "layerproof/clock.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "layerproof/node.h"
#include "layerproof/text.h"
#include "tries.h"

enum { REASON_MAX = 200 }; /* bytes of it that go into a text */

/* A member that is text, or NULL: nothing about an error body is an error. */
static const char *text_member(const struct node *object, const char *name)
{
	const char *text = NULL;
	struct error ignored;
	if (node_member_text(object, name, NODE_OPTIONAL, &text, &ignored) != 0)
		return NULL;
	return text;
}

static char *join_reason(const struct node *first)
{
	const char *code = text_member(first, "code");
	const char *message = text_member(first, "message");
	if (code != NULL && message != NULL && message[0] != '\0')
		return memory_format("%s: %s", code, message);
	return memory_copy_text(code != NULL ? code : message);
}

static char *find_reason(const struct node *root)
{
	struct error ignored;
	struct node errors;
	if (node_expect_object(root, &ignored) != 0)
		return NULL;
	if (node_member_array(root, "errors", NODE_OPTIONAL, &errors, &ignored) == 0 &&
		node_count(&errors) > 0) {
		struct node first = node_element(&errors, 0);
		return node_expect_object(&first, &ignored) == 0 ? join_reason(&first) : NULL;
	}
	return memory_copy_text(text_member(root, "details"));
}

char *answer_read_reason(const void *bytes, size_t size)
{
	struct error ignored;
	CLEANUP(json_decref_at) json_t *value = node_parse(bytes, size, "error", &ignored);
	if (value == NULL)
		return NULL;
	struct node root = node_root(value, "error");
	CLEANUP(free_at) char *reason = find_reason(&root);
	if (reason == NULL)
		return NULL;
	CLEANUP(free_at) char *short_reason = memory_format("%.*s", REASON_MAX, reason);
	return text_printable(short_reason);
}

/* The body as far as it comes and is short enough. */
static char *read_reason(struct transfer *transfer)
{
	struct buffer body = BUFFER_INIT(LIMIT_ERROR_BODY_SIZE);
	struct failure broken;
	struct error too_long;
	const uint8_t *bytes = NULL;
	size_t size = 0;
	while (transfer_next(transfer, &bytes, &size, &broken) == 0 && size > 0) {
		if (buffer_add(&body, bytes, size, &too_long) != 0)
			break;
	}
	char *reason = body.size > 0 ? answer_read_reason(body.bytes, body.size) : NULL;
	buffer_clear(&body);
	return reason;
}

static enum error_code code_of(int status)
{
	switch (status) {
	case 404:
	case 410:
		return ERROR_NOT_FOUND;
	case 401:
	case 403:
		return ERROR_DENIED;
	case 429:
		return ERROR_RATE_LIMITED;
	default:
		return ERROR_UNREACHABLE;
	}
}

/* Request Timeout, Too Many Requests, and what servers and their proxies say while they are ill. */
static bool is_passing(int status)
{
	return status == 408 || status == 429 || (status >= 500 && status <= 599);
}

static int64_t read_retry_after(const struct transfer *transfer)
{
	const char *value = transfer_header(transfer, "Retry-After", 0);
	return value == NULL ? -1 : tries_read_retry_after(value, clock_now());
}

void answer_fail(struct transfer *transfer, const char *who, struct failure *failure)
{
	int status = transfer_status(transfer);
	enum error_code code = code_of(status);
	CLEANUP(free_at) char *reason = read_reason(transfer);
	failure->kind = is_passing(status) ? FAILURE_PASSING : FAILURE_FINAL;
	failure->host[0] = '\0';
	failure->retry_after = is_passing(status) ? read_retry_after(transfer) : -1;
	error_set(&failure->error, code, "%s: %s%d%s%s%s", transfer_url(transfer)->label,
			  reason == NULL ? "HTTP status " : "", status, reason == NULL ? "" : " ",
			  reason == NULL ? "" : reason, code == ERROR_DENIED ? who : "");
}
