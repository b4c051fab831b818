/*
 * internal_parts: internal images in a record, private to this folder.
 */
#ifndef LAYERPROOF_REPORT_INTERNAL_PARTS_H
#define LAYERPROOF_REPORT_INTERNAL_PARTS_H

#include "json_writer.h"
#include "layerproof/match.h"

/* internal{name, digest, source, row} */
void internal_parts_add(struct json_writer *writer, const struct internal_image *image);

/* nearest{...}: what `explain` needs of the nearest internal image; nothing where none was met. */
void internal_parts_add_nearest(struct json_writer *writer, const struct match_facts *facts,
								const struct judgement *judgement);

#endif
