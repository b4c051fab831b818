/*
 * transport: what each kind of source must provide; private to this folder.
 */
#ifndef LAYERPROOF_SOURCE_TRANSPORT_H
#define LAYERPROOF_SOURCE_TRANSPORT_H

#include "layerproof/source.h"

/* Embedded as the first member of each kind's own struct. Functions as source.h describes them. */
struct source {
	const struct transport *transport;
	struct source_client *client; /* borrowed */
};

struct transport {
	int (*read_top)(struct source *source, struct document *out, struct error *err);
	int (*read_manifest)(struct source *source, const struct descriptor *descriptor,
						 struct document *out, struct error *err);
	int (*read_config)(struct source *source, const struct descriptor *descriptor,
					   struct document *out, struct error *err);
	struct reader *(*open_layer)(struct source *source, const struct descriptor *descriptor,
								 struct error *err);
	void (*close)(struct source *source);
};

/* One thread's state. */
struct http;
struct source_client {
	struct network *network; /* borrowed; may be NULL */
	struct http *http;       /* made at the first registry; NULL before */
	uint64_t local_bytes;    /* read from disk */
};

struct source *registry_open(struct source_client *client, const struct reference *reference,
							 struct error *err);
struct source *oci_layout_open(struct source_client *client, const struct reference *reference,
							   struct error *err);
struct source *oci_archive_open(struct source_client *client, const struct reference *reference,
								struct error *err);
struct source *docker_archive_open(struct source_client *client, const struct reference *reference,
								   struct error *err);

#endif
