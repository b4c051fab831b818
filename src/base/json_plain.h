/*
 * json_plain: a quick reader of the JSON that programs write, several times as fast as jansson's.
 *
 * It takes nothing that jansson would refuse, and reads the same from it; it may well refuse what
 * jansson takes. So whoever gets NULL asks jansson, which also has the reason.
 */
#ifndef LAYERPROOF_BASE_JSON_PLAIN_H
#define LAYERPROOF_BASE_JSON_PLAIN_H

#include <jansson.h>
#include <stddef.h>

/* One document of at most LIMIT_JSON_DEPTH brackets in each other and LIMIT_JSON_VALUES values, no
 * member twice. Owned (json_decref). NULL for all else, and for real numbers, surrogates, NULs and
 * member names with escapes. */
json_t *json_plain_read(const char *bytes, size_t size);

#endif
