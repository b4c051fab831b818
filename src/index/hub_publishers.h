/*
 * hub_publishers: namespaces of Docker Hub under which well-known projects and vendors publish for
 * everybody. An export that gives no registry writes their images as "bitnami/redis".
 */
#ifndef LAYERPROOF_HUB_PUBLISHERS_H
#define LAYERPROOF_HUB_PUBLISHERS_H

#include <stddef.h>

/* "well-known publisher on Docker Hub: bitnami" for the first `size` bytes of `name`; NULL when it
 * is none. */
const char *hub_publisher_reason(const char *name, size_t size);

#endif
