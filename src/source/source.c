#include "layerproof/source.h"

#include "bounded_reader.h"
#include "layerproof/http.h"
#include "layerproof/memory.h"
#include "transport.h"

typedef int (*read_document)(struct source *source, const struct descriptor *descriptor,
							 struct document *out, struct error *err);

struct source_client *source_client_new(struct network *network, struct error *err)
{
	(void)err;
	struct source_client *client = memory_alloc(1, sizeof(*client));
	client->network = network;
	return client;
}

void source_client_free(struct source_client *client)
{
	if (client == NULL)
		return;
	http_free(client->http);
	free(client);
}

void source_client_begin_work(struct source_client *client, int refusals)
{
	client->has_other_work = true;
	client->refusals = refusals;
	if (client->http != NULL)
		http_begin_work(client->http, refusals);
}

int64_t source_client_comes_back(const struct source_client *client, int *refusals)
{
	return client->http == NULL ? 0 : http_comes_back(client->http, refusals);
}

const char *source_host(const struct reference *reference)
{
	return reference->transport == REFERENCE_REGISTRY ? registry_host(reference->registry) : NULL;
}

void source_client_count(const struct source_client *client, uint64_t *requests, uint64_t *bytes)
{
	*requests = 0;
	*bytes = 0;
	if (client->http != NULL)
		http_count(client->http, requests, bytes);
	*bytes += client->local_bytes;
}

struct source *source_open(struct source_client *client, const struct reference *reference,
						   struct error *err)
{
	switch (reference->transport) {
	case REFERENCE_REGISTRY:
		return registry_open(client, reference, err);
	case REFERENCE_OCI_LAYOUT:
		return oci_layout_open(client, reference, err);
	case REFERENCE_OCI_ARCHIVE:
		return oci_archive_open(client, reference, err);
	case REFERENCE_DOCKER_ARCHIVE:
		return docker_archive_open(client, reference, err);
	}
	error_set(err, ERROR_USAGE, "a transport of an unknown kind");
	return NULL;
}

void source_close(struct source *source)
{
	if (source != NULL)
		source->transport->close(source);
}

const struct descriptor *source_declared(const struct source *source)
{
	return source->declared;
}

static void count_document(struct source *source, const struct document *document)
{
	if (source->transport->is_local)
		source->client->local_bytes += document->size;
}

int source_read_top(struct source *source, struct document *out, struct error *err)
{
	if (source->transport->read_top(source, out, err) != 0)
		return -1;
	count_document(source, out);
	return 0;
}

int source_reread_top(struct source *source, struct document *held, struct document *out,
					  struct error *err)
{
	if (source->transport->reread_top == NULL)
		return source_read_top(source, out, err);
	return source->transport->reread_top(source, held, out, err);
}

static char *copy_data(const struct descriptor *descriptor)
{
	return memory_copy_span((const char *)descriptor->data, descriptor->data_size);
}

static int read_embedded_or(struct source *source, read_document fetch,
							const struct descriptor *descriptor, struct document *out,
							struct error *err)
{
	if (descriptor_has_content(descriptor)) {
		document_init(out, copy_data(descriptor), descriptor->data_size, descriptor->media_type,
					  &descriptor->digest);
		return 0;
	}
	if (fetch(source, descriptor, out, err) != 0)
		return -1;
	count_document(source, out);
	return 0;
}

int source_read_manifest(struct source *source, const struct descriptor *descriptor,
						 struct document *out, struct error *err)
{
	return read_embedded_or(source, source->transport->read_manifest, descriptor, out, err);
}

int source_read_config(struct source *source, const struct descriptor *descriptor,
					   struct document *out, struct error *err)
{
	return read_embedded_or(source, source->transport->read_config, descriptor, out, err);
}

bool source_confirms(struct source *source, enum source_item item, const struct digest *digest,
					 int64_t size)
{
	const struct transport *transport = source->transport;
	return transport->confirms != NULL && transport->confirms(source, item, digest, size);
}

int source_layer_size(struct source *source, const struct descriptor *descriptor, int64_t *size,
					  struct error *err)
{
	if (source->transport->layer_size != NULL)
		return source->transport->layer_size(source, descriptor, size, err);
	*size = descriptor->size;
	return 0;
}

struct reader *source_open_layer(struct source *source, const struct descriptor *descriptor,
								 struct error *err)
{
	if (descriptor_has_content(descriptor))
		return reader_from_owned_bytes(copy_data(descriptor), descriptor->data_size);
	struct reader *blob = source->transport->open_layer(source, descriptor, err);
	if (blob == NULL)
		return NULL;
	uint64_t *count = source->transport->is_local ? &source->client->local_bytes : NULL;
	return bounded_reader_new(blob, descriptor->size, count);
}

bool source_reads_apart(const struct source *source)
{
	return !source->is_sequential;
}

bool source_layer_was_encoded(const struct source *source)
{
	return source->transport->open_decoded_layer != NULL && http_was_encoded(source->client->http);
}

struct reader *source_open_decoded_layer(struct source *source, const struct descriptor *descriptor,
										 struct error *err)
{
	struct reader *blob = source->transport->open_decoded_layer(source, descriptor, err);
	return blob == NULL ? NULL : bounded_reader_new(blob, descriptor->size, NULL);
}
