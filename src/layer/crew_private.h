/*
 * crew_private: what a crew is made of; private to this folder.
 */
#ifndef LAYER_CREW_PRIVATE_H
#define LAYER_CREW_PRIVATE_H

#include "allowance.h"
#include "hashers.h"

struct crew {
	struct hashers *hashers;
	struct allowance *layers;  /* LIMIT_LAYER_MEMORY for each in flight */
	struct allowance *windows; /* of zstd frames */
};

#endif
