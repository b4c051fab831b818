/*
 * once: a bounded table, by digest, of what is worked out once in a run and shared by all threads;
 * private to this folder.
 *
 * The first thread to claim a digest works it out; others that claim it meanwhile wait for the
 * outcome. When the table is full the oldest finished value goes.
 */
#ifndef LAYERPROOF_CHECK_ONCE_H
#define LAYERPROOF_CHECK_ONCE_H

#include <stddef.h>

#include "layerproof/digest.h"

struct once;

/* Values are counted by the caller's two functions: the table keeps one reference to each value it
 * holds. */
struct once *once_new(size_t capacity, void (*retain)(void *value), void (*release)(void *value));
void once_free(struct once *once); /* NULL is legal */

/* A reference to the value; or NULL: the caller must then work it out and call once_fulfil(). Waits
 * while another thread is at it. */
void *once_claim(struct once *once, const struct digest *key);

/* Hands the claimed value to the table, which takes a reference of its own, and to everybody who
 * waits. */
void once_fulfil(struct once *once, const struct digest *key, void *value);

/* Puts a value in place of the one there is, if any. */
void once_replace(struct once *once, const struct digest *key, void *value);

/* Without claiming: a reference to the value if there is one; and a value offered if there is none.
 */
void *once_peek(struct once *once, const struct digest *key);
void once_offer(struct once *once, const struct digest *key, void *value);

#endif
