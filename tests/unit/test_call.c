#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "clock_ahead.h"
#include "http_world.h"
#include "layerproof/limits.h"
#include "net/shared.h"

/* What a request on its way beside the test's own may come to. */
static void give_the_host_up(void *context)
{
	struct world *world = context;
	struct error why = ERROR_INIT;
	int64_t until = 0;
	error_set(&why, ERROR_UNREACHABLE, "%s: gone", world->server->address);
	if (pace_failed(world->network->pace, world->server->address, clock_monotonic_ms(),
					PACE_UNCONNECTED, &why, &until) != PACE_GIVEN_UP)
		abort();
}

static void test_no_further_try_when_the_host_was_given_up_meanwhile(void **state)
{
	struct world *world = *state;
	const struct http_request request = request_for(world);
	world->server->on_request = give_the_host_up;
	world->server->context = world;
	for (int i = 0; i < LIMIT_TRIES; i++)
		server_add(world->server, "503 busy\r\n\r\n");
	expect_error(world, &request, ERROR_UNREACHABLE, "gone");
	assert_int_equal(world->server->request_count, 1);
}

static void test_the_probe_of_a_host_finds_its_scheme_out(void **state)
{
	struct world *world = *state;
	const struct http_request request = request_for(world);
	give_the_host_up(world);
	expect_error(world, &request, ERROR_UNREACHABLE, "gone");
	assert_int_equal(world->server->request_count, 0);
	seconds_ahead += LIMIT_HOST_DOWN_SECONDS;
	server_add(world->server, "200 OK\r\n\r\none");
	expect_body(world, &request, "one");
	assert_int_equal(world->server->request_count, 1);
}

static void test_the_probe_of_a_host_logs_in_there(void **state)
{
	struct world *world = *state;
	const struct http_request request = request_for(world);
	hosts_settle_scheme(world->network->hosts, world->server->address, HOSTS_HTTP);
	give_the_host_up(world);
	seconds_ahead += LIMIT_HOST_DOWN_SECONDS;
	server_add(world->server, "401 who\r\nWWW-Authenticate: Bearer "
							  "realm=\"http://127.0.0.1:PORT/t\"\r\n\r\n");
	server_add(world->server, "200 OK\r\n\r\n{\"token\":\"T1\"}");
	server_add(world->server, "200 OK\r\n\r\none");
	expect_body(world, &request, "one");
	assert_int_equal(world->server->request_count, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_no_further_try_when_the_host_was_given_up_meanwhile,
										set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_the_probe_of_a_host_finds_its_scheme_out, set_up,
										tear_down),
		cmocka_unit_test_setup_teardown(test_the_probe_of_a_host_logs_in_there, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
