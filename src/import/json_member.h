/*
 * json_member: the fields of an import record out of one JSON object.
 */
#ifndef LAYERPROOF_JSON_MEMBER_H
#define LAYERPROOF_JSON_MEMBER_H

#include <stddef.h>

#include "import_job.h"

/* Parses the object in `bytes`, takes what the job's places name, and delivers it: one image, or
 * one for each inner record of the format. What cannot be used is delivered as a refusal. -1: the
 * sink's error. The record is left for import_record_start(). */
int json_record_read(const char *bytes, size_t size, struct import_job *job,
					 struct import_record *record, struct error *err);

#endif
