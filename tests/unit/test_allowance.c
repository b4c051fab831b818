#include "layer/allowance.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>

#include <cmocka.h>

#include "layerproof/interrupt.h"

enum { THREADS = 8, ROUNDS = 200 };

static void test_take(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct allowance *allowance = allowance_new(100);
	assert_int_equal(allowance_size(allowance), 100);
	assert_int_equal(allowance_take(allowance, 60, &err), 0);
	assert_int_equal(allowance_take(allowance, 40, &err), 0);
	allowance_give_back(allowance, 60);
	assert_int_equal(allowance_take(allowance, 60, &err), 0);
	allowance_give_back(allowance, 100);
	assert_int_equal(allowance_take(allowance, 100, &err), 0);
	allowance_free(allowance);
}

struct crowd {
	struct allowance *allowance;
	atomic_int held;
	atomic_int most;
};

static void *take_and_give(void *context)
{
	struct crowd *crowd = context;
	struct error err = ERROR_INIT;
	for (int i = 0; i < ROUNDS; i++) {
		int size = 1 + i % 10;
		assert_int_equal(allowance_take(crowd->allowance, size, &err), 0);
		int held = atomic_fetch_add(&crowd->held, size) + size;
		int most = atomic_load(&crowd->most);
		while (held > most && !atomic_compare_exchange_weak(&crowd->most, &most, held))
			;
		atomic_fetch_sub(&crowd->held, size);
		allowance_give_back(crowd->allowance, size);
	}
	return NULL;
}

/* Nobody waits for ever, and never is more held than there is. */
static void test_crowd(void **state)
{
	(void)state;
	pthread_t threads[THREADS];
	struct crowd crowd = {.allowance = allowance_new(10)};
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, take_and_give, &crowd), 0);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_in_range(crowd.most, 1, 10);
	assert_int_equal(crowd.held, 0);
	allowance_free(crowd.allowance);
}

/* Last: the signal stays. */
static void test_signal(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct allowance *allowance = allowance_new(10);
	assert_int_equal(allowance_take(allowance, 10, &err), 0);
	interrupt_install();
	raise(SIGTERM);
	assert_int_equal(allowance_take(allowance, 1, &err), -1);
	assert_int_equal(err.code, ERROR_INTERRUPTED);
	assert_string_equal(err.text, "interrupted");
	allowance_give_back(allowance, 10);
	assert_int_equal(allowance_take(allowance, 10, &err), 0);
	allowance_free(allowance);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_take),
		cmocka_unit_test(test_crowd),
		cmocka_unit_test(test_signal),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
