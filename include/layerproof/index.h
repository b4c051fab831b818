/*
 * index: internal images by every digest they are known by (layerproof-index(5)).
 *
 * Keys are one algorithm byte and the raw digest. Every look-up of one finding is made in one
 * snapshot. What depends on the whole index (the base boundary of an image) is worked out at
 * look-up from a trie of layer prefixes, so it is right at once whatever was imported later.
 */
#ifndef LAYERPROOF_INDEX_H
#define LAYERPROOF_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layerproof/error.h"
#include "layerproof/internal_image.h"
#include "layerproof/memory.h"

enum { INDEX_VERSION = 2, INDEX_ID_SIZE = 33 };

struct index;

enum index_mode {
	INDEX_READ,
	INDEX_WRITE,         /* waits while another process has it open for writing, and says so */
	INDEX_WRITE_NOW,     /* fails then: ERROR_SYSTEM names the process */
	INDEX_WRITE_THROUGH, /* as INDEX_WRITE, but what is begun is ended whatever signal comes: for
							what was read before it */
};

/* Opens (for writing: or creates) the index in `directory`. Readers wait for nobody. A signal ends
 * the waiting (ERROR_INTERRUPTED), and later a commit, which then changes nothing. ERROR_NOT_FOUND:
 * there is none, says "run layerproof import or add"; ERROR_UNSUPPORTED: written by another
 * version, says what to do; ERROR_MALFORMED: damaged; ERROR_SYSTEM. A process opens an index once
 * at a time (lmdb.h, "Caveats"). */
struct index *index_open(const char *directory, enum index_mode mode, struct error *err);
void index_close(struct index *index); /* NULL is legal */
DEFINE_CLEANUP(struct index, index_close)

/* ---- Reading ---- */

/* What the index says of one digest. */
struct index_entry {
	unsigned identities; /* bits of enum identity: all it is claimed to be */
	enum origin origin;  /* the strongest disclaimer among the images that hold it */
	uint32_t images;     /* how many hold it */
	uint32_t first;      /* number of the first image that holds it */
};

/* Where an image's own work begins (DESIGN: base boundary). */
enum boundary_reason {
	BOUNDARY_NONE,           /* layers of the image are not known */
	BOUNDARY_SET,            /* known: a person set it */
	BOUNDARY_BASE_DIGEST,    /* known: its base digest annotation resolves in the index */
	BOUNDARY_COMPLETE_BASES, /* known: longest public or third-party prefix, and the configuration
								says bases are complete */
	BOUNDARY_KNOWN_PREFIX,   /* guessed: that prefix */
	BOUNDARY_PARTING,        /* guessed: repositories of ours part ways there */
	BOUNDARY_ROOT_HISTORY,   /* guessed: the root of an operating system reaches up to there */
	BOUNDARY_FIRST_LAYER,    /* guessed: nothing else known, more than one layer */
	BOUNDARY_SINGLE_LAYER,   /* guessed: one layer only, all its own */
};

struct boundary {
	size_t layers; /* bottom layers that are not its own work */
	bool known;
	enum boundary_reason reason;
};

const char *boundary_reason_name(enum boundary_reason reason);
const char *boundary_reason_text(enum boundary_reason reason); /* a sentence for people */

/* One consistent state of the index. Each thread takes its own; none is held while on the network.
 */
struct index_snapshot;
struct index_snapshot *index_snapshot_begin(struct index *index, struct error *err);
void index_snapshot_end(struct index_snapshot *snapshot); /* NULL is legal */

/* The same index always gives the same id: 32 hex digits of a hash over what was put in, in any
 * order. `updated_at` is in seconds. */
void index_snapshot_id(const struct index_snapshot *snapshot, char id[static INDEX_ID_SIZE],
					   int64_t *updated_at);

/* Whether any digest of this algorithm is in the index: 1, 0, or -1 for an error. */
int index_knows_algorithm(struct index_snapshot *snapshot, enum digest_algorithm algorithm,
						  struct error *err);

/* Whether any digest of the index is claimed to be one of these identities (bits). */
bool index_knows(const struct index_snapshot *snapshot, unsigned identities);

/* 1 found, 0 not known, -1 error. chain_ids of known layer stacks are found too. */
int index_find(struct index_snapshot *snapshot, const struct digest *digest,
			   struct index_entry *out, struct error *err);

/* What the index says of the stack of layers at the bottom of an image. */
struct index_stack {
	size_t layers;      /* of the longest prefix that an image has; 0: of none */
	enum origin origin; /* the strongest disclaimer among the images that have it */
	uint32_t image;     /* number of one that is exactly this stack if there is one, else of the
						   first that begins with it */
};

/* The longest prefix of `diff_ids`, bottom first, that an image of the index has, by its ChainID:
 * 0 or -1. */
int index_find_stack(struct index_snapshot *snapshot, const struct digest *diff_ids, size_t count,
					 struct index_stack *out, struct error *err);

/* Numbers of the images that hold the digest, ascending, at most `capacity`; returns how many were
 * written, or -1. */
