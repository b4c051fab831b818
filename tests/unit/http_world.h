/*
 * http_world: a network, one thread's user of it, and a scripted server for it to talk to.
 */
#ifndef LAYERPROOF_TESTS_HTTP_WORLD_H
#define LAYERPROOF_TESTS_HTTP_WORLD_H

#include <stdlib.h>
#include <string.h>

#include "layerproof/http.h"
#include "scripted_server.h"

struct world {
	struct scripted_server *server;
	struct network *network;
	struct http *http;
};

/* The environment is read when a network is made. */
static inline int open_network(struct world *world)
{
	struct error err = ERROR_INIT;
	const struct network_options options = {.plain_http = NULL};
	world->network = network_new(&options, &err);
	world->http = http_new(world->network, &err);
	return world->http == NULL;
}

static inline int set_up(void **state)
{
	static const char *const variables[] = {"DOCKER_AUTH_CONFIG", "REGISTRY_AUTH_FILE",
											"DOCKER_CONFIG",      "http_proxy",
											"https_proxy",        "all_proxy"};
	for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++)
		unsetenv(variables[i]);
	setenv("HOME", "/nonexistent", 1);
	setenv("XDG_RUNTIME_DIR", "/nonexistent", 1);
	struct world *world = calloc(1, sizeof *world);
	world->server = server_start();
	*state = world;
	return open_network(world);
}

static inline int tear_down(void **state)
{
	struct world *world = *state;
	http_free(world->http);
	network_free(world->network);
	server_stop(world->server);
	free(world);
	return 0;
}

static inline struct http_request request_for(const struct world *world)
{
	return (struct http_request){
		.host = world->server->address,
		.path = "/v2/a/b/manifests/latest",
		.repository = "a/b",
		.size = -1,
		.maximum = 1000,
	};
}

static inline void expect_body(struct world *world, const struct http_request *request,
							   const char *body)
{
	struct http_answer answer;
	struct error err = ERROR_INIT;
	if (http_get(world->http, request, &answer, &err) != 0)
		fail_msg("%s", err.text);
	assert_string_equal(answer.bytes, body);
	assert_int_equal(answer.size, strlen(body));
	http_answer_clear(&answer);
}

/* `text` is what stands behind the server's address. */
static inline void expect_error(struct world *world, const struct http_request *request,
								enum error_code code, const char *text)
{
	struct http_answer answer;
	struct error err = ERROR_INIT;
	char whole[ERROR_TEXT_SIZE];
	(void)snprintf(whole, sizeof whole, "%s: %s", world->server->address, text);
	assert_int_equal(http_get(world->http, request, &answer, &err), -1);
	assert_string_equal(err.text, whole);
	assert_int_equal(err.code, code);
}

#endif
