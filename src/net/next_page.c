#include "next_page.h"

#include <string.h>

#include "layerproof/memory.h"
#include "layerproof/text.h"

/* What one link leads to and is, `<TARGET>; rel="next"`. */
struct link {
	const char *target;
	size_t target_size;
	const char *parameters;
	size_t parameters_size;
};

/* The first link of a header's value, and `*text` behind it: 1, 0 at the end, -1 for none. */
static int next_link(const char **text, struct link *out)
{
	*text += strspn(*text, " \t,");
	if (**text == '\0')
		return 0;
	const char *end = **text == '<' ? strchr(*text, '>') : NULL;
	if (end == NULL)
		return -1;
	out->target = *text + 1;
	out->target_size = (size_t)(end - out->target);
	out->parameters = end + 1;
	out->parameters_size = strcspn(end + 1, ",");
	*text = end + 1 + out->parameters_size;
	return 1;
}

static bool leads_to_next(const struct link *link)
{
	CLEANUP(free_at) char *parameters = memory_copy_span(link->parameters, link->parameters_size);
	char *rest = NULL;
	for (char *part = strtok_r(parameters, "; \t", &rest); part != NULL;
		 part = strtok_r(NULL, "; \t", &rest))
		if (text_equal_fold(part, "rel=\"next\"") || text_equal_fold(part, "rel=next"))
			return true;
	return false;
}

/* "/path?query" of a URL that is normalised, so that there is one. */
static char *copy_path(const struct url *url)
{
	const char *authority = strstr(url->text, "://") + 3;
	return memory_copy_text(authority + strcspn(authority, "/"));
}

static int resolve(const struct transfer *transfer, const struct url *root, const struct link *link,
				   char **path, struct error *err)
{
	CLEANUP(url_clear) struct url next = URL_INIT;
	CLEANUP(free_at) char *target = memory_copy_span(link->target, link->target_size);
	if (url_resolve(transfer_url(transfer), target, &next, err) != 0)
		return error_add_context(err, "%s: the link to the next page", root->label);
	if (!url_same_origin(&next, root))
		return error_set(err, ERROR_MALFORMED, "%s: the next page is said to be at %s: not asked",
						 root->label, next.label);
	*path = copy_path(&next);
	return 0;
}

int next_page_read(const struct transfer *transfer, const struct url *root, char **path,
				   struct error *err)
{
	const char *value;
	*path = NULL;
	for (size_t i = 0; (value = transfer_header(transfer, "Link", i)) != NULL; i++) {
		struct link link;
		int there;
		while ((there = next_link(&value, &link)) > 0)
			if (leads_to_next(&link))
				return resolve(transfer, root, &link, path, err);
		if (there < 0)
			return error_set(err, ERROR_MALFORMED, "%s: the Link header is none", root->label);
	}
	return 0;
}
