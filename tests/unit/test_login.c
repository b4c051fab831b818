#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "clock_ahead.h"
#include "http_world.h"

static int set_up_clock(void **state)
{
	seconds_ahead = 0;
	return set_up(state);
}

static void expect_document(struct world *world, const char *body)
{
	const struct http_request request = request_for(world);
	expect_body(world, &request, body);
}

/* Its realm is another name of the same machine, and so another host to its pace. */
static void log_in(struct world *world)
{
	server_add(world->server, "401 who\r\nWWW-Authenticate: Bearer "
							  "realm=\"http://localhost:PORT/t\"\r\n\r\n");
	server_add(world->server, "200 OK\r\n\r\n{\"token\":\"T1\",\"expires_in\":300}");
	server_add(world->server, "200 OK\r\n\r\none");
	expect_document(world, "one");
}

static void test_a_token_is_used_while_it_is_fresh(void **state)
{
	struct world *world = *state;
	log_in(world);
	seconds_ahead = 265;
	server_add(world->server, "200 OK\r\n\r\ntwo");
	expect_document(world, "two");
	assert_string_equal(server_header(world->server, 3, "Authorization"), "Bearer T1");
}

/* In the last tenth of its life. */
static void test_a_token_is_renewed_before_it_ends(void **state)
{
	struct world *world = *state;
	log_in(world);
	seconds_ahead = 275;
	server_add(world->server, "200 OK\r\n\r\n{\"token\":\"T2\",\"expires_in\":300}");
	server_add(world->server, "200 OK\r\n\r\ntwo");
	expect_document(world, "two");
	assert_string_equal(server_line(world->server, 3),
						"GET /t?scope=repository%3Aa%2Fb%3Apull HTTP/1.1");
	assert_string_equal(server_header(world->server, 4, "Authorization"), "Bearer T2");
}

/* The old one serves on, and the work in hand is not to be begun again for that. */
static void test_a_renewal_that_is_put_off_holds_nobody_up(void **state)
{
	struct world *world = *state;
	int refusals = 0;
	log_in(world);
	seconds_ahead = 275;
	http_begin_work(world->http, 0);
	server_add(world->server, "429 later\r\nRetry-After: 30\r\n\r\n");
	server_add(world->server, "200 OK\r\n\r\ntwo");
	server_add(world->server, "200 OK\r\n\r\nthree");
	expect_document(world, "two");
	assert_int_equal(http_comes_back(world->http, &refusals), 0);
	assert_int_equal(refusals, 0);
	expect_document(world, "three");
	assert_int_equal(world->server->request_count, 6);
	assert_string_equal(server_header(world->server, 4, "Authorization"), "Bearer T1");
	assert_string_equal(server_header(world->server, 5, "Authorization"), "Bearer T1");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_clock, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_token_is_used_while_it_is_fresh),
		TEST(test_a_token_is_renewed_before_it_ends),
		TEST(test_a_renewal_that_is_put_off_holds_nobody_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
