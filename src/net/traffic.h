/*
 * traffic: the half that counts (include/layerproof/traffic.h has the other).
 */
#ifndef LAYERPROOF_NET_TRAFFIC_H
#define LAYERPROOF_NET_TRAFFIC_H

#include "layerproof/traffic.h"

struct traffic *traffic_new(void);
void traffic_free(struct traffic *traffic); /* NULL is legal */

/* Bytes that have just come. */
void traffic_receive(struct traffic *traffic, uint64_t bytes);

/* A transfer has ended: `requests` is 0 where there never was a connection. Its bytes have been
 * told of by traffic_receive(). */
void traffic_end(struct traffic *traffic, const char *host, uint64_t requests, uint64_t bytes);

/* A try has failed and will be made again. */
void traffic_retry(struct traffic *traffic, const char *host);

#endif
