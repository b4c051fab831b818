#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <pthread.h>

#include "layerproof/clock.h"
#include "layerproof/lanes.h"
#include "layerproof/memory.h"
#include "net/pace.h"
#include "net/shared.h"

/* Lanes over a pace that the test itself moves. */
struct fixture {
	struct network network;
	struct lanes *lanes;
	uint64_t put;
};

static void set_up(struct fixture *fixture, unsigned jobs)
{
	*fixture = (struct fixture){.network = {.pace = pace_new(false)}};
	fixture->lanes = lanes_new(&fixture->network, jobs, 0);
}

static void tear_down(struct fixture *fixture)
{
	lanes_free(fixture->lanes);
	pace_free(fixture->network.pace);
}

static void put(struct fixture *fixture, const char *line)
{
	const struct work like = {.number = fixture->put++, .size = strlen(line)};
	assert_true(lanes_put(fixture->lanes, &like, line, NULL, NULL));
}

static struct work *take(struct fixture *fixture, const char *line)
{
	struct work *work = lanes_take(fixture->lanes);
	assert_non_null(work);
	assert_string_equal(work->line, line);
	return work;
}

static void answer(struct fixture *fixture, const char *host, int times)
{
	for (int i = 0; i < times; i++)
		pace_answered(fixture->network.pace, host);
}

static void test_lanes_take_turns(void **state)
{
	(void)state;
	struct fixture fixture;
	static const char *const turns[] = {"a.example/x:1", "b.example/x:1", "not one!",
										"a.example/x:2", "b.example/x:2", "a.example/x:3"};
	set_up(&fixture, 16);
	put(&fixture, "a.example/x:1");
	put(&fixture, "a.example/x:2");
	put(&fixture, "a.example/x:3");
	put(&fixture, "b.example/x:1");
	put(&fixture, "b.example/x:2");
	put(&fixture, "not one!");
	lanes_close(fixture.lanes);
	for (size_t i = 0; i < sizeof turns / sizeof turns[0]; i++)
		lanes_done(fixture.lanes, take(&fixture, turns[i]));
	assert_null(lanes_take(fixture.lanes));
	tear_down(&fixture);
}

static void test_a_full_lane_is_passed_over(void **state)
{
	(void)state;
	struct fixture fixture;
	struct work *held[4];
	char line[32];
	set_up(&fixture, 16);
	for (int i = 0; i < 5; i++) {
		(void)snprintf(line, sizeof line, "a.example/x:%d", i);
		put(&fixture, line);
	}
	for (int i = 0; i < 4; i++) {
		(void)snprintf(line, sizeof line, "a.example/x:%d", i);
		held[i] = take(&fixture, line);
	}
	put(&fixture, "b.example/x:1");
	struct work *other = take(&fixture, "b.example/x:1");
	lanes_done(fixture.lanes, held[2]);
	struct work *last = take(&fixture, "a.example/x:4");
	lanes_close(fixture.lanes);
	lanes_done(fixture.lanes, other);
	lanes_done(fixture.lanes, last);
	lanes_done(fixture.lanes, held[0]);
	lanes_done(fixture.lanes, held[1]);
	lanes_done(fixture.lanes, held[3]);
	assert_null(lanes_take(fixture.lanes));
	tear_down(&fixture);
}

static void test_a_closed_lane_waits_and_one_that_is_given_up_does_not(void **state)
{
	(void)state;
	struct fixture fixture;
	struct error why = ERROR_INIT;
	int64_t until = 0;
	int64_t before = clock_monotonic_ms();
	set_up(&fixture, 16);
	error_set(&why, ERROR_RATE_LIMITED, "no");
	(void)pace_refused(fixture.network.pace, "a.example", before, 1, &why, &until);
	(void)pace_refused(fixture.network.pace, "b.example", before, 3600, &why, &until);
	put(&fixture, "a.example/x:1");
	put(&fixture, "b.example/x:1");
	lanes_close(fixture.lanes);
	lanes_done(fixture.lanes, take(&fixture, "b.example/x:1"));
	assert_true(clock_monotonic_ms() - before < 1000);
	lanes_done(fixture.lanes, take(&fixture, "a.example/x:1"));
	assert_true(clock_monotonic_ms() - before >= 1000);
	assert_null(lanes_take(fixture.lanes));
	tear_down(&fixture);
}

