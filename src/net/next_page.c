#include "next_page.h"

#include <string.h>

#include "layerproof/memory.h"
#include "link_header.h"

/* "/path?query" of a URL that is normalised, so that there is one. */
static char *copy_path(const struct url *url)
{
	const char *authority = strstr(url->text, "://") + 3;
	return memory_copy_text(authority + strcspn(authority, "/"));
}

static int resolve(const struct transfer *transfer, const struct url *root, const char *target,
				   char **path, struct error *err)
{
	CLEANUP(url_clear) struct url next = URL_INIT;
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
		CLEANUP(free_at) char *target = NULL;
		int found = link_header_next(value, &target);
		if (found < 0)
			return error_set(err, ERROR_MALFORMED, "%s: the Link header is none", root->label);
		if (found > 0)
			return resolve(transfer, root, target, path, err);
	}
	return 0;
}
