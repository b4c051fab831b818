/*
 * import_name: names of images in exports of tools that have names of their own for registries.
 */
#ifndef LAYERPROOF_IMPORT_NAME_H
#define LAYERPROOF_IMPORT_NAME_H

#include "import_record.h"

/* Forgets the registry of the record when that is no host, but what somebody calls it ("Corp ECR"):
 * no name is made of it. "Docker Hub" is docker.io. */
void import_name_drop_alias(struct import_record *record);

#endif
