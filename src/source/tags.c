#include "layerproof/tags.h"

#include <search.h>
#include <string.h>

#include "layerproof/http.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "layerproof/node.h"
#include "layerproof/text.h"
#include "transport.h"

struct listing {
	const struct reference *reference;
	const char *host;
	struct tags *tags;
	size_t capacity;
	void *known; /* tsearch(3) of the names */
};

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void ignore(void *name)
{
	(void)name;
}

static int take_tag(struct listing *listing, const char *name, struct error *err)
{
	struct tags *tags = listing->tags;
	if (tfind(name, &listing->known, compare) != NULL)
		return 0;
	if (tags->count == LIMIT_TAGS)
		return error_set(err, ERROR_OVER_LIMIT, "%s: %s has more than %d tags", listing->host,
						 listing->reference->repository, LIMIT_TAGS);
	tags->names = memory_grow(tags->names, tags->count, &listing->capacity, sizeof(*tags->names));
	char *copy = memory_copy_text(name);
	tags->names[tags->count++] = copy;
	(void)memory_require(tsearch(copy, &listing->known, compare));
	return 0;
}

/* `{"name": ..., "tags": [...]}`; some registries say null for none. */
static int take_tags(struct listing *listing, const struct node *root, struct error *err)
{
	struct node tags;
	const char *name = NULL;
	if (node_expect_object(root, err) != 0 ||
		node_member_array(root, "tags", NODE_OPTIONAL, &tags, err) != 0)
		return -1;
	for (size_t i = 0; i < node_count(&tags); i++) {
		struct node tag = node_element(&tags, i);
		if (node_text(&tag, &name, err) != 0 || take_tag(listing, name, err) != 0)
			return -1;
	}
	return 0;
}

static int take_page(struct listing *listing, const struct http_answer *answer, struct error *err)
{
	struct error reason = ERROR_INIT;
	json_t *page CLEANUP(json_decref_at) = node_parse(answer->bytes, answer->size, "tags", &reason);
	if (page != NULL) {
		struct node root = node_root(page, "tags");
		if (take_tags(listing, &root, &reason) == 0)
			return 0;
	}
	*err = reason;
	return reason.code == ERROR_OVER_LIMIT ? -1 : error_add_context(err, "%s", listing->host);
}

/* Whether a page may be where the registry says: it is one of the same list. */
static int check_next(const struct listing *listing, const char *next, size_t before,
					  struct error *err)
{
	CLEANUP(free_at)
	char *list = memory_format("/v2/%s/tags/list?", listing->reference->repository);
	if (!text_starts_with(next, list))
		return error_set(err, ERROR_MALFORMED, "%s: the next page of the tags is no list of tags",
						 listing->host);
	if (listing->tags->count == before)
		return error_set(err, ERROR_MALFORMED, "%s: a page of the tags brings nothing new",
						 listing->host);
	return 0;
}

/* `*path` becomes that of the next page. */
static int read_page(struct source_client *client, struct listing *listing, char **path,
					 struct error *err)
{
	size_t before = listing->tags->count;
	struct http_answer answer;
	const struct http_request request = {
		.host = listing->host,
		.path = *path,
		.repository = listing->reference->repository,
		.size = -1,
		.maximum = LIMIT_TAGS_PAGE_SIZE,
		.is_page = true,
	};
	if (http_get(client->http, &request, &answer, err) != 0)
		return -1;
	free(*path);
	*path = STEAL(answer.next_page);
	int result = take_page(listing, &answer, err);
	http_answer_clear(&answer);
	if (result != 0 || *path == NULL)
		return result;
	return check_next(listing, *path, before, err);
}

static int read_pages(struct source_client *client, struct listing *listing, struct error *err)
{
	CLEANUP(free_at)
	char *path = memory_format("/v2/%s/tags/list?n=%d", listing->reference->repository,
							   LIMIT_TAGS_ASKED);
	for (int pages = 0; path != NULL; pages++) {
		if (pages == LIMIT_TAG_PAGES)
			return error_set(err, ERROR_OVER_LIMIT, "%s: more than %d pages of tags", listing->host,
							 LIMIT_TAG_PAGES);
		if (read_page(client, listing, &path, err) != 0)
			return -1;
	}
	return 0;
}

int tags_list(struct source_client *client, const struct reference *reference, struct tags *out,
			  struct error *err)
{
	*out = (struct tags){.names = NULL};
	struct listing listing = {
		.reference = reference,
		.host = registry_host(reference->registry),
		.tags = out,
	};
	/* Opening makes the client's connections, and sends nothing. */
	struct source *source = registry_open(client, reference, err);
	if (source == NULL)
		return -1;
	source_close(source);
	int result = read_pages(client, &listing, err);
	tdestroy(listing.known, ignore);
	if (result != 0)
		tags_clear(out);
	return result;
}

void tags_clear(struct tags *tags)
{
	for (size_t i = 0; i < tags->count; i++)
		free(tags->names[i]);
	free(tags->names);
	*tags = (struct tags){.names = NULL};
}
