/*
 * tar_framing: where the entries of a tar begin, and how large they are, as the tar reader of the
 * container runtimes takes it (Go's archive/tar, in docker, containerd, podman and buildah).
 *
 * libarchive takes some headers in another way: a size field that begins with NUL or '+', an empty
 * one, a name that ends in a slash, sparse maps in old headers, links with content... Whoever makes
 * a tar of such can have a runtime unpack what libarchive skips as the content of another entry. So
 * this reads the same bytes beside it, to say whether both found the same entries; and to keep the
 * paths of extended headers as they are written, where libarchive hands out their Unicode
 * normalization, which may be that of another path too.
 */
#ifndef LAYER_TAR_FRAMING_H
#define LAYER_TAR_FRAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ustar.h"

enum tar_framing_place {
	TAR_FRAMING_HEADER,    /* in a header, or before one */
	TAR_FRAMING_EXTENSION, /* in a further block of an old GNU sparse map */
	TAR_FRAMING_META,      /* in the content of a header that says more of the next entry */
	TAR_FRAMING_CONTENT,
	TAR_FRAMING_END,     /* behind the end mark */
	TAR_FRAMING_REFUSED, /* behind what no runtime goes on with */
};

struct tar_frame {
	int64_t start; /* byte in the tar of its first header */
	int64_t size;  /* of its content with its holes; 0 for what is no file */
	bool is_sparse;
	int64_t content; /* byte in the tar behind its headers, as far as a reader has come */
};

struct tar_framed_entry {
	struct tar_frame frame;
	char *path; /* owned; see tar_framing_path() */
};

/* What extended headers said of the next entry. */
struct tar_frame_meta {
	int64_t size;       /* -1: nothing */
	int64_t map_size;   /* GNU.sparse.size; -1: nothing, -2: no number */
	int64_t real_size;  /* GNU.sparse.realsize */
	char major;         /* GNU.sparse.major: '0', '1', 0: nothing, '?': another */
	char minor;         /* the same */
	bool has_map;       /* GNU.sparse.map, or what came before it */
	char path_end;      /* the last byte of its path; 0: nothing */
	char long_name_end; /* the last byte of its GNU long name; 0: nothing */
	const char *path;   /* while the header is read: its path, without an end; NULL */
	size_t path_length;
	bool has_sparse_name; /* that is GNU.sparse.name, which beats the other */
};

/* Open value: tar_framing_begin() first. */
struct tar_framing {
	enum tar_framing_place place;
	int64_t at;   /* bytes taken */
	int64_t left; /* of the content at hand, with its padding */
	uint8_t block[USTAR_BLOCK_SIZE];
	size_t block_size;
	char *text; /* of the header that says more of the next entry */
	size_t text_size;
	size_t text_length;
	bool is_long_name;
	bool in_entry; /* such headers have come, and their entry has not */
	int64_t start; /* of the entry at hand */
	struct tar_frame_meta meta;
	unsigned extended; /* headers with records, before the entry at hand */
	char *path;        /* what they say; NULL */
	char *last_path;   /* of the entry that was compared last; NULL */
	bool has_holes;    /* SUN.holesdata, known to libarchive and to no runtime, stood in one */
	struct tar_framed_entry *frames; /* entries that nobody has compared so far */
	size_t capacity;
	size_t count;
	size_t first;
	bool is_lost;
};

void tar_framing_begin(struct tar_framing *self);
void tar_framing_clear(struct tar_framing *self); /* a zeroed one is legal */

/* Reads on. */
void tar_framing_add(struct tar_framing *self, const uint8_t *bytes, size_t size);

/* Whether the next entry is this one. Once one is not, none is; and all are where a runtime would
 * have given up. */
bool tar_framing_has_entry(struct tar_framing *self, const struct tar_frame *entry);

/* The path of the entry that was found last, where an extended header has it and it is not ASCII;
 * NULL for others. Borrowed until the next is looked for. */
const char *tar_framing_path(const struct tar_framing *self);

/* Whether the tar has no more entries, and its end mark, if any, stands at this byte, of which the
 * reader has come to `read`. */
bool tar_framing_has_end(struct tar_framing *self, int64_t end, int64_t read);

#endif
