#include <stdbool.h>
#include <string.h>

#include "layerproof/http.h"
#include "layerproof/limits.h"
#include "layerproof/media_type.h"
#include "layerproof/memory.h"
#include "transport.h"

struct registry {
	struct source source;
	const struct reference *reference; /* borrowed */
	const char *host;                  /* borrowed, from the reference or fixed */
};

const char *registry_host(const char *registry)
{
	return strcmp(registry, "docker.io") == 0 ? "registry-1.docker.io" : registry;
}

static struct http_request request_of(const struct registry *registry, const char *path)
{
	return (struct http_request){
		.host = registry->host,
		.path = path,
		.repository = registry->reference->repository,
		.size = -1,
	};
}

/* "/v2/library/ubuntu/manifests/latest". Free with free(). */
static char *path_of(const struct registry *registry, const char *kind, const char *name)
{
	return memory_format("/v2/%s/%s/%s", registry->reference->repository, kind, name);
}

/* The header is a hint: one that is no digest says nothing. */
static struct digest header_digest(const struct http_answer *answer)
{
	struct error ignored;
	struct digest header = {.algorithm = DIGEST_NONE};
	if (answer->content_digest != NULL)
		(void)digest_parse(answer->content_digest, &header, &ignored);
	return header;
}

/* The document that an answer brought; the answer is cleared. */
static void take_document(struct http_answer *answer, const struct digest *asked,
						  struct document *out)
{
	document_init(out, STEAL(answer->bytes), answer->size, answer->media_type, asked);
	out->digest_header = header_digest(answer);
	out->etag = STEAL(answer->etag);
	http_answer_clear(answer);
}

static int get_document(struct registry *registry, const struct http_request *request,
						struct document *out, struct error *err)
{
	struct http_answer answer;
	if (http_get(registry->source.client->http, request, &answer, err) != 0)
		return -1;
	take_document(&answer, request->digest, out);
	return 0;
}

/* ---- The top document ---- */

static char *top_path(const struct registry *registry)
{
	const struct reference *reference = registry->reference;
	char digest[DIGEST_TEXT_SIZE];
	const char *name = digest_is_set(&reference->digest) ? digest_format(&reference->digest, digest)
														 : reference->tag;
	return path_of(registry, "manifests", name);
}

static struct http_request top_request(const struct registry *registry, const char *path)
{
	struct http_request request = request_of(registry, path);
	request.accept = MEDIA_TYPE_ACCEPT;
	request.is_pull = true;
	request.maximum = LIMIT_MANIFEST_SIZE;
	request.digest = &registry->reference->digest;
	return request;
}

static int registry_read_top(struct source *source, struct document *out, struct error *err)
{
	struct registry *registry = (struct registry *)source;
	CLEANUP(free_at) char *path = top_path(registry);
	struct http_request request = top_request(registry, path);
	return get_document(registry, &request, out, err);
}

/* Whether an answer without a body speaks of the bytes that are held. Of a digest that was asked
 * for, the length is enough, and the header must not contradict; what a tag stands for only the
 * header says (registry-facts 2, 74). */
static bool speaks_of_held(const struct registry *registry, const struct http_answer *answer,
						   const struct document *held)
{
	struct digest header = header_digest(answer);
	bool is_named = digest_equal(&header, &held->digest) ||
					digest_equal(&header, &held->digest_sha256);
	if (answer->length >= 0 && answer->length != (int64_t)held->size)
		return false;
	if (is_named)
		return true;
	return digest_is_set(&registry->reference->digest) && !digest_is_set(&header) &&
		   answer->length >= 0;
}

/* Moves the held document to `out`, under the type that was said last. */
static void take_held(struct document *held, struct http_answer *answer, struct document *out)
{
	*out = *held;
	*held = (struct document){.bytes = NULL};
	if (answer->media_type != NULL) {
		free(out->media_type);
		out->media_type = STEAL(answer->media_type);
	}
	out->digest_header = header_digest(answer);
	out->is_held = true;
	http_answer_clear(answer);
}

/* A conditional GET where there is an ETag, else a plain one. */
static int reread_by_get(struct registry *registry, struct http_request *request,
						 struct document *held, struct document *out, struct error *err)
{
	struct http_answer answer;
	request->etag = held->etag;
	if (http_get(registry->source.client->http, request, &answer, err) != 0)
		return -1;
	if (answer.bytes == NULL)
		take_held(held, &answer, out);
	else
		take_document(&answer, request->digest, out);
	return 0;
}

static int reread_by_head(struct registry *registry, struct http_request *request,
						  struct document *held, struct document *out, struct error *err)
{
	struct http_answer answer;
	if (http_head(registry->source.client->http, request, HTTP_DOCUMENT, &answer, err) != 0)
		return -1;
	if (answer.bytes != NULL) {
		take_document(&answer, request->digest, out);
		return 0;
	}
	if (speaks_of_held(registry, &answer, held)) {
		take_held(held, &answer, out);
		return 0;
	}
	http_answer_clear(&answer);
	return reread_by_get(registry, request, held, out, err);
}

/* By digest HEAD says all there is to know. By tag a conditional GET does, without relying on a
 * header; HEAD goes first where it is free of a quota that GET uses up. */
static int registry_reread_top(struct source *source, struct document *held, struct document *out,
							   struct error *err)
{
	struct registry *registry = (struct registry *)source;
	CLEANUP(free_at) char *path = top_path(registry);
	struct http_request request = top_request(registry, path);
	if (digest_is_set(&registry->reference->digest) ||
		http_counts_gets(source->client->http, registry->host))
		return reread_by_head(registry, &request, held, out, err);
	return reread_by_get(registry, &request, held, out, err);
}

