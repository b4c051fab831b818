/*
 * transport: what each kind of source must provide; private to this folder.
 *
 * source.c does for all of them what does not depend on the kind: `data` embedded in a descriptor,
 * the bound that a descriptor's size puts on a layer, and the count of bytes read from disk.
 */
#ifndef LAYERPROOF_SOURCE_TRANSPORT_H
#define LAYERPROOF_SOURCE_TRANSPORT_H

#include <stdbool.h>

#include "layerproof/source.h"

/* Embedded as the first member of each kind's own struct. Functions as source.h describes them. */
struct source {
	const struct transport *transport;
	struct source_client *client;      /* borrowed */
	const struct descriptor *declared; /* what a layout's index.json says of the top document;
										  NULL when nothing does; owned by the kind */
	bool is_sequential;                /* each layer is reached by all that stands before it */
};

struct transport {
	bool is_local; /* its bytes are counted as read from disk */
	int (*read_top)(struct source *source, struct document *out, struct error *err);
	/* NULL where held bytes spare nothing. */
	int (*reread_top)(struct source *source, struct document *held, struct document *out,
					  struct error *err);
	int (*read_manifest)(struct source *source, const struct descriptor *descriptor,
						 struct document *out, struct error *err);
	int (*read_config)(struct source *source, const struct descriptor *descriptor,
					   struct document *out, struct error *err);
	struct reader *(*open_layer)(struct source *source, const struct descriptor *descriptor,
								 struct error *err);
	/* The layer without the Content-Encoding that it came under; NULL where there is no such thing.
	 */
	struct reader *(*open_decoded_layer)(struct source *source, const struct descriptor *descriptor,
										 struct error *err);
	/* NULL where the descriptor's own size is all that is known. */
	int (*layer_size)(struct source *source, const struct descriptor *descriptor, int64_t *size,
					  struct error *err);
	/* NULL where it is as cheap to read the bytes. */
	bool (*confirms)(struct source *source, enum source_item item, const struct digest *digest,
					 int64_t size);
	void (*close)(struct source *source);
};

/* One thread's state. */
struct http;
struct source_client {
	struct network *network; /* borrowed; may be NULL */
	struct http *http;       /* made at the first registry; NULL before */
	uint64_t local_bytes;    /* read from disk */
	bool has_other_work;     /* source_client_begin_work() */
	int refusals;
};

/* Docker Hub's name is not the host that serves it (registry-facts 40). */
const char *registry_host(const char *registry);

struct source *registry_open(struct source_client *client, const struct reference *reference,
							 struct error *err);
struct source *oci_layout_open(struct source_client *client, const struct reference *reference,
							   struct error *err);
struct source *oci_archive_open(struct source_client *client, const struct reference *reference,
								struct error *err);
struct source *docker_archive_open(struct source_client *client, const struct reference *reference,
								   struct error *err);

#endif
