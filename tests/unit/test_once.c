#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "check/once.h"
#include "layerproof/memory.h"

/* A counted value that remembers what it was made for. */
struct value {
	atomic_int references;
	unsigned number;
};

static atomic_int values_alive;

static struct value *make_value(unsigned number)
{
	struct value *value = memory_alloc(1, sizeof(*value));
	value->references = 1;
	value->number = number;
	atomic_fetch_add(&values_alive, 1);
	return value;
}

static void retain(void *held)
{
	struct value *value = held;
	atomic_fetch_add(&value->references, 1);
}

static void release(void *held)
{
	struct value *value = held;
	if (atomic_fetch_sub(&value->references, 1) > 1)
		return;
	free(value);
	atomic_fetch_sub(&values_alive, 1);
}

static struct digest key_of(unsigned number)
{
	struct digest key;
	digest_of(DIGEST_SHA256, &number, sizeof(number), &key);
	return key;
}

/* Claims, makes and hands over a value; it must not be there yet. */
static void fulfil(struct once *once, unsigned number)
{
	struct digest key = key_of(number);
	struct value *value = make_value(number);
	assert_null(once_claim(once, &key));
	once_fulfil(once, &key, value);
	release(value);
}

static bool is_held(struct once *once, unsigned number)
{
	struct digest key = key_of(number);
	struct value *value = once_peek(once, &key);
	if (value == NULL)
		return false;
	assert_int_equal(value->number, number);
	release(value);
	return true;
}

static int check_nothing_leaks(void **state)
{
	(void)state;
	return atomic_load(&values_alive) == 0 ? 0 : -1;
}

/* ---- One thread ---- */

static void test_a_claimed_value_is_there_for_the_next(void **state)
{
	struct once *once = once_new(4, retain, release);
	struct digest key = key_of(1);
	(void)state;
	fulfil(once, 1);
	struct value *value = once_claim(once, &key);
	assert_non_null(value);
	assert_int_equal(value->number, 1);
	assert_int_equal(atomic_load(&value->references), 2);
	once_free(once);
	/* What was handed out outlives the table. */
	assert_int_equal(value->number, 1);
	assert_int_equal(atomic_load(&value->references), 1);
	release(value);
}

static void test_the_oldest_goes_first(void **state)
{
	struct once *once = once_new(3, retain, release);
	(void)state;
	for (unsigned i = 0; i < 3; i++)
		fulfil(once, i);
	assert_true(is_held(once, 0)); /* being looked at keeps nothing */
	fulfil(once, 3);
	assert_false(is_held(once, 0));
	assert_true(is_held(once, 1));
	fulfil(once, 4);
	assert_false(is_held(once, 1));
	assert_true(is_held(once, 2));
	assert_true(is_held(once, 3));
	assert_true(is_held(once, 4));
	assert_int_equal(atomic_load(&values_alive), 3);
	once_free(once);
}

/* Claims in progress do not count, and are never thrown out. */
static void test_a_full_table_keeps_claims(void **state)
{
	struct once *once = once_new(1, retain, release);
	struct digest key = key_of(0);
	(void)state;
	assert_null(once_claim(once, &key));
	for (unsigned i = 1; i < 50; i++)
		fulfil(once, i);
	assert_int_equal(atomic_load(&values_alive), 1);
	struct value *value = make_value(0);
	once_fulfil(once, &key, value);
	release(value);
	assert_true(is_held(once, 0));
	assert_false(is_held(once, 49));
	once_free(once);
}

static void test_a_table_of_none_holds_none(void **state)
{
	struct once *once = once_new(0, retain, release);
	(void)state;
	fulfil(once, 1);
	fulfil(once, 1);
	assert_false(is_held(once, 1));
	once_free(once);
}

static void test_many_values(void **state)
{
	enum { MANY = 5000, KEPT = 1000 };
	struct once *once = once_new(KEPT, retain, release);
	(void)state;
	for (unsigned i = 0; i < MANY; i++)
		fulfil(once, i);
	for (unsigned i = 0; i < MANY; i++)
		assert_int_equal(is_held(once, i), i >= MANY - KEPT);
	once_free(once);
}

static void test_peek_and_offer(void **state)
{
	struct once *once = once_new(4, retain, release);
	struct digest key = key_of(1);
	struct value *first = make_value(1);
	struct value *second = make_value(2);
	(void)state;
	assert_null(once_peek(once, &key));
	once_offer(once, &key, first);
	once_offer(once, &key, second); /* the first stays */
	struct value *held = once_peek(once, &key);
	assert_ptr_equal(held, first);
	release(held);
	release(first);
	release(second);
	once_free(once);
}

/* While somebody works it out there is nothing to see, and an offer does not get in between. */
static void test_peek_and_offer_beside_a_claim(void **state)
{
	struct once *once = once_new(4, retain, release);
	struct digest key = key_of(1);
	struct value *offered = make_value(2);
	struct value *made = make_value(1);
	(void)state;
	assert_null(once_claim(once, &key));
	assert_null(once_peek(once, &key));
	once_offer(once, &key, offered);
	assert_null(once_peek(once, &key));
	once_fulfil(once, &key, made);
	struct value *held = once_peek(once, &key);
	assert_ptr_equal(held, made);
	release(held);
	release(offered);
	release(made);
	once_free(once);
}

