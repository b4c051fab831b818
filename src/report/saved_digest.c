#include "saved_digest.h"

int saved_digest_read(const struct node *object, const char *name, enum node_presence presence,
					  struct digest *out, struct error *err)
{
	struct node member;
	struct error reason = ERROR_INIT;
	const char *text;
	*out = (struct digest){.algorithm = DIGEST_NONE};
	if (node_member(object, name, presence, &member, err) != 0)
		return -1;
	if (!node_is_set(&member))
		return 0;
	if (node_text(&member, &text, err) != 0)
		return -1;
	if (digest_parse(text, out, &reason) == 0)
		return 0;
	return node_error(&member, err, "%s", reason.text);
}
