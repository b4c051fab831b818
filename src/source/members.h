/*
 * members: files by name, in a directory or in a tar, for the sources on disk.
 *
 * Names are relative, with "/" between their parts. They come from parsed digests, from fixed words
 * and, in a docker-archive alone, from its manifest.json, which only ever looks them up in the
 * table of a tar: never in the file system.
 */
#ifndef LAYERPROOF_SOURCE_MEMBERS_H
#define LAYERPROOF_SOURCE_MEMBERS_H

#include <stdbool.h>
#include <stdint.h>

#include "layerproof/document.h"
#include "layerproof/error.h"
#include "layerproof/memory.h"
#include "layerproof/reader.h"

/* Embedded as the first member of each kind's own struct. */
struct members {
	const char *path;   /* of the directory or the tar; borrowed */
	bool is_sequential; /* each is reached by decompressing all that stands before it */
	/* A reader over one regular file, and its size. ERROR_NOT_FOUND when there is none. */
	struct reader *(*open)(struct members *self, const char *name, int64_t *size,
						   struct error *err);
	void (*close)(struct members *self);
};

/* `path` is borrowed until the close. ERROR_NOT_FOUND when there is no such directory or file, else
 * ERROR_SYSTEM, or what tar_file_open says. All error texts of this module begin with the path, and
 * with the member's name behind it when they are about one. */
struct members *members_open_directory(const char *path, struct error *err);
struct members *members_open_tar(const char *path, struct error *err);
void members_close(struct members *members); /* NULL is legal */

DEFINE_CLEANUP(struct members, members_close)

struct reader *members_open(struct members *members, const char *name, int64_t *size,
							struct error *err);

/* How much of a member is read into memory. */
struct member_bounds {
	int64_t limit;    /* of limits.h: more is ERROR_OVER_LIMIT */
	int64_t declared; /* by a descriptor: more is ERROR_TAMPERED; -1 when nothing was */
};

/* The whole member, owned (free), NUL behind. */
int members_read(struct members *members, const char *name, const struct member_bounds *bounds,
				 char **bytes, size_t *size, struct error *err);

/* The same as a document; `asked` may be NULL or unset. */
int members_read_document(struct members *members, const char *name,
						  const struct member_bounds *bounds, const char *media_type,
						  const struct digest *asked, struct document *out, struct error *err);

#endif