static void test_a_value_is_replaced(void **state)
{
	struct once *once = once_new(2, retain, release);
	struct digest key = key_of(1);
	(void)state;
	for (unsigned number = 1; number <= 3; number++) {
		struct value *value = make_value(number);
		once_replace(once, &key, value);
		release(value);
		struct value *held = once_peek(once, &key);
		assert_int_equal(held->number, number);
		release(held);
	}
	fulfil(once, 2); /* the table has room for both: one place was taken */
	struct value *held = once_peek(once, &key);
	assert_int_equal(held->number, 3);
	release(held);
	assert_true(is_held(once, 2));
	once_free(once);
}

static void test_nothing_is_replaced_beside_a_claim(void **state)
{
	struct once *once = once_new(2, retain, release);
	struct digest key = key_of(1);
	struct value *value = make_value(7);
	(void)state;
	assert_null(once_claim(once, &key));
	once_replace(once, &key, value);
	release(value);
	assert_null(once_peek(once, &key));
	once_free(once);
}

static void test_nothing_to_free(void **state)
{
	(void)state;
	once_free(NULL);
	once_free(once_new(16, retain, release));
	struct once *once = once_new(16, retain, release);
	struct digest key = key_of(1);
	assert_null(once_claim(once, &key)); /* never fulfilled */
	once_free(once);
}

/* ---- Several threads ---- */

enum { THREADS = 8, KEYS = 40, TURNS = 200 };

struct shared {
	struct once *once;
	atomic_uint made[KEYS];    /* how often each value was worked out */
	atomic_uint working[KEYS]; /* how many are at it now */
	unsigned turns;
	pthread_barrier_t start;
};

struct thread {
	struct shared *shared;
	pthread_t id;
	unsigned number;
	bool is_wrong;
};

/* Works a claimed value out. */
static void work_out(struct thread *thread, unsigned number, const struct digest *key)
{
	struct shared *shared = thread->shared;
	if (atomic_fetch_add(&shared->working[number], 1) != 0)
		thread->is_wrong = true;
	usleep(50);
	atomic_fetch_add(&shared->made[number], 1);
	atomic_fetch_sub(&shared->working[number], 1);
	struct value *value = make_value(number);
	once_fulfil(shared->once, key, value);
	release(value);
}

static void *claim_in_turns(void *context)
{
	struct thread *thread = context;
	struct shared *shared = thread->shared;
	pthread_barrier_wait(&shared->start);
	for (unsigned turn = 0; turn < shared->turns; turn++) {
		unsigned number = (turn * 7 + thread->number) % KEYS;
		struct digest key = key_of(number);
		struct value *value = once_claim(shared->once, &key);
		if (value == NULL) {
			work_out(thread, number, &key);
			continue;
		}
		if (value->number != number)
			thread->is_wrong = true;
		release(value);
	}
	return NULL;
}

static void run_threads(struct shared *shared, size_t capacity)
{
	struct thread threads[THREADS];
	shared->once = once_new(capacity, retain, release);
	pthread_barrier_init(&shared->start, NULL, THREADS);
	for (unsigned i = 0; i < THREADS; i++) {
		threads[i] = (struct thread){.shared = shared, .number = i};
		assert_int_equal(pthread_create(&threads[i].id, NULL, claim_in_turns, &threads[i]), 0);
	}
	for (unsigned i = 0; i < THREADS; i++) {
		pthread_join(threads[i].id, NULL);
		assert_false(threads[i].is_wrong);
	}
	pthread_barrier_destroy(&shared->start);
	once_free(shared->once);
}

static void test_each_value_is_worked_out_once(void **state)
{
	static struct shared shared = {.turns = TURNS};
	(void)state;
	run_threads(&shared, KEYS);
	for (unsigned i = 0; i < KEYS; i++)
		assert_int_equal(atomic_load(&shared.made[i]), 1);
}

/* Values go while others wait for them or still hold them. */
static void test_threads_on_a_small_table(void **state)
{
	static struct shared shared = {.turns = TURNS};
	(void)state;
	run_threads(&shared, 2);
	for (unsigned i = 0; i < KEYS; i++)
		assert_true(atomic_load(&shared.made[i]) >= 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_a_claimed_value_is_there_for_the_next, check_nothing_leaks),
		cmocka_unit_test_teardown(test_the_oldest_goes_first, check_nothing_leaks),
		cmocka_unit_test_teardown(test_a_full_table_keeps_claims, check_nothing_leaks),
		cmocka_unit_test_teardown(test_a_table_of_none_holds_none, check_nothing_leaks),
		cmocka_unit_test_teardown(test_many_values, check_nothing_leaks),
		cmocka_unit_test_teardown(test_peek_and_offer, check_nothing_leaks),
		cmocka_unit_test_teardown(test_peek_and_offer_beside_a_claim, check_nothing_leaks),
		cmocka_unit_test_teardown(test_a_value_is_replaced, check_nothing_leaks),
		cmocka_unit_test_teardown(test_nothing_is_replaced_beside_a_claim, check_nothing_leaks),
		cmocka_unit_test_teardown(test_nothing_to_free, check_nothing_leaks),
		cmocka_unit_test_teardown(test_each_value_is_worked_out_once, check_nothing_leaks),
		cmocka_unit_test_teardown(test_threads_on_a_small_table, check_nothing_leaks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
