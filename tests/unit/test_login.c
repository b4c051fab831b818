#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <time.h>

#include "layerproof/clock.h"
#include "layerproof/http.h"
#include "scripted_server.h"

/* The time that the test lets pass. */
static int64_t seconds_ahead;

/* These two stand in for the clock of the library. */
int64_t clock_monotonic_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec + seconds_ahead) * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_now(void)
{
	return time(NULL) + seconds_ahead;
}

struct world {
	struct scripted_server *server;
	struct network *network;
	struct http *http;
};

static int set_up(void **state)
{
	struct error err = ERROR_INIT;
	const struct network_options options = {.plain_http = NULL};
	unsetenv("DOCKER_AUTH_CONFIG");
	unsetenv("http_proxy");
	setenv("HOME", "/nonexistent", 1);
	setenv("XDG_RUNTIME_DIR", "/nonexistent", 1);
	seconds_ahead = 0;
	struct world *world = calloc(1, sizeof *world);
	world->server = server_start();
	world->network = network_new(&options, &err);
	world->http = http_new(world->network, &err);
	*state = world;
	return world->http == NULL;
}

static int tear_down(void **state)
{
	struct world *world = *state;
	http_free(world->http);
	network_free(world->network);
	server_stop(world->server);
	free(world);
	return 0;
}

static void expect_body(struct world *world, const char *body)
{
	const struct http_request request = {
		.host = world->server->address,
		.path = "/v2/a/b/manifests/latest",
		.repository = "a/b",
		.size = -1,
		.maximum = 1000,
	};
	struct http_answer answer;
	struct error err = ERROR_INIT;
	assert_int_equal(http_get(world->http, &request, &answer, &err), 0);
	assert_string_equal(answer.bytes, body);
	http_answer_clear(&answer);
}

/* Its realm is another name of the same machine, and so another host to its pace. */
static void log_in(struct world *world)
{
	server_add(world->server, "401 who\r\nWWW-Authenticate: Bearer "
							  "realm=\"http://localhost:PORT/t\"\r\n\r\n");
	server_add(world->server, "200 OK\r\n\r\n{\"token\":\"T1\",\"expires_in\":300}");
	server_add(world->server, "200 OK\r\n\r\none");
	expect_body(world, "one");
}

static void test_a_token_is_used_while_it_is_fresh(void **state)
{
	struct world *world = *state;
	log_in(world);
	seconds_ahead = 265;
	server_add(world->server, "200 OK\r\n\r\ntwo");
	expect_body(world, "two");
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
	expect_body(world, "two");
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
	expect_body(world, "two");
	assert_int_equal(http_comes_back(world->http, &refusals), 0);
	assert_int_equal(refusals, 0);
	expect_body(world, "three");
	assert_int_equal(world->server->request_count, 6);
	assert_string_equal(server_header(world->server, 4, "Authorization"), "Bearer T1");
	assert_string_equal(server_header(world->server, 5, "Authorization"), "Bearer T1");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_token_is_used_while_it_is_fresh),
		TEST(test_a_token_is_renewed_before_it_ends),
		TEST(test_a_renewal_that_is_put_off_holds_nobody_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