int index_holders(struct index_snapshot *snapshot, const struct digest *digest, uint32_t *out,
				  size_t capacity, struct error *err);

/* The image of this number: 1, 0 or -1. Clear with internal_image_clear(). */
int index_image(struct index_snapshot *snapshot, uint32_t number, struct internal_image *out,
				struct error *err);

/* Whose it is, without reading the rest: 1, 0 or -1. */
int index_image_origin(struct index_snapshot *snapshot, uint32_t number, enum origin *out,
					   struct error *err);

/* The boundary of an image, worked out from the whole index; `complete_bases` is the
 * configuration's word. */
int index_boundary(struct index_snapshot *snapshot, const struct internal_image *image,
				   bool complete_bases, struct boundary *out, struct error *err);

/* The image of this number, which index_holders() or an entry gave, with its boundary: 0 or -1; one
 * that is not there is damage. Clear with internal_image_clear(). */
int index_holder(struct index_snapshot *snapshot, uint32_t number, bool complete_bases,
				 struct internal_image *image, struct boundary *boundary, struct error *err);

/* Whether another image, known by one of the digests that name this one, has layers: 1, 0 or -1. */
int index_tells_layers(struct index_snapshot *snapshot, const struct internal_image *image,
					   struct error *err);

/* Whether there is an image of ours whose layers nobody tells: 1, 0 or -1. Where there is none it
 * looks at all images. */
int index_lacks_layers(struct index_snapshot *snapshot, struct error *err);

/* ---- Walking all of it ---- */

/* Called for each image by ascending number; a value other than 0 ends the walk and is returned. */
int index_each_image(struct index_snapshot *snapshot,
					 int (*visit)(void *context, uint32_t number,
								  const struct internal_image *image),
					 void *context, struct error *err);

/* The same in an order that follows from what the images are, whenever they came. ERROR_INTERRUPTED
 * when a signal asks the run to end. */
int index_each_image_in_order(struct index_snapshot *snapshot,
							  int (*visit)(void *context, const struct internal_image *image),
							  void *context, struct error *err);

/* One file that was imported, or one image added. */
struct index_source {
	char *name;           /* --source */
	char *file;           /* as named on the command line; "-" */
	struct digest sha256; /* of the file's bytes */
	int64_t imported_at;  /* seconds */
	uint64_t rows;        /* taken */
	uint64_t refused;
};
void index_source_clear(struct index_source *source);

int index_each_source(struct index_snapshot *snapshot,
					  int (*visit)(void *context, const struct index_source *source), void *context,
					  struct error *err);

struct index_statistics {
	unsigned version;
	uint64_t images;
	uint64_t digests; /* distinct; chain_ids are counted apart, in `identities` */
	uint64_t identities[IDENTITY_COUNT]; /* by bit position */
	uint64_t origins[4];                 /* images, by enum origin */
	uint64_t bytes;                      /* of the data file in use */
};
int index_statistics(struct index_snapshot *snapshot, struct index_statistics *out,
					 struct error *err);

/* Writes the index as it is now, without unused room, into `directory`, where none is yet. Others
 * read and write it meanwhile. ERROR_SYSTEM; ERROR_INTERRUPTED. */
int index_copy(struct index *index, const char *directory, struct error *err);

/* ---- Writing ---- */

/* Collects images, sorts them, and writes them in one transaction. `memory` bounds in bytes what is
 * held at once, 0 being LIMIT_BATCH_MEMORY; the rest waits in a temporary file. LMDB holds changed
 * pages beside it: half as much again in the first import of an index, which readers see when all
 * of it is there; up to 512 MiB in a later one. */
struct index_batch;
struct index_batch *index_batch_new(uint64_t memory);
void index_batch_free(struct index_batch *batch); /* NULL is legal */

/* Copies. An image equal to one already there (or in the batch) in everything but source and row is
 * one image. */
void index_batch_add(struct index_batch *batch, const struct internal_image *image);

/* -1 when the disk failed, and not all that was added is kept. */
int index_batch_check(const struct index_batch *batch, struct error *err);

/* A source that the commit puts into the index as it is, unless one of its name and bytes is there:
 * of an index that was exported. Copies. */
void index_batch_add_source(struct index_batch *batch, const struct index_source *source);

/* Distinct digests of all images in the batch, chain_ids not counted: a walk over all of it, for
 * who does not commit it. */
int index_batch_count_digests(struct index_batch *batch, uint64_t *out, struct error *err);

struct index_outcome {
	uint64_t images_new;
	uint64_t digests_new;
	uint64_t digests;      /* distinct ones of all images in the batch, chain_ids not counted */
	bool already_imported; /* a source of the same name and bytes is there: nothing was changed */
};

/* All or nothing. `source` may be NULL (add). Running it twice with the same input changes nothing.
 * The caller's thread holds no snapshot of this index: the commit may have to wait for the end of
 * all of them. */
int index_commit(struct index *index, struct index_batch *batch, const struct index_source *source,
				 struct index_outcome *outcome, struct error *err);

#endif
