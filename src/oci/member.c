#include "member.h"

#include "layerproof/text.h"

bool member_is_set(const struct node *object, const char *name)
{
	struct node member;
	struct error ignored = ERROR_INIT;
	return node_member(object, name, NODE_REQUIRED, &member, &ignored) == 0;
}

size_t member_count(const struct node *object)
{
	size_t count = 0;
	void *position = NULL;
	struct node member;
	while (node_next_member(object, &position, &member))
		count++;
	return count;
}

size_t member_count_fold(const struct node *object, const char *name)
{
	size_t count = 0;
	void *position = NULL;
	struct node member;
	while (node_next_member(object, &position, &member))
		count += text_equal_fold(member.member, name);
	return count;
}

int member_refuse_variants(const struct node *object, const char *const *names, struct error *err)
{
	for (; *names != NULL; names++)
		if (member_count_fold(object, *names) > 1)
			return node_error(object, err,
							  "\"%s\" is there more than once, in upper and lower case", *names);
	return 0;
}

int member_digest(const struct node *node, struct digest *out, struct error *err)
{
	const char *text = NULL;
	if (node_text(node, &text, err) != 0)
		return -1;
	struct error reason = ERROR_INIT;
	if (digest_parse(text, out, &reason) == 0)
		return 0;
	node_error(node, err, "%s", reason.text);
	err->code = reason.code;
	return -1;
}
