/*
 * ladder: what evidence reaches and what reasons say; private to this folder.
 */
#ifndef LAYERPROOF_MATCH_LADDER_H
#define LAYERPROOF_MATCH_LADDER_H

#include "layerproof/match.h"

/* What one piece of evidence reaches alone. */
enum reason ladder_reason(const struct evidence *evidence);

enum verdict ladder_verdict(enum reason reason);
enum priority ladder_priority(enum reason reason); /* of the plain case */

#endif