static void test_work_that_is_put_back_comes_first_and_later(void **state)
{
	(void)state;
	struct fixture fixture;
	set_up(&fixture, 16);
	put(&fixture, "a.example/x:1");
	put(&fixture, "a.example/x:2");
	lanes_close(fixture.lanes);
	struct work *work = take(&fixture, "a.example/x:1");
	assert_false(work->was_begun);
	work->refusals = 3;
	int64_t until = clock_monotonic_ms() + 300;
	lanes_put_back(fixture.lanes, work, until);
	work = take(&fixture, "a.example/x:1");
	assert_true(clock_monotonic_ms() >= until);
	assert_true(work->was_begun);
	assert_int_equal(work->refusals, 3);
	lanes_done(fixture.lanes, work);
	lanes_done(fixture.lanes, take(&fixture, "a.example/x:2"));
	assert_null(lanes_take(fixture.lanes));
	tear_down(&fixture);
}

/* ---- Many threads ---- */

enum { LINES = 20000, THREADS = 8, JOBS = 5, HOSTS = 7 };

struct crowd {
	struct fixture fixture;
	pthread_mutex_t lock;
	unsigned working;
	unsigned most;
	unsigned seen[LINES];
};

static void enter(struct crowd *crowd, const struct work *work)
{
	pthread_mutex_lock(&crowd->lock);
	crowd->working++;
	if (crowd->working > crowd->most)
		crowd->most = crowd->working;
	if (!work->was_begun)
		crowd->seen[work->number]++;
	pthread_mutex_unlock(&crowd->lock);
}

static void leave(struct crowd *crowd)
{
	pthread_mutex_lock(&crowd->lock);
	crowd->working--;
	pthread_mutex_unlock(&crowd->lock);
}

static void *work_through(void *context)
{
	struct crowd *crowd = context;
	struct work *work;
	while ((work = lanes_take(crowd->fixture.lanes)) != NULL) {
		enter(crowd, work);
		leave(crowd);
		if (work->number % 1000 == 7 && work->refusals++ < 2)
			lanes_put_back(crowd->fixture.lanes, work, clock_monotonic_ms() + 5);
		else
			lanes_done(crowd->fixture.lanes, work);
	}
	return NULL;
}

static void test_each_line_is_worked_on_by_no_more_than_the_jobs(void **state)
{
	(void)state;
	struct crowd *crowd = memory_alloc(1, sizeof *crowd);
	pthread_t threads[THREADS];
	char line[64];
	pthread_mutex_init(&crowd->lock, NULL);
	set_up(&crowd->fixture, JOBS);
	for (int i = 0; i < HOSTS; i++) {
		(void)snprintf(line, sizeof line, "host%d.example", i);
		answer(&crowd->fixture, line, i);
	}
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, work_through, crowd), 0);
	for (int i = 0; i < LINES; i++) {
		(void)snprintf(line, sizeof line, "host%d.example/x:%d", i * i % HOSTS, i);
		put(&crowd->fixture, line);
	}
	lanes_close(crowd->fixture.lanes);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < LINES; i++)
		assert_int_equal(crowd->seen[i], 1);
	assert_in_range(crowd->most, 1, JOBS);
	tear_down(&crowd->fixture);
	pthread_mutex_destroy(&crowd->lock);
	free(crowd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lanes_take_turns),
		cmocka_unit_test(test_a_full_lane_is_passed_over),
		cmocka_unit_test(test_a_closed_lane_waits_and_one_that_is_given_up_does_not),
		cmocka_unit_test(test_work_that_is_put_back_comes_first_and_later),
		cmocka_unit_test(test_each_line_is_worked_on_by_no_more_than_the_jobs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
