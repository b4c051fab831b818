#include "answer.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "layerproof/buffer.h"
#include "layerproof/clock.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "layerproof/node.h"
#include "layerproof/text.h"
#include "secret.h"

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

static bool is_one_of(const char *code, const char *const *codes)
{
	for (; code != NULL && *codes != NULL; codes++) {
		if (strcmp(code, *codes) == 0)
			return true;
	}
	return false;
}

static char *join_reason(const struct node *first, struct answer_reason *out)
{
	static const char *const contents[] = {"MANIFEST_UNKNOWN", "BLOB_UNKNOWN", NULL};
	static const char *const names[] = {"NAME_UNKNOWN", NULL};
	const char *code = text_member(first, "code");
	const char *message = text_member(first, "message");
	out->is_unknown_content = is_one_of(code, contents);
	out->is_unknown = out->is_unknown_content || is_one_of(code, names);
	if (code != NULL && message != NULL && message[0] != '\0')
		return memory_format("%s: %s", code, message);
	return memory_copy_text(code != NULL ? code : message);
}

static char *find_reason(const struct node *root, struct answer_reason *out)
{
	struct error ignored;
	struct node errors;
	if (node_expect_object(root, &ignored) != 0)
		return NULL;
	if (node_member_array(root, "errors", NODE_OPTIONAL, &errors, &ignored) == 0 &&
		node_count(&errors) > 0) {
		struct node first = node_element(&errors, 0);
		return node_expect_object(&first, &ignored) == 0 ? join_reason(&first, out) : NULL;
	}
	return memory_copy_text(text_member(root, "details"));
}

/* Judged before it is cut: what is left of a secret is one too. */
static bool repeats_secret(const char *text, const struct answer_secrets *secrets)
{
	for (size_t i = 0; i < secrets->count; i++) {
		if (secrets->list[i] != NULL && secret_is_in(text, secrets->list[i]))
			return true;
	}
	return false;
}

void answer_read_reason(const void *bytes, size_t size, const struct answer_secrets *secrets,
						struct answer_reason *out)
{
	struct error ignored;
	*out = (struct answer_reason){.text = NULL};
	CLEANUP(secret_json_free_at) json_t *value = node_parse(bytes, size, "error", &ignored);
	if (value == NULL)
		return;
	struct node root = node_root(value, "error");
	CLEANUP(secret_free_at) char *reason = find_reason(&root, out);
	if (reason == NULL)
		return;
	if (repeats_secret(reason, secrets)) {
		out->text = memory_copy_text("(its reason repeats a secret of ours)");
		return;
	}
	CLEANUP(free_at) char *short_reason = memory_format("%.*s", REASON_MAX, reason);
	out->text = text_printable(short_reason);
}

/* The body as far as it comes and is short enough. */
static void read_reason(struct transfer *transfer, const struct answer_secrets *secrets,
						struct answer_reason *out)
{
	CLEANUP(secret_buffer_clear) struct buffer body = BUFFER_INIT(LIMIT_ERROR_BODY_SIZE);
	struct failure broken;
	struct error too_long;
	const uint8_t *bytes = NULL;
	size_t size = 0;
	while (transfer_next(transfer, &bytes, &size, &broken) == 0 && size > 0) {
		if (buffer_add(&body, bytes, size, &too_long) != 0) {
			buffer_reset(&body); /* how much of it is there is a matter of chance */
			break;
		}
	}
	answer_read_reason(body.bytes, body.size, secrets, out);
}

/* The status decides; what some send as a bad request is told by the code alone. */
static enum error_code code_of(int status, const struct answer_reason *reason)
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
		return status >= 400 && status <= 499 && reason->is_unknown ? ERROR_NOT_FOUND
																	: ERROR_UNREACHABLE;
	}
}

/* Request Timeout, Too Many Requests, and what servers and their proxies say while they are ill. */
static bool is_passing(int status)
{
	return status == 408 || status == 429 || (status >= 500 && status <= 599);
}

void answer_rate_limit(const struct transfer *transfer, struct rate_limit *out)
{
	*out = (struct rate_limit)RATE_LIMIT_INIT;
	for (const char *const *name = RATE_LIMIT_HEADERS; *name != NULL; name++) {
		const char *value = transfer_header(transfer, *name, 0);
		if (value != NULL)
			rate_limit_read(*name, value, clock_now(), out);
	}
}

/* Docker Hub says how long its window is, not when it ends: it has ended by then. */
static int64_t read_wish(const struct transfer *transfer, int status)
{
	struct rate_limit limit;
	answer_rate_limit(transfer, &limit);
	if (limit.retry >= 0 || status != 429)
		return limit.retry;
	if (limit.remaining == 0)
		return limit.reset >= 0 ? limit.reset : limit.window;
	return -1;
}

/* A registry that says which content of a repository it lacks, or that it is gone, lets the
 * repository be seen. */
static bool may_be_hidden(int status, enum error_code code, const struct answer_reason *reason)
{
	return code == ERROR_DENIED ||
		   (code == ERROR_NOT_FOUND && status != 410 && !reason->is_unknown_content);
}

void answer_fail(struct transfer *transfer, const struct answer_secrets *secrets,
				 struct failure *failure)
{
	int status = transfer_status(transfer);
	struct answer_reason reason;
	read_reason(transfer, secrets, &reason);
	enum error_code code = code_of(status, &reason);
	bool has_reason = reason.text != NULL;
	failure->kind = is_passing(status) ? FAILURE_PASSING : FAILURE_FINAL;
	(void)snprintf(failure->host, sizeof failure->host, "%s", transfer_url(transfer)->label);
	failure->retry_after = is_passing(status) ? read_wish(transfer, status) : -1;
	failure->may_be_hidden = may_be_hidden(status, code, &reason);
	error_set(&failure->error, code, "%s: %s%d%s%s", transfer_url(transfer)->label,
			  has_reason ? "" : "HTTP status ", status, has_reason ? " " : "",
			  has_reason ? reason.text : "");
	free(reason.text);
}
