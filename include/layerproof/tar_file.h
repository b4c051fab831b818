/*
 * tar_file: members of a tar file (plain, gzip or zstd), for oci-archive and docker-archive,
 * through libarchive.
 *
 * Nothing is written to disk and no name from the archive is used as a path.
 */
#ifndef LAYERPROOF_TAR_FILE_H
#define LAYERPROOF_TAR_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "layerproof/buffer.h"
#include "layerproof/error.h"
#include "layerproof/reader.h"

struct tar_file;

/* Opens the tar at `path`, a regular file, and reads its table of regular members once (symbolic
 * and hard links between members are resolved: old `docker save` writes them). Of several members
 * with one name the last counts, as when the archive is unpacked. ERROR_SYSTEM, ERROR_MALFORMED or
 * ERROR_OVER_LIMIT (LIMIT_ARCHIVE_*). */
struct tar_file *tar_file_open(const char *path, struct error *err);
void tar_file_close(struct tar_file *archive); /* NULL is legal */

/* Whether the archive is compressed as a whole: each member is then reached from its start. */
bool tar_file_is_compressed(const struct tar_file *archive);

/* Bytes of the member, or -1 when there is none of this name. A leading "./" is ignored on both
 * sides. */
int64_t tar_file_member_size(const struct tar_file *archive, const char *name);

/* A reader over one member; ERROR_NOT_FOUND when there is none. The reader is independent of others
 * on the same archive, in other threads too; the archive must outlive it. A plain tar is entered at
 * the member; a compressed one is decompressed from its start up to it. */
struct reader *tar_file_member_open(struct tar_file *archive, const char *name, struct error *err);

#endif
