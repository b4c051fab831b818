#include "document_memo.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "layerproof/limits.h"
#include "layerproof/memory.h"

struct kept_document {
	atomic_int references;
	char *bytes;
	size_t size;
	char *media_type;
};

static void retain(void *value)
{
	struct kept_document *kept = value;
	atomic_fetch_add(&kept->references, 1);
}

static void release(void *value)
{
	struct kept_document *kept = value;
	if (atomic_fetch_sub(&kept->references, 1) > 1)
		return;
	free(kept->bytes);
	free(kept->media_type);
	free(kept);
}

static bool get(void *context, const struct digest *digest, struct document *out)
{
	struct kept_document *kept = once_peek(context, digest);
	if (kept == NULL)
		return false;
	document_init(out, memory_copy_span(kept->bytes, kept->size), kept->size, kept->media_type,
				  digest);
	release(kept);
	return true;
}

static void put(void *context, const struct document *document)
{
	if ((int64_t)document->size > LIMIT_MEMO_DOCUMENT_SIZE)
		return;
	struct kept_document *kept = memory_alloc(1, sizeof(*kept));
	kept->references = 1;
	kept->bytes = memory_copy_span(document->bytes, document->size);
	kept->size = document->size;
	kept->media_type = memory_copy_text(document->media_type);
	once_offer(context, &document->digest, kept);
	release(kept);
}

struct once *document_memo_new(void)
{
	return once_new(LIMIT_MEMO_DOCUMENTS, retain, release);
}

struct tree_memo document_memo_over(struct once *documents)
{
	return (struct tree_memo){.context = documents, .get = get, .put = put};
}
