/*
 * origin: whose an image is, judged by its name (DESIGN section 5).
 */
#ifndef LAYERPROOF_ORIGIN_H
#define LAYERPROOF_ORIGIN_H

#include <stdbool.h>
#include <stddef.h>

#include "layerproof/internal_image.h"

/* Patterns are fnmatch(3) over "registry/repository", and over the name as exported without its tag
 * and digest; a star crosses slashes. In order of strength: released, ours, third_party. Borrowed.
 */
struct origin_patterns {
	const char *const *released; /* what we publish ourselves is no secret: its origin is public */
	size_t released_count;
	const char *const *ours;
	size_t ours_count;
	const char *const *third_party;
	size_t third_party_count;
};

/* `name` is repo:tag or repo@digest as exported. Patterns first; then third_party for a well-known
 * public registry, a name that says mirror, or a last part that names a Docker Official Image. A
 * name without a registry is third_party when its namespace is a well-known publisher's on Docker
 * Hub. The rest is ours. `why` gets a fixed sentence fragment. */
enum origin origin_of_name(const struct origin_patterns *patterns, const char *name,
						   const char **why);

/* Whether one of the patterns matches the repository that `name` is in. */
bool origin_name_matches(const char *const *patterns, size_t count, const char *name);

/* The name as exported without "docker-pullable://" and the like, ":tag" and "@digest". Free with
 * free(). */
char *origin_repository(const char *name);

/* The `why` of names taken for ours though they name no registry: a guess worth showing. */
extern const char *const ORIGIN_NO_REGISTRY;

#endif
