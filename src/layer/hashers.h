/*
 * hashers: digests computed piece by piece beside the threads that have the bytes.
 *
 * Each digest is a line of pieces, hashed in order by one thread at a time. A piece is left to a
 * helper, a thread of this module, as long as fewer threads compute than there are cores; else it
 * is hashed on the spot. A thread that must wait for its pieces hashes what nobody is at.
 */
#ifndef LAYER_HASHERS_H
#define LAYER_HASHERS_H

#include <stdbool.h>
#include <stddef.h>

#include "layerproof/digest.h"
#include "layerproof/memory.h"

/* Pieces of one line that may wait or be hashed at one time. */
enum { HASH_LINE_PIECES = 8 };

struct hashers;

/* `cores`: 0 for as many as this process may run on. Helpers are started when first needed: one
 * fewer than cores. */
struct hashers *hashers_new(int cores);
void hashers_free(struct hashers *hashers); /* after all its lines */

/* Whether there is more than one core, so that pieces can be left to another. */
bool hashers_can_help(const struct hashers *hashers);

/* The calling thread begins to compute for a layer, or stops: it waits for bytes, or has ended. */
void hashers_begin(struct hashers *hashers);
void hashers_pause(struct hashers *hashers);

struct hash_line;

/* `hashers` is borrowed; NULL: every piece is hashed on the spot. */
struct hash_line *hash_line_new(struct hashers *hashers, enum digest_algorithm algorithm);

/* Leaves what waits unhashed. NULL is legal. */
void hash_line_free(struct hash_line *line);
DEFINE_CLEANUP(struct hash_line, hash_line_free)

/* Hashes the bytes, or leaves them to a helper: they must stay until hash_line_wait() says so. */
void hash_line_add(struct hash_line *line, const void *bytes, size_t size);

/* Returns once no piece but the `left` that were added last can still be in use. */
void hash_line_wait(struct hash_line *line, unsigned left);

/* Waits for all and gives their digest. */
void hash_line_finish(struct hash_line *line, struct digest *out);

#endif
