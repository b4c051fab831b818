#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>

#include "check/hands.h"
#include "layerproof/error.h"
#include "net/pace.h"
#include "net/shared.h"

/* Hands over a pace that the test itself moves. What is lent waits until the test lets it go. */
struct fixture {
	struct network network;
	struct hands *hands;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int ended;
	int let_go;
};

static void set_up(struct fixture *fixture, unsigned readers)
{
	*fixture = (struct fixture){.network = {.pace = pace_new(false)}};
	pthread_mutex_init(&fixture->lock, NULL);
	pthread_cond_init(&fixture->changed, NULL);
	fixture->hands = hands_new(readers, &fixture->network);
}

static void tear_down(struct fixture *fixture)
{
	hands_free(fixture->hands);
	pace_free(fixture->network.pace);
	pthread_cond_destroy(&fixture->changed);
	pthread_mutex_destroy(&fixture->lock);
}

static void work(void *context, struct source_client *client)
{
	struct fixture *fixture = context;
	assert_non_null(client);
	pthread_mutex_lock(&fixture->lock);
	while (fixture->let_go == 0)
		pthread_cond_wait(&fixture->changed, &fixture->lock);
	fixture->let_go--;
	fixture->ended++;
	pthread_mutex_unlock(&fixture->lock);
}

static void let_go(struct fixture *fixture, int count)
{
	pthread_mutex_lock(&fixture->lock);
	fixture->let_go += count;
	pthread_cond_broadcast(&fixture->changed);
	pthread_mutex_unlock(&fixture->lock);
}

/* Lends until there is no room; returns how many. */
static int lend_all(struct fixture *fixture, struct lent_hands *lent)
{
	int count = 0;
	while (count < 100 && hands_lend(lent, work, fixture))
		count++;
	return count;
}

static void test_all_candidates_share_the_readers(void **state)
{
	struct fixture fixture;
	struct lent_hands first = {.hands = NULL};
	struct lent_hands second = {.hands = NULL};
	(void)state;
	set_up(&fixture, 5);
	hands_arrive(&first, fixture.hands, NULL);
	assert_int_equal(lend_all(&fixture, &first), 4);
	assert_true(hands_may_stay(&first));
	/* One more candidate reads by itself; a hand is one too many. */
	hands_arrive(&second, fixture.hands, NULL);
	assert_int_equal(lend_all(&fixture, &second), 0);
	assert_false(hands_may_stay(&first));
	let_go(&fixture, 4);
	hands_join(&first);
	assert_int_equal(fixture.ended, 4);
	assert_true(hands_may_stay(&first));
	assert_int_equal(lend_all(&fixture, &second), 3);
	hands_leave(&first);
	assert_int_equal(lend_all(&fixture, &second), 1);
	let_go(&fixture, 4);
	hands_join(&second);
	hands_leave(&second);
	assert_int_equal(fixture.ended, 8);
	tear_down(&fixture);
}

static void test_a_host_has_no_more_than_its_pace_allows(void **state)
{
	struct fixture fixture;
	struct lent_hands slow = {.hands = NULL};
	struct lent_hands other = {.hands = NULL};
	(void)state;
	set_up(&fixture, 100);
	hands_arrive(&slow, fixture.hands, "slow:5000");
	assert_int_equal(lend_all(&fixture, &slow), 3); /* a host that nothing is known of */
	pace_answered(fixture.network.pace, "slow:5000");
	assert_int_equal(lend_all(&fixture, &slow), 1);
	pace_slow_down(fixture.network.pace, "slow:5000", INT64_MAX);
	assert_false(hands_may_stay(&slow));
	hands_arrive(&other, fixture.hands, "other");
	assert_int_equal(lend_all(&fixture, &other), 3);
	let_go(&fixture, 7);
	hands_join(&slow);
	hands_join(&other);
	assert_int_equal(lend_all(&fixture, &slow), 1); /* a window of 5 was halved to 2 */
	assert_true(hands_may_stay(&slow));
	let_go(&fixture, 1);
	hands_join(&slow);
	hands_leave(&slow);
	hands_leave(&other);
	tear_down(&fixture);
}

static void test_none_are_lent_to_a_host_that_is_left_alone(void **state)
{
	struct fixture fixture;
	struct lent_hands lent = {.hands = NULL};
	struct error why = ERROR_INIT;
	int64_t until_ms;
	(void)state;
	set_up(&fixture, 100);
	hands_arrive(&lent, fixture.hands, "busy");
	error_set(&why, ERROR_RATE_LIMITED, "too many");
	pace_refused(fixture.network.pace, "busy", 0, 30, &why, &until_ms);
	assert_int_equal(lend_all(&fixture, &lent), 0);
	assert_false(hands_may_stay(&lent));
	hands_leave(&lent);
	tear_down(&fixture);
}

static void test_a_budget_is_not_shared_out(void **state)
{
	struct fixture fixture;
	struct lent_hands lent = {.hands = NULL};
	(void)state;
	set_up(&fixture, 100);
	hands_free(fixture.hands);
	fixture.network.budget.max_bytes = 1000;
	fixture.hands = hands_new(100, &fixture.network);
	hands_arrive(&lent, fixture.hands, NULL);
	assert_int_equal(lend_all(&fixture, &lent), 0);
	hands_leave(&lent);
	tear_down(&fixture);
}

/* Without hands_join() in between: what has ended makes room. */
static void test_what_has_ended_makes_room(void **state)
{
	struct fixture fixture;
	struct lent_hands lent = {.hands = NULL};
	(void)state;
	set_up(&fixture, 3);
	hands_arrive(&lent, fixture.hands, NULL);
	assert_int_equal(lend_all(&fixture, &lent), 2);
	let_go(&fixture, 1);
	while (!hands_lend(&lent, work, &fixture))
		continue;
	assert_int_equal(lend_all(&fixture, &lent), 0);
	let_go(&fixture, 2);
	hands_join(&lent);
	assert_int_equal(fixture.ended, 3);
	assert_int_equal(lent.requests, 0);
	hands_leave(&lent);
	tear_down(&fixture);
}

static void test_what_is_to_come_back_is_the_greatest(void **state)
{
	struct lent_hands lent = {.hands = NULL};
	int refusals = 2;
	int64_t come_back_ms = 50;
	(void)state;
	hands_begin_work(&lent, 1);
	assert_true(lent.has_other_work);
	hands_come_back(&lent, &refusals, &come_back_ms);
	assert_int_equal(refusals, 2);
	assert_int_equal(come_back_ms, 50);
	lent.refusals = 3;
	lent.come_back_ms = 70;
	hands_come_back(&lent, &refusals, &come_back_ms);
	assert_int_equal(refusals, 3);
	assert_int_equal(come_back_ms, 70);
	hands_begin_work(&lent, 0);
	assert_int_equal(lent.come_back_ms, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_candidates_share_the_readers),
		cmocka_unit_test(test_a_host_has_no_more_than_its_pace_allows),
		cmocka_unit_test(test_none_are_lent_to_a_host_that_is_left_alone),
		cmocka_unit_test(test_a_budget_is_not_shared_out),
		cmocka_unit_test(test_what_has_ended_makes_room),
		cmocka_unit_test(test_what_is_to_come_back_is_the_greatest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
