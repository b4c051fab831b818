/*
 * next_page: where the next page of a list is, by the Link header (RFC 8288; distribution-spec,
 * "Listing Tags").
 */
#ifndef LAYERPROOF_NET_NEXT_PAGE_H
#define LAYERPROOF_NET_NEXT_PAGE_H

#include "layerproof/error.h"
#include "transfer.h"

/* `*path` becomes the path and query of the next page, or NULL where there is none; free with
 * free(). The page must be at the registry itself, `root`: ERROR_MALFORMED for one elsewhere, or a
 * link that is none. */
int next_page_read(const struct transfer *transfer, const struct url *root, char **path,
				   struct error *err);

#endif
