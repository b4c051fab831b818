/*
 * reference: a name for an image (distribution/reference; registry-facts 11, 12).
 *
 *   [registry/]repo[:tag][@digest]   docker://REF         a registry
 *   oci:DIR[:TAG]  oci:DIR@DIGEST                         an OCI image layout
 *   oci-archive:FILE[:TAG]                                the same in a tar
 *   docker-archive:FILE[:REF]                             what `docker save` writes
 *
 * A path ends at the first colon. Control characters are refused everywhere, blanks everywhere but
 * in a path: what comes out of here can be put into a URL or a path as it is.
 */
#ifndef LAYERPROOF_REFERENCE_H
#define LAYERPROOF_REFERENCE_H

#include "layerproof/digest.h"
#include "layerproof/error.h"

enum reference_transport {
	REFERENCE_REGISTRY,
	REFERENCE_OCI_LAYOUT,
	REFERENCE_OCI_ARCHIVE,
	REFERENCE_DOCKER_ARCHIVE,
};

/* Open value that owns its texts; reference_clear() frees them. */
struct reference {
	enum reference_transport transport;
	char *registry;   /* "docker.io", "[::1]:5000"; NULL unless REFERENCE_REGISTRY */
	char *repository; /* "library/ubuntu"; NULL unless REFERENCE_REGISTRY */
	char *path;       /* of the directory or file; NULL for a registry */
	char *tag; /* "latest"; what stands behind FILE for the local ones; NULL when none, or dropped
				  for a digest */
	struct digest digest; /* unset when none was given */
};

/* Parses and normalises: "ubuntu" is docker.io/library/ubuntu:latest, index.docker.io is docker.io,
 * and beside a digest the tag is dropped. ERROR_BAD_REFERENCE with the reason; `out` is written
 * only on success. */
int reference_parse(const char *text, struct reference *out, struct error *err);

void reference_clear(struct reference *reference);

/* The canonical text, with its transport unless it is a registry's. Free with free(). */
char *reference_format(const struct reference *reference);

/* "registry/repository", which name patterns are matched against; for a local reference its path.
 * Free with free(). */
char *reference_name(const struct reference *reference);

/* "registry", "oci", "oci-archive", "docker-archive". */
const char *reference_transport_name(enum reference_transport transport);

#endif
