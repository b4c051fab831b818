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

/* Docker Hub's name is not the host that serves it (registry-facts 40). */
static const char *host_of(const char *registry)
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

static int get_document(struct registry *registry, const struct http_request *request,
						struct document *out, struct error *err)
{
	struct http_answer answer;
	struct error ignored; /* the header is a hint: one that is no digest says nothing */
	struct digest header = {.algorithm = DIGEST_NONE};
	if (http_get(registry->source.client->http, request, &answer, err) != 0)
		return -1;
	if (answer.content_digest != NULL)
		(void)digest_parse(answer.content_digest, &header, &ignored);
	document_init(out, STEAL(answer.bytes), answer.size, answer.media_type, request->digest);
	out->digest_header = header;
	http_answer_clear(&answer);
	return 0;
}

static int registry_read_top(struct source *source, struct document *out, struct error *err)
{
	struct registry *registry = (struct registry *)source;
	const struct reference *reference = registry->reference;
	char digest[DIGEST_TEXT_SIZE];
	const char *name = digest_is_set(&reference->digest) ? digest_format(&reference->digest, digest)
														 : reference->tag;
	CLEANUP(free_at) char *path = path_of(registry, "manifests", name);
	struct http_request request = request_of(registry, path);
	request.accept = MEDIA_TYPE_ACCEPT;
	request.maximum = LIMIT_MANIFEST_SIZE;
	request.digest = &reference->digest;
	return get_document(registry, &request, out, err);
}

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

/* The header is a hint, but one that names other bytes confirms nothing. */
static bool speaks_of(const struct http_answer *answer, const struct digest *digest)
{
	struct error ignored;
	struct digest named = {.algorithm = DIGEST_NONE};
	if (answer->content_digest != NULL)
		(void)digest_parse(answer->content_digest, &named, &ignored);
	return !digest_differs(digest, &named);
}

static bool answer_confirms(const struct http_answer *answer, const struct digest *digest,
							int64_t size)
{
	struct digest computed;
	if (size >= 0 && answer->length >= 0 && answer->length != size)
		return false;
	if (answer->bytes == NULL)
		return speaks_of(answer, digest);
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
	if (client->http == NULL)
		client->http = http_new(client->network, err);
	if (client->http == NULL)
		return NULL;
	struct registry *registry = memory_alloc(1, sizeof *registry);
	*registry = (struct registry){
		.source = {.transport = &TRANSPORT, .client = client},
		.reference = reference,
		.host = host_of(reference->registry),
	};
	return &registry->source;
}