/* ---- What descriptors name ---- */

/* Content that nobody here can verify, or that is too large to be kept, is not worth a request. */
static int check_descriptor(const struct descriptor *descriptor, int64_t maximum, struct error *err)
{
	if (!digest_is_set(&descriptor->digest))
		return error_set(err, ERROR_UNSUPPORTED, "digest of an unknown algorithm");
	if (descriptor->size > maximum)
		return error_set(err, ERROR_OVER_LIMIT, "%lld bytes, more than %lld",
						 (long long)descriptor->size, (long long)maximum);
	return 0;
}

static int read_described(struct registry *registry, const char *kind,
						  const struct descriptor *descriptor, const struct http_request *bounds,
						  struct document *out, struct error *err)
{
	char digest[DIGEST_TEXT_SIZE];
	if (check_descriptor(descriptor, bounds->maximum, err) != 0)
		return -1;
	CLEANUP(free_at)
	char *path = path_of(registry, kind, digest_format(&descriptor->digest, digest));
	struct http_request request = request_of(registry, path);
	request.accept = bounds->accept;
	request.is_pull = bounds->is_pull;
	request.size = descriptor->size;
	request.maximum = bounds->maximum;
	request.digest = &descriptor->digest;
	return get_document(registry, &request, out, err);
}

static int registry_read_manifest(struct source *source, const struct descriptor *descriptor,
								  struct document *out, struct error *err)
{
	const struct http_request bounds = {
		.accept = MEDIA_TYPE_ACCEPT,
		.is_pull = true,
		.maximum = LIMIT_MANIFEST_SIZE,
	};
	return read_described((struct registry *)source, "manifests", descriptor, &bounds, out, err);
}

static int registry_read_config(struct source *source, const struct descriptor *descriptor,
								struct document *out, struct error *err)
{
	const struct http_request bounds = {.maximum = LIMIT_CONFIG_SIZE};
	return read_described((struct registry *)source, "blobs", descriptor, &bounds, out, err);
}

static struct reader *open_layer(struct source *source, const struct descriptor *descriptor,
								 bool is_decoded, struct error *err)
{
	struct registry *registry = (struct registry *)source;
	char digest[DIGEST_TEXT_SIZE];
	if (check_descriptor(descriptor, LIMIT_LAYER_COMPRESSED, err) != 0)
		return NULL;
	CLEANUP(free_at)
	char *path = path_of(registry, "blobs", digest_format(&descriptor->digest, digest));
	struct http_request request = request_of(registry, path);
	request.size = descriptor->size;
	request.maximum = LIMIT_LAYER_COMPRESSED;
	request.is_decoded = is_decoded;
	return http_open(source->client->http, &request, err);
}

static struct reader *registry_open_layer(struct source *source,
										  const struct descriptor *descriptor, struct error *err)
{
	return open_layer(source, descriptor, false, err);
}

static struct reader *registry_open_decoded_layer(struct source *source,
												  const struct descriptor *descriptor,
												  struct error *err)
{
	return open_layer(source, descriptor, true, err);
}

static bool answer_confirms(const struct http_answer *answer, const struct digest *digest,
							int64_t size)
{
	struct digest header = header_digest(answer);
	struct digest computed;
	if (size >= 0 && answer->length >= 0 && answer->length != size)
		return false;
	if (answer->bytes == NULL)
		return !digest_differs(digest, &header);
	digest_of(digest->algorithm, answer->bytes, answer->size, &computed);
	return digest_equal(&computed, digest);
}

static bool registry_confirms(struct source *source, enum source_item item,
							  const struct digest *digest, int64_t size)
{
	struct registry *registry = (struct registry *)source;
	struct http_answer answer;
	struct error ignored = ERROR_INIT;
	char text[DIGEST_TEXT_SIZE];
	bool is_blob = item == SOURCE_BLOB;
	CLEANUP(free_at)
	char *path = path_of(registry, is_blob ? "blobs" : "manifests", digest_format(digest, text));
	struct http_request request = request_of(registry, path);
	request.accept = is_blob ? NULL : MEDIA_TYPE_ACCEPT;
	request.is_pull = !is_blob;
	request.maximum = LIMIT_MANIFEST_SIZE;
	if (http_head(source->client->http, &request, is_blob ? HTTP_BLOB : HTTP_DOCUMENT, &answer,
				  &ignored) != 0)
		return false;
	bool is_confirmed = answer_confirms(&answer, digest, size);
	http_answer_clear(&answer);
	return is_confirmed;
}

static void registry_close(struct source *source)
{
	free(source);
}

static const struct transport TRANSPORT = {
	.read_top = registry_read_top,
	.reread_top = registry_reread_top,
	.read_manifest = registry_read_manifest,
	.read_config = registry_read_config,
	.open_layer = registry_open_layer,
	.open_decoded_layer = registry_open_decoded_layer,
	.confirms = registry_confirms,
	.close = registry_close,
};

struct source *registry_open(struct source_client *client, const struct reference *reference,
							 struct error *err)
{
	if (client->network == NULL) {
		error_set(err, ERROR_USAGE, "%s: no registry is to be asked", reference->registry);
		return NULL;
	}
	if (client->http == NULL) {
		client->http = http_new(client->network, err);
		if (client->http == NULL)
			return NULL;
		if (client->has_other_work)
			http_begin_work(client->http, client->refusals);
	}
	struct registry *registry = memory_alloc(1, sizeof *registry);
	*registry = (struct registry){
		.source = {.transport = &TRANSPORT, .client = client},
		.reference = reference,
		.host = registry_host(reference->registry),
	};
	return &registry->source;
}
