/*
 * files: files of ours in layers that are not; private to this folder.
 */
#ifndef LAYERPROOF_MATCH_FILES_H
#define LAYERPROOF_MATCH_FILES_H

#include "layerproof/match.h"

/* The distinctive files of one image of the candidate, as evidence: the largest of them, each
 * digest once, LIMIT_FILES_LISTED at most. They are ours where all of them together pass the bar.
 * Returns how many are in `out`, which has room for that many. */
size_t files_weigh(const struct match_facts *facts, size_t place, struct evidence *out);

/* Counts them all, over all images; each digest once. */
struct match_file_count files_count(const struct match_facts *facts);

#endif
