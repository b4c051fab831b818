#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>

#include "net/secret.h"
#include "net/tokens.h"

enum { THREADS = 8 };

struct shared {
	struct tokens *tokens;
	atomic_int fetched;
	atomic_int waiting;
	bool fails;
};

static void check_value(char *actual, const char *expected)
{
	assert_non_null(actual);
	assert_string_equal(actual, expected);
	secret_free(actual);
}

static void test_a_token_is_kept_until_it_is_refused(void **state)
{
	(void)state;
	struct tokens *tokens = tokens_new();
	struct error err = ERROR_INIT;
	char *value = NULL;
	assert_int_equal(tokens_begin(tokens, "h/a", NULL, &value, &err), TOKENS_FETCH);
	tokens_finish(tokens, "h/a", "Bearer one", 60);
	assert_int_equal(tokens_begin(tokens, "h/a", NULL, &value, &err), TOKENS_READY);
	check_value(value, "Bearer one");
	assert_int_equal(tokens_begin(tokens, "h/b", NULL, &value, &err), TOKENS_FETCH);
	assert_int_equal(tokens_begin(tokens, "h/a", "Bearer zero", &value, &err), TOKENS_READY);
	check_value(value, "Bearer one");
	assert_int_equal(tokens_begin(tokens, "h/a", "Bearer one", &value, &err), TOKENS_FETCH);
	tokens_finish(tokens, "h/a", "Bearer two", 60);
	assert_int_equal(tokens_begin(tokens, "h/a", NULL, &value, &err), TOKENS_READY);
	check_value(value, "Bearer two");
	assert_int_equal(err.code, ERROR_NONE);
	tokens_free(tokens);
}

static void test_a_token_ends(void **state)
{
	(void)state;
	struct tokens *tokens = tokens_new();
	struct error err = ERROR_INIT;
	char *value = NULL;
	assert_int_equal(tokens_begin(tokens, "h/a", NULL, &value, &err), TOKENS_FETCH);
	tokens_finish(tokens, "h/a", "Bearer one", 0);
	assert_int_equal(tokens_begin(tokens, "h/a", NULL, &value, &err), TOKENS_FETCH);
	tokens_free(tokens);
}

static struct tokens *with_token(int64_t seconds)
{
	struct tokens *tokens = tokens_new();
	struct error err = ERROR_INIT;
	char *value = NULL;
	assert_int_equal(tokens_begin(tokens, "h/a", NULL, &value, &err), TOKENS_FETCH);
	tokens_finish(tokens, "h/a", "Bearer one", seconds);
	return tokens;
}

static void expect(struct tokens *tokens, const char *refused, enum tokens_result result,
				   const char *expected)
{
	struct error err = ERROR_INIT;
	char *value = NULL;
	assert_int_equal(tokens_begin(tokens, "h/a", refused, &value, &err), result);
	if (expected == NULL)
		assert_null(value);
	else
		check_value(value, expected);
}

/* A token within 5 s of its end, or within a tenth of its life, is renewed by one; the others, who
 * come while that lasts, neither wait nor go without. */
static void test_a_token_is_renewed_before_its_end(void **state)
{
	(void)state;
	struct tokens *tokens = with_token(4);
	expect(tokens, NULL, TOKENS_RENEW, "Bearer one");
	expect(tokens, NULL, TOKENS_READY, "Bearer one");
	expect(tokens, "Bearer zero", TOKENS_READY, "Bearer one");
	tokens_finish(tokens, "h/a", "Bearer two", 60);
	expect(tokens, NULL, TOKENS_READY, "Bearer two");
	tokens_free(tokens);
}

/* Failure: the old one goes on to its end, and nobody tries again at once. */
static void test_a_renewal_that_fails_takes_nothing_away(void **state)
{
	(void)state;
	struct tokens *tokens = with_token(4);
	struct error why = ERROR_INIT;
	error_set(&why, ERROR_UNREACHABLE, "h: 503");
	expect(tokens, NULL, TOKENS_RENEW, "Bearer one");
	tokens_fail(tokens, "h/a", &why);
	expect(tokens, NULL, TOKENS_READY, "Bearer one");
	expect(tokens, "Bearer one", TOKENS_FETCH, NULL);
	tokens_fail(tokens, "h/a", &why);
	expect(tokens, NULL, TOKENS_FETCH, NULL);
	tokens_free(tokens);
}

/* Whoever is to fetch waits until all the others have surely come. */
static void *ask(void *context)
{
	struct shared *shared = context;
	struct error err = ERROR_INIT;
	struct error refused = ERROR_INIT;
	char *value = NULL;
	atomic_fetch_add(&shared->waiting, 1);
	enum tokens_result result = tokens_begin(shared->tokens, "h/a", NULL, &value, &err);
	if (result == TOKENS_FETCH) {
		atomic_fetch_add(&shared->fetched, 1);
		while (atomic_load(&shared->waiting) < THREADS)
			usleep(1000);
		usleep(50000);
		error_set(&refused, ERROR_DENIED, "h: 401");
		if (shared->fails)
			tokens_fail(shared->tokens, "h/a", &refused);
		else
			tokens_finish(shared->tokens, "h/a", "Bearer one", 60);
		return NULL;
	}
	if (shared->fails) {
		assert_int_equal(result, TOKENS_FAILED);
		assert_int_equal(err.code, ERROR_DENIED);
		assert_string_equal(err.text, "h: 401");
	} else {
		assert_int_equal(result, TOKENS_READY);
		check_value(value, "Bearer one");
	}
	return NULL;
}

static void check_one_flight(bool fails)
{
	struct shared shared = {.tokens = tokens_new(), .fails = fails};
	pthread_t threads[THREADS];
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, ask, &shared), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(atomic_load(&shared.fetched), 1);
	tokens_free(shared.tokens);
}

static void test_one_thread_fetches_for_all(void **state)
{
	(void)state;
	check_one_flight(false);
}

static void test_one_failure_is_told_to_all(void **state)
{
	(void)state;
	check_one_flight(true);
}

static void test_a_failure_is_not_kept(void **state)
{
	(void)state;
	struct tokens *tokens = tokens_new();
	struct error err = ERROR_INIT;
	struct error why = ERROR_INIT;
	char *value = NULL;
	error_set(&why, ERROR_UNREACHABLE, "h: 503");
	assert_int_equal(tokens_begin(tokens, "h/a", NULL, &value, &err), TOKENS_FETCH);
	tokens_fail(tokens, "h/a", &why);
	assert_int_equal(tokens_begin(tokens, "h/a", NULL, &value, &err), TOKENS_FETCH);
	assert_int_equal(err.code, ERROR_NONE);
	tokens_free(tokens);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_token_is_kept_until_it_is_refused),
		cmocka_unit_test(test_a_token_ends),
		cmocka_unit_test(test_one_thread_fetches_for_all),
		cmocka_unit_test(test_one_failure_is_told_to_all),
		cmocka_unit_test(test_a_token_is_renewed_before_its_end),
		cmocka_unit_test(test_a_renewal_that_fails_takes_nothing_away),
		cmocka_unit_test(test_a_failure_is_not_kept),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
