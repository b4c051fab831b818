/*
 * official_images: the Docker Official Images, by name (github.com/docker-library/official-images,
 * directory library/, with those retired: their images are still about).
 */
#ifndef LAYERPROOF_OFFICIAL_IMAGES_H
#define LAYERPROOF_OFFICIAL_IMAGES_H

/* "last part is a Docker Official Image: nginx", for "nginx"; NULL when it is none. */
const char *official_image_reason(const char *name);

#endif
