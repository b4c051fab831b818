/*
 * source: where images come from, behind one interface: a registry, an OCI layout, an archive.
 *
 * A source fetches; it does not judge. Documents come back with the digest computed from the bytes
 * served, whatever was asked for: comparing is the caller's (tree.h). Blobs come back as a stream
 * that nobody has verified yet.
 */
#ifndef LAYERPROOF_SOURCE_H
#define LAYERPROOF_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "layerproof/descriptor.h"
#include "layerproof/document.h"
#include "layerproof/error.h"
#include "layerproof/network.h"
#include "layerproof/reader.h"
#include "layerproof/reference.h"

/* One thread's way to the images: keeps its connections open from one source to the next. Not
 * shared between threads. */
struct source_client;

/* `network` is borrowed and may be NULL where no registry will be asked (ERROR_USAGE if one is). */
struct source_client *source_client_new(struct network *network, struct error *err);
void source_client_free(struct source_client *client); /* NULL is legal */

/* http_begin_work() and http_comes_back() of http.h, for all that is opened on this client. */
void source_client_begin_work(struct source_client *client, int refusals);
int64_t source_client_comes_back(const struct source_client *client, int *refusals);

/* The host that is asked for this reference; NULL when none is. Borrowed. */
const char *source_host(const struct reference *reference);

/* Requests sent and bytes received (documents and blobs; from disk, bytes only) by this client so
 * far. */
void source_client_count(const struct source_client *client, uint64_t *requests, uint64_t *bytes);

/* The image or index that one reference names. Not shared between threads. */
struct source;

/* Both are borrowed, and outlive the source. Opening a registry sends nothing. A local one is
 * opened and its image chosen: ERROR_NOT_FOUND (no such file or directory, or it holds no such
 * image), ERROR_BAD_REFERENCE (it holds several and the reference does not say which: the text
 * names them), ERROR_SYSTEM, ERROR_MALFORMED, ERROR_UNSUPPORTED or ERROR_OVER_LIMIT. */
struct source *source_open(struct source_client *client, const struct reference *reference,
						   struct error *err);
void source_close(struct source *source); /* NULL is legal */

/* What the source itself declares of the top document beside the reference (an OCI layout's
 * index.json, the name of a docker-archive's configuration): its digest and size, each perhaps
 * unset. NULL when it declares nothing. Borrowed until the close. */
const struct descriptor *source_declared(const struct source *source);

/* The document that the reference names: an index or a manifest; for docker-archive, which has
 * none, the image's configuration (media type MEDIA_TYPE_DOCKER_CONFIG). ERROR_NOT_FOUND, _DENIED,
 * _RATE_LIMITED, _UNREACHABLE, _OVER_LIMIT, _MALFORMED. */
int source_read_top(struct source *source, struct document *out, struct error *err);

/* The same where bytes are held that the same source once gave for the same reference: where it
 * says that they still are what it has, `*held` is moved to `out`, and marked, instead of being
 * sent again. Else `*held` stays the caller's. */
int source_reread_top(struct source *source, struct document *held, struct document *out,
					  struct error *err);

/* A manifest or index by digest (`descriptor->digest` must be set), or a config blob. The size of
 * the descriptor bounds what is read: more bytes are ERROR_TAMPERED, fewer come back as they are.
 * Embedded `data` is used, if size and digest agree, instead of a request. */
int source_read_manifest(struct source *source, const struct descriptor *descriptor,
						 struct document *out, struct error *err);
int source_read_config(struct source *source, const struct descriptor *descriptor,
					   struct document *out, struct error *err);

/* The bytes of a layer. `descriptor->size`, when not -1, bounds the stream: one byte more is
 * ERROR_TAMPERED. `urls` are never followed. In a docker-archive, which names no blobs, descriptors
 * carry the diff_id as digest: see tree.h. */
struct reader *source_open_layer(struct source *source, const struct descriptor *descriptor,
								 struct error *err);

/* Whether several sources of one reference can read its layers at once as cheaply as one can read
 * them in turn. False for an archive that is compressed as a whole. */
bool source_reads_apart(const struct source *source);

/* Whether the layer opened last came under a Content-Encoding. Its bytes as served are read all the
 * same, since such a label may be false; only where they do not hash to what was declared, those
 * under it may (registry-facts 36). */
bool source_layer_was_encoded(const struct source *source);

/* As source_open_layer(), the Content-Encoding undone; for source_layer_was_encoded() alone. */
struct reader *source_open_decoded_layer(struct source *source, const struct descriptor *descriptor,
										 struct error *err);
enum source_item { SOURCE_MANIFEST, SOURCE_BLOB };

/* Whether the source says now that it has what this digest names, of `size` bytes (-1: not known),
 * without sending it. False also where it says nothing, or could not be asked; and always for local
 * ones, whose bytes are as easily read. */
bool source_confirms(struct source *source, enum source_item item, const struct digest *digest,
					 int64_t size);

/* Bytes of a layer's blob, as far as they are known without reading it: the descriptor's size, or,
 * in a docker-archive, that of the member. ERROR_NOT_FOUND or ERROR_TAMPERED where a docker-archive
 * has no such member or lists another number of layers than its configuration. */
int source_layer_size(struct source *source, const struct descriptor *descriptor, int64_t *size,
					  struct error *err);

#endif
