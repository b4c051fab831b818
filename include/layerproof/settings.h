/*
 * settings: the configuration file, an INI file as layerproof.conf(5) describes it.
 *
 * A flag beats the environment, which beats the file. This module is the file and the environment;
 * flags are the commands'.
 *
 * A key that takes several values stands several times, or has further ones below it, each a word
 * alone on an indented line; indented lines of other kinds are as if they were not. A key without a
 * value counts as not there. A line that inih would cut (197 characters are the most it
 * takes) is an error.
 */
#ifndef LAYERPROOF_SETTINGS_H
#define LAYERPROOF_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "layerproof/error.h"

struct settings;

/* Reads `path`; or, with NULL, $LAYERPROOF_CONFIG, else
 * $XDG_CONFIG_HOME/layerproof/layerproof.conf, else $HOME/.config/layerproof/layerproof.conf. A
 * file that was named and is missing is an error; a default that is missing is empty. Unknown
 * sections and keys are ERROR_USAGE with file, line and name: "configuration FILE: line 3: ...". */
struct settings *settings_load(const char *path, struct error *err);
void settings_free(struct settings *settings); /* NULL is legal */

/* The last value of a key, or NULL; never empty. Borrowed. */
const char *settings_get(const struct settings *settings, const char *section, const char *key);

/* The n-th of the values of a key that may stand several times, or NULL behind the last. Borrowed.
 */
const char *settings_get_nth(const struct settings *settings, const char *section, const char *key,
							 size_t n);

/* The last value of a key that is a whole number; `*out` stays as it is without one. ERROR_USAGE
 * for what is no number, or not from `least` to `most`. */
int settings_get_number(const struct settings *settings, const char *section, const char *key,
						long least, long most, long *out, struct error *err);

/* The index directory: `flag` if not NULL, else $LAYERPROOF_INDEX, else [index] dir, else
 * $XDG_DATA_HOME/layerproof/index, else $HOME/.local/share/layerproof/index. Owned (free). NULL
 * when `flag` is empty or no home is known. */
char *settings_index_directory(const struct settings *settings, const char *flag,
							   struct error *err);

/* The directory of the cache: $LAYERPROOF_CACHE, else [cache] directory, else
 * $XDG_CACHE_HOME/layerproof, else $HOME/.cache/layerproof. Owned (free). NULL when no home is
 * known. */
char *settings_cache_directory(const struct settings *settings);

#endif
