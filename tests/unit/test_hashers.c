#include "layer/hashers.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { PIECE = 64 * 1024, PIECES = 30, LINES = 4, ROUNDS = 60 };

static uint8_t bytes[PIECES][PIECE];

static void fill(void)
{
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i / PIECE][i % PIECE] = (uint8_t)(i * 2654435761u >> 24);
}

static void check(const struct digest *digest, size_t size)
{
	struct digest expected;
	digest_of(DIGEST_SHA256, bytes, size, &expected);
	assert_true(digest_equal(digest, &expected));
}

/* All pieces in their order, whoever hashes them. */
static void hash_all(struct hashers *hashers, size_t piece)
{
	struct digest digest;
	struct hash_line *line = hash_line_new(hashers, DIGEST_SHA256);
	for (size_t at = 0; at < sizeof(bytes); at += piece) {
		size_t left = sizeof(bytes) - at;
		hash_line_add(line, &bytes[0][0] + at, left < piece ? left : piece);
	}
	hash_line_finish(line, &digest);
	hash_line_free(line);
	check(&digest, sizeof(bytes));
}

static void test_digests(void **state)
{
	(void)state;
	for (int cores = 1; cores <= 5; cores++) {
		struct hashers *hashers = hashers_new(cores);
		assert_int_equal(hashers_can_help(hashers), cores > 1);
		hash_all(hashers, PIECE);
		hash_all(hashers, 100); /* too small to be handed on */
		hash_all(hashers, 3 * PIECE + 1);
		hashers_free(hashers);
	}
	hash_all(NULL, PIECE);
	assert_false(hashers_can_help(NULL));
}

/* Small pieces behind one that waits for a helper must not overtake it. */
static void test_order(void **state)
{
	(void)state;
	struct hashers *hashers = hashers_new(2);
	for (int round = 0; round < ROUNDS; round++) {
		struct digest digest;
		struct hash_line *line = hash_line_new(hashers, DIGEST_SHA256);
		hash_line_add(line, bytes, 2 * PIECE);
		for (int i = 0; i < 20; i++)
			hash_line_add(line, &bytes[2][i], 1);
		hash_line_add(line, bytes, 0);
		hash_line_finish(line, &digest);
		hash_line_free(line);
		check(&digest, 2 * PIECE + 20);
	}
	hashers_free(hashers);
}

/* After the wait all but the last pieces may be overwritten. */
static void test_wait(void **state)
{
	(void)state;
	enum { RING = 4 };
	static uint8_t ring[RING][PIECE];
	struct hashers *hashers = hashers_new(3);
	struct digest digest;
	struct hash_line *line = hash_line_new(hashers, DIGEST_SHA256);
	for (size_t i = 0; i < PIECES; i++) {
		hash_line_wait(line, RING - 1);
		memcpy(ring[i % RING], bytes[i], PIECE);
		hash_line_add(line, ring[i % RING], PIECE);
	}
	hash_line_finish(line, &digest);
	check(&digest, sizeof(bytes));
	hash_line_free(line);
	hashers_free(hashers);
}

/* Nobody touches the bytes of a line that has gone. */
static void test_abandon(void **state)
{
	(void)state;
	struct hashers *hashers = hashers_new(2);
	for (int round = 0; round < ROUNDS; round++) {
		uint8_t *piece = memory_alloc(PIECE, 1);
		struct hash_line *line = hash_line_new(hashers, DIGEST_SHA512);
		for (int i = 0; i < round % (HASH_LINE_PIECES + 1); i++)
			hash_line_add(line, piece, PIECE);
		hash_line_free(line);
		free(piece);
	}
	hash_line_free(NULL);
	hashers_free(hashers);
}

static void *hash_on_thread(void *context)
{
	struct hashers *hashers = context;
	for (int i = 0; i < 3; i++) {
		hashers_begin(hashers);
		hash_all(hashers, PIECE);
		hashers_pause(hashers);
	}
	return NULL;
}

/* More threads than cores, and fewer. */
static void test_threads(void **state)
{
	(void)state;
	for (int cores = 2; cores <= 8; cores *= 2) {
		pthread_t threads[LINES];
		struct hashers *hashers = hashers_new(cores);
		for (int i = 0; i < LINES; i++)
			assert_int_equal(pthread_create(&threads[i], NULL, hash_on_thread, hashers), 0);
		for (int i = 0; i < LINES; i++)
			assert_int_equal(pthread_join(threads[i], NULL), 0);
		hashers_free(hashers);
	}
}

/* Two lines of one thread, as a layer has them. */
static void test_two_lines(void **state)
{
	(void)state;
	struct hashers *hashers = hashers_new(2);
	struct digest first_digest;
	struct digest second_digest;
	struct hash_line *first = hash_line_new(hashers, DIGEST_SHA256);
	struct hash_line *second = hash_line_new(hashers, DIGEST_SHA256);
	for (size_t i = 0; i < PIECES; i++) {
		hash_line_wait(first, 0);
		hash_line_add(first, bytes[i], PIECE);
		hash_line_wait(second, 3);
		hash_line_add(second, bytes[i], PIECE);
	}
	hash_line_finish(second, &second_digest);
	hash_line_finish(first, &first_digest);
	hash_line_free(first);
	hash_line_free(second);
	check(&first_digest, sizeof(bytes));
	check(&second_digest, sizeof(bytes));
	hashers_free(hashers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_digests), cmocka_unit_test(test_order),
		cmocka_unit_test(test_wait),    cmocka_unit_test(test_abandon),
		cmocka_unit_test(test_threads), cmocka_unit_test(test_two_lines),
	};
	fill();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
