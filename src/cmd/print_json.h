/*
 * print_json: records of the commands that look after the index; private to this folder.
 */
#ifndef LAYERPROOF_CMD_PRINT_JSON_H
#define LAYERPROOF_CMD_PRINT_JSON_H

#include "layerproof/json_build.h"

/* Prints one JSON value on a line; returns an exit code. Takes the value. */
int print_json(json_t *value);

#endif
