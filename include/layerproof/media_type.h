/*
 * media_type: the kinds of document and blob that image-spec media-types.md and Docker's schema 2
 * define.
 */
#ifndef LAYERPROOF_MEDIA_TYPE_H
#define LAYERPROOF_MEDIA_TYPE_H

#include <stdbool.h>

#define MEDIA_TYPE_OCI_INDEX             "application/vnd.oci.image.index.v1+json"
#define MEDIA_TYPE_OCI_MANIFEST          "application/vnd.oci.image.manifest.v1+json"
#define MEDIA_TYPE_OCI_CONFIG            "application/vnd.oci.image.config.v1+json"
#define MEDIA_TYPE_DOCKER_LIST           "application/vnd.docker.distribution.manifest.list.v2+json"
#define MEDIA_TYPE_DOCKER_MANIFEST       "application/vnd.docker.distribution.manifest.v2+json"
#define MEDIA_TYPE_DOCKER_SCHEMA1        "application/vnd.docker.distribution.manifest.v1+json"
#define MEDIA_TYPE_DOCKER_SCHEMA1_SIGNED "application/vnd.docker.distribution.manifest.v1+prettyjws"
#define MEDIA_TYPE_DOCKER_CONFIG         "application/vnd.docker.container.image.v1+json"

/* One comma-separated Accept value naming every manifest kind (registry-facts 4). */
extern const char *const MEDIA_TYPE_ACCEPT;

/* What a descriptor's media type promises about the thing it points at. */
enum media_kind {
	MEDIA_INDEX,
	MEDIA_MANIFEST,
	MEDIA_SCHEMA1,
	MEDIA_CONFIG,        /* an image configuration, OCI's or Docker's */
	MEDIA_LAYER,         /* a layer that is a tar, plain or compressed */
	MEDIA_LAYER_FOREIGN, /* nondistributable or foreign: bytes live elsewhere */
	MEDIA_LAYER_ENCRYPTED,
	MEDIA_OTHER, /* in-toto, helm charts, wasm...: legal, not read */
};

/* Parameters behind ";" and case are ignored; NULL is MEDIA_OTHER. */
enum media_kind media_type_kind(const char *media_type);

/* How a layer's media type says that it is compressed. */
enum media_compression {
	MEDIA_UNCOMPRESSED,
	MEDIA_GZIP,
	MEDIA_ZSTD,
	MEDIA_COMPRESSED_OTHERWISE,
};

/* Of a MEDIA_LAYER or MEDIA_LAYER_FOREIGN: "+gzip", ".gzip", "+zstd" or ".zstd" behind its name, or
 * nothing, or something else. */
enum media_compression media_type_compression(const char *media_type);

/* Whether two media types are equal but for parameters and case. */
bool media_type_equal(const char *a, const char *b);

#endif
