#include "signed_payload.h"

#include <string.h>

#include "layerproof/base64.h"
#include "layerproof/memory.h"
#include "member.h"

/* What a protected header says. */
struct format {
	int64_t length;
	char *tail;
	size_t tail_size;
};

static void format_clear(struct format *format)
{
	free(format->tail);
	format->tail = NULL;
}

static int decode_member(const struct node *object, const char *name, char **out, size_t *out_size,
						 struct error *err)
{
	struct node member;
	const char *text = NULL;
	if (node_member(object, name, NODE_REQUIRED, &member, err) != 0 ||
		node_text(&member, &text, err) != 0)
		return -1;
	size_t size = strlen(text);
	char *decoded CLEANUP(free_at) = memory_alloc(BASE64_DECODED_ROOM(size), 1);
	if (base64_decode(BASE64_URL, text, size, (uint8_t *)decoded, out_size) != 0)
		return node_error(&member, err, "not base64url");
	*out = STEAL(decoded);
	return 0;
}

static int read_format(const struct node *signature, struct format *out, struct error *err)
{
	char *header CLEANUP(free_at) = NULL;
	size_t header_size = 0;
	if (node_expect_object(signature, err) != 0 ||
		decode_member(signature, "protected", &header, &header_size, err) != 0)
		return -1;
	json_t *value CLEANUP(json_decref_at) = node_parse(header, header_size, "protected", err);
	if (value == NULL)
		return -1;
	struct node root = node_root(value, "protected");
	if (node_expect_object(&root, err) != 0 ||
		node_member_size(&root, "formatLength", NODE_REQUIRED, &out->length, err) != 0)
		return -1;
	return decode_member(&root, "formatTail", &out->tail, &out->tail_size, err);
}

static bool format_equal(const struct format *a, const struct format *b)
{
	return a->length == b->length && a->tail_size == b->tail_size &&
		   memcmp(a->tail, b->tail, a->tail_size) == 0;
}

/* Reads the first signature's format and holds the others to it. */
static int read_common_format(const struct node *signatures, struct format *out, struct error *err)
{
	struct node first = node_element(signatures, 0);
	if (read_format(&first, out, err) != 0)
		return -1;
	for (size_t i = 1; i < node_count(signatures); i++) {
		struct format other CLEANUP(format_clear) = {.tail = NULL};
		struct node signature = node_element(signatures, i);
		if (read_format(&signature, &other, err) != 0)
			return -1;
		if (!format_equal(out, &other))
			return node_error(&signature, err, "disagrees with the first about the payload");
	}
	return 0;
}

/* libtrust cuts in front of the blanks before the closing brace: nothing else can be in a tail. */
static bool tail_only_closes(const struct format *format)
{
	static const char BLANKS[] = " \t\r\n";
	bool closed = false;
	for (size_t i = 0; i < format->tail_size; i++) {
		char letter = format->tail[i];
		if (letter == '}' && !closed)
			closed = true;
		else if (letter == '\0' || strchr(BLANKS, letter) == NULL)
			return false;
	}
	return closed;
}

/* The payload begins with bytes of the body and then only closes, so its members are the body's
 * first; that it has all but one of them, and not the signatures, makes it the body without them.
 */
static int check_payload(const struct node *root, const struct buffer *payload, struct error *err)
{
	json_t *value CLEANUP(json_decref_at) = node_parse(payload->bytes, payload->size,
													   "signed payload", err);
	if (value == NULL)
		return -1;
	struct node kept = node_root(value, "signed payload");
	if (member_count(&kept) + 1 != member_count(root) || member_is_set(&kept, "signatures"))
		return node_error(root, err, "the signed payload is not the document without signatures");
	return 0;
}

int signed_payload_read(const struct node *root, const char *bytes, size_t size, struct buffer *out,
						struct error *err)
{
	struct node signatures;
	struct format format CLEANUP(format_clear) = {.tail = NULL};
	if (node_member_array(root, "signatures", NODE_REQUIRED, &signatures, err) != 0)
		return -1;
	if (node_count(&signatures) == 0)
		return node_error(&signatures, err, "is empty");
	if (read_common_format(&signatures, &format, err) != 0)
		return -1;
	if ((uint64_t)format.length > size || !tail_only_closes(&format))
		return node_error(root, err, "formatLength and formatTail do not describe this document");
	if (buffer_add(out, bytes, (size_t)format.length, err) != 0 ||
		buffer_add(out, format.tail, format.tail_size, err) != 0)
		return -1;
	return check_payload(root, out, err);
}
