/*
 * document: what a manifest, config or index of ours says of the layers under it; private to this
 * folder.
 */
#ifndef LAYERPROOF_MATCH_DOCUMENT_H
#define LAYERPROOF_MATCH_DOCUMENT_H

#include "layerproof/match.h"

/* Whether what was served under the document is something else than the document means. `image` is
 * its place; of no consequence for an index. */
bool document_is_contradicted(const struct match_facts *facts, enum identity identity,
							  size_t image);

/* Whether a document that counts speaks of this image: its own manifest or config, or an index
 * over it. */
bool document_speaks_of(const struct match_facts *facts, const struct evidence *evidence,
						size_t image);

/* Whether one of a judgement's documents does. */
bool document_any_speaks_of(const struct match_facts *facts, const struct judgement *judgement,
							size_t image);

#endif
