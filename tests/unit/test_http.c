#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http_world.h"
#include "layerproof/clock.h"
#include "layerproof/limits.h"

static void make_proxy(struct world *world, const char *variable)
{
	char proxy[64];
	(void)snprintf(proxy, sizeof proxy, "http://%s", world->server->address);
	setenv(variable, proxy, 1);
	http_free(world->http);
	network_free(world->network);
	assert_int_equal(open_network(world), 0);
}

static void test_a_document(void **state)
{
	struct world *world = *state;
	struct http_request request = request_for(world);
	struct http_answer answer;
	struct error err = ERROR_INIT;
	request.accept = "application/one, application/two";
	server_add(world->server, "200 OK\r\nContent-Type: application/x; a=b\r\n"
							  "Docker-Content-Digest: sha256:00\r\nContent-Length: 2\r\n\r\n{}");
	assert_int_equal(http_get(world->http, &request, &answer, &err), 0);
	assert_string_equal(answer.bytes, "{}");
	assert_string_equal(answer.media_type, "application/x; a=b");
	assert_string_equal(answer.content_digest, "sha256:00");
	http_answer_clear(&answer);
	struct scripted_server *server = world->server;
	assert_int_equal(server->request_count, 1);
	assert_string_equal(server_line(server, 0), "GET /v2/a/b/manifests/latest HTTP/1.1");
	assert_string_equal(server_header(server, 0, "Host"), server->address);
	assert_string_equal(server_header(server, 0, "Accept"), "application/one, application/two");
	assert_string_equal(server_header(server, 0, "User-Agent"), "layerproof/" LAYERPROOF_VERSION);
	assert_null(server_header(server, 0, "Accept-Encoding"));
	assert_null(server_header(server, 0, "Authorization"));
}

static void test_requests_and_bytes_are_counted(void **state)
{
	struct world *world = *state;
	struct http_request request = request_for(world);
	uint64_t requests = 0;
	uint64_t bytes = 0;
	server_add(world->server, "200 OK\r\nContent-Length: 5\r\n\r\nfirst");
	server_add(world->server, "404 no\r\nContent-Length: 3\r\n\r\nnot");
	expect_body(world, &request, "first");
	expect_error(world, &request, ERROR_NOT_FOUND,
				 "HTTP status 404 (may be hidden from those without a login)");
	http_count(world->http, &requests, &bytes);
	assert_int_equal(requests, 2);
	assert_int_equal(bytes, 8);
}

static void check_status(void **state, const char *reply, enum error_code code, const char *text)
{
	struct world *world = *state;
	struct http_request request = request_for(world);
	server_add(world->server, reply);
	expect_error(world, &request, code, text);
}

static void test_what_a_status_means(void **state)
{
	check_status(state,
				 "404 no\r\n\r\n{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":"
				 "\"manifest unknown\"}]}",
				 ERROR_NOT_FOUND, "404 MANIFEST_UNKNOWN: manifest unknown");
	check_status(state, "410 gone\r\n\r\n", ERROR_NOT_FOUND, "HTTP status 410");
	check_status(state, "403 no\r\n\r\n{\"errors\":[{\"code\":\"DENIED\"}]}", ERROR_DENIED,
				 "403 DENIED (may not exist, or may require a login)");
	check_status(state, "400 no\r\n\r\n", ERROR_UNREACHABLE, "HTTP status 400");
	check_status(state, "204 no\r\n\r\n", ERROR_UNREACHABLE, "HTTP status 204");
	check_status(state, "206 part\r\n\r\n{", ERROR_UNREACHABLE, "HTTP status 206");
	check_status(state, "429 no\r\nRetry-After: 61\r\n\r\n", ERROR_RATE_LIMITED,
				 "HTTP status 429; asks to wait 61 s");
}

static void test_a_busy_server_is_asked_again(void **state)
{
	struct world *world = *state;
	struct http_request request = request_for(world);
	server_add(world->server, "503 busy\r\n\r\n");
	server_add(world->server, "200 OK\r\nContent-Length: 9\r\n\r\ncut");
	server_add(world->server, "429 busy\r\n\r\n");
	server_add(world->server, "200 OK\r\n\r\n{}");
	expect_body(world, &request, "{}");
	assert_int_equal(world->server->request_count, 4);
}

static void test_but_not_for_ever(void **state)
{
	struct world *world = *state;
	struct http_request request = request_for(world);
	for (int i = 0; i < LIMIT_TRIES; i++)
		server_add(world->server, "500 ill\r\n\r\n");
	expect_error(world, &request, ERROR_UNREACHABLE, "HTTP status 500");
	assert_int_equal(world->server->request_count, LIMIT_TRIES);
}

static void test_bounds(void **state)
{
	struct world *world = *state;
	struct http_request request = request_for(world);
	request.maximum = 4;
	server_add(world->server, "200 OK\r\nContent-Length: 5\r\n\r\n12345");
	expect_error(world, &request, ERROR_OVER_LIMIT, "more than 4 bytes");
	server_add(world->server, "200 OK\r\n\r\n12345");
	expect_error(world, &request, ERROR_OVER_LIMIT, "more than 4 bytes");
	server_add(world->server, "200 OK\r\n\r\n1234");
	expect_body(world, &request, "1234");
	request.size = 3;
	server_add(world->server, "200 OK\r\n\r\n1234");
	expect_error(world, &request, ERROR_TAMPERED, "more than the 3 bytes that were declared");
	server_add(world->server, "200 OK\r\n\r\n12");
	expect_body(world, &request, "12");
}

/* An answer with headers whose values have `width` bytes. */
static void add_headers(struct world *world, int count, int width)
{
	char *reply = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&reply, &size);
	fputs("200 OK\r\n", out);
	for (int i = 0; i < count; i++)
		fprintf(out, "X-%d: %0*d\r\n", i, width, 0);
	fputs("\r\n{}", out);
	fclose(out);
	server_add(world->server, reply);
	free(reply);
}

static void test_too_many_headers(void **state)
{
	struct world *world = *state;
	struct http_request request = request_for(world);
	add_headers(world, 256, 1);
	expect_body(world, &request, "{}");
	add_headers(world, 257, 1);
	expect_error(world, &request, ERROR_OVER_LIMIT, "more than 256 headers");
	add_headers(world, 200, 400);
	expect_error(world, &request, ERROR_OVER_LIMIT, "headers of more than 65536 bytes");
}

static void test_what_is_not_http(void **state)
{
	struct world *world = *state;
	struct http_request request = request_for(world);
	server_add(world->server, "");
	world->server->replies[0][0] = '?';
	expect_error(world, &request, ERROR_UNREACHABLE, "the answer is not HTTP");
}

static void test_an_anonymous_token(void **state)
{
	struct world *world = *state;
	struct scripted_server *server = world->server;
	struct http_request request = request_for(world);
	server_add(server, "401 who\r\nWWW-Authenticate: Bearer realm=\"http://127.0.0.1:PORT/t?x=y\","
					   "service=\"my registry\",scope=\"repository:a/b:pull repository:c:pull\""
					   "\r\n\r\n");
	server_add(server, "200 OK\r\n\r\n{\"token\":\"T1\",\"expires_in\":300}");
	server_add(server, "200 OK\r\n\r\none");
	server_add(server, "200 OK\r\n\r\ntwo");
	expect_body(world, &request, "one");
	expect_body(world, &request, "two");
	assert_int_equal(server->request_count, 4);
	assert_null(server_header(server, 0, "Authorization"));
	assert_string_equal(server_line(server, 1),
						"GET /t?x=y&service=my%20registry&scope=repository%3Aa%2Fb%3Apull&scope="
						"repository%3Ac%3Apull HTTP/1.1");
	assert_null(server_header(server, 1, "Authorization"));
	assert_string_equal(server_header(server, 2, "Authorization"), "Bearer T1");
	assert_string_equal(server_header(server, 3, "Authorization"), "Bearer T1");
}

/* What one repository taught is used for the next: no request goes out in vain. */
static void test_another_repository_asks_for_its_token_first(void **state)
{
	struct world *world = *state;
	struct scripted_server *server = world->server;
	struct http_request request = request_for(world);
	server_add(server, "401 who\r\nWWW-Authenticate: Bearer realm=\"/t\",service=\"s\","
					   "scope=\"repository:a/b:pull\"\r\n\r\n");
	server_add(server, "200 OK\r\n\r\n{\"token\":\"T1\"}");
	server_add(server, "200 OK\r\n\r\none");
	server_add(server, "200 OK\r\n\r\n{\"token\":\"T2\"}");
	server_add(server, "200 OK\r\n\r\ntwo");
	expect_body(world, &request, "one");
	request.repository = "c/d";
	request.path = "/v2/c/d/manifests/latest";
	expect_body(world, &request, "two");
	assert_string_equal(server_line(server, 3),
						"GET /t?service=s&scope=repository%3Ac%2Fd%3Apull HTTP/1.1");
	assert_string_equal(server_header(server, 4, "Authorization"), "Bearer T2");
}

static void test_a_token_that_ended_is_replaced_once(void **state)
{
	struct world *world = *state;
	struct scripted_server *server = world->server;
	struct http_request request = request_for(world);
	const char *challenge = "401 who\r\nWWW-Authenticate: Bearer realm=\"/t\"\r\n\r\n";
	server_add(server, challenge);
	server_add(server, "200 OK\r\n\r\n{\"token\":\"T1\"}");
	server_add(server, "200 OK\r\n\r\none");
	server_add(server, challenge);
	server_add(server, "200 OK\r\n\r\n{\"token\":\"T2\"}");
	server_add(server, challenge);
	expect_body(world, &request, "one");
	expect_error(world, &request, ERROR_DENIED,
				 "HTTP status 401 (may not exist, or may require a login)");
	assert_int_equal(server->request_count, 6);
	assert_string_equal(server_header(server, 3, "Authorization"), "Bearer T1");
	assert_string_equal(server_header(server, 5, "Authorization"), "Bearer T2");
}

static void store_login(const struct world *world, const char *login)
{
	char text[256];
	(void)snprintf(text, sizeof text, "{\"auths\":{\"%s\":%s}}", world->server->address, login);
	setenv("DOCKER_AUTH_CONFIG", text, 1);
}

static void test_a_password_goes_out_only_when_asked_for(void **state)
{
	struct world *world = *state;
	struct scripted_server *server = world->server;
	struct http_request request = request_for(world);
	store_login(world, "{\"username\":\"ann\",\"password\":\"secret\"}");
	server_add(server, "401 who\r\nWWW-Authenticate: Basic realm=\"x\"\r\n\r\n");
	server_add(server, "200 OK\r\n\r\none");
	expect_body(world, &request, "one");
	assert_null(server_header(server, 0, "Authorization"));
	assert_string_equal(server_header(server, 1, "Authorization"), "Basic YW5uOnNlY3JldA==");
}

static void test_a_refused_password_is_named_as_such(void **state)
{
	struct world *world = *state;
	struct scripted_server *server = world->server;
	struct http_request request = request_for(world);
	store_login(world, "{\"username\":\"ann\",\"password\":\"secret\"}");
	server_add(server, "401 who\r\nWWW-Authenticate: Bearer realm=\"/t\"\r\n\r\n");
	server_add(server, "401 no\r\n\r\n");
	server_add(server, "401 no\r\n\r\n");
	expect_error(world, &request, ERROR_DENIED,
				 "HTTP status 401 (may not exist, or may require a login; the stored login was "
				 "refused)");
	assert_int_equal(server->request_count, 3);
	assert_string_equal(server_header(server, 1, "Authorization"), "Basic YW5uOnNlY3JldA==");
	assert_null(server_header(server, 2, "Authorization"));
}

static void test_an_identity_token_is_exchanged_by_post(void **state)
{
	struct world *world = *state;
	struct scripted_server *server = world->server;
	struct http_request request = request_for(world);
	store_login(world, "{\"identitytoken\":\"r/t\"}");
	server_add(server, "401 who\r\nWWW-Authenticate: Bearer realm=\"/t\",service=\"s\"\r\n\r\n");
	server_add(server, "200 OK\r\n\r\n{\"access_token\":\"T1\"}");
	server_add(server, "200 OK\r\n\r\none");
	expect_body(world, &request, "one");
	assert_string_equal(server_line(server, 1), "POST /t HTTP/1.1");
	assert_string_equal(server_header(server, 1, "Content-Type"),
						"application/x-www-form-urlencoded");
	assert_string_equal(strstr(server->requests[1], "\r\n\r\n") + 4,
						"grant_type=refresh_token&service=s&client_id=layerproof&scope="
						"repository%3Aa%2Fb%3Apull&refresh_token=r%2Ft");
	assert_string_equal(server_header(server, 2, "Authorization"), "Bearer T1");
}

static void test_a_challenge_may_stand_at_the_root_alone(void **state)
{
	struct world *world = *state;
	struct scripted_server *server = world->server;
	struct http_request request = request_for(world);
	server_add(server, "401 who\r\n\r\n");
	server_add(server, "401 who\r\nWWW-Authenticate: Bearer realm=\"/t\"\r\n\r\n");
	server_add(server, "200 OK\r\n\r\n{\"token\":\"T1\"}");
	server_add(server, "200 OK\r\n\r\none");
	expect_body(world, &request, "one");
	assert_string_equal(server_line(server, 1), "GET /v2/ HTTP/1.1");
	assert_string_equal(server_header(server, 3, "Authorization"), "Bearer T1");
}

/* "localhost" is another origin than "127.0.0.1", though the same server listens there. */
static void test_a_redirect_takes_no_secret_along(void **state)
{
	struct world *world = *state;
	struct scripted_server *server = world->server;
	struct http_request request = request_for(world);
	store_login(world, "{\"username\":\"ann\",\"password\":\"secret\"}");
	server_add(server, "401 who\r\nWWW-Authenticate: Basic realm=\"x\"\r\n\r\n");
	server_add(server, "307 go\r\nLocation: /same\r\n\r\n");
	server_add(server, "302 go\r\nLocation: http://localhost:PORT/other?sig=1\r\n\r\n");
	server_add(server, "200 OK\r\n\r\none");
	expect_body(world, &request, "one");
	assert_string_equal(server_line(server, 2), "GET /same HTTP/1.1");
	assert_string_equal(server_header(server, 2, "Authorization"), "Basic YW5uOnNlY3JldA==");
	assert_string_equal(server_line(server, 3), "GET /other?sig=1 HTTP/1.1");
	assert_null(server_header(server, 3, "Authorization"));
}

static void test_redirects_that_are_not_followed(void **state)
{
	check_status(state, "307 go\r\n\r\n", ERROR_UNREACHABLE, "redirect to nowhere");
	check_status(state, "307 go\r\nLocation: file:///etc/passwd\r\n\r\n", ERROR_UNREACHABLE,
				 "redirect to what is no URL");
	check_status(state, "307 go\r\nLocation: http://u:p@127.0.0.1/\r\n\r\n", ERROR_UNREACHABLE,
				 "redirect to what is no URL");
}

static void test_redirects_come_to_an_end(void **state)
{
	struct world *world = *state;
	struct http_request request = request_for(world);
	for (int i = 0; i <= LIMIT_REDIRECTS; i++)
		server_add(world->server, "307 go\r\nLocation: /again\r\n\r\n");
	expect_error(world, &request, ERROR_UNREACHABLE, "too many redirects");
	assert_int_equal(world->server->request_count, LIMIT_REDIRECTS + 1);
}

static void test_a_dead_host_is_given_up_quickly(void **state)
{
	struct world *world = *state;
	struct http_request request = request_for(world);
	struct http_answer answer;
	struct error first = ERROR_INIT;
	request.host = "127.0.0.1:1";
	assert_int_equal(http_get(world->http, &request, &answer, &first), -1);
	assert_int_equal(first.code, ERROR_UNREACHABLE);
	assert_string_equal(first.text, "127.0.0.1:1: cannot connect: Connection refused");
	int64_t before = clock_monotonic_ms();
	for (int i = 0; i < 1000; i++) {
		struct error err = ERROR_INIT;
		assert_int_equal(http_get(world->http, &request, &answer, &err), -1);
		assert_string_equal(err.text, first.text);
	}
	assert_in_range(clock_monotonic_ms() - before, 0, 2000);
}

/* The server plays the proxy, which passes on requests but makes no tunnels. */
static void test_a_proxy_that_makes_no_tunnel(void **state)
{
	struct world *world = *state;
	struct scripted_server *server = world->server;
	struct http_request request = request_for(world);
	make_proxy(world, "http_proxy");
	make_proxy(world, "https_proxy");
	request.host = "127.0.0.1:1";
	server_add(server, "403 no\r\n\r\n");
	server_add(server, "200 OK\r\n\r\none");
	expect_body(world, &request, "one");
	assert_string_equal(server_line(server, 0), "CONNECT 127.0.0.1:1 HTTP/1.1");
	assert_string_equal(server_line(server, 1),
						"GET http://127.0.0.1:1/v2/a/b/manifests/latest HTTP/1.1");
}

static void test_a_proxy_that_refuses(void **state)
{
	struct world *world = *state;
	struct http_request request = request_for(world);
	struct http_answer answer;
	struct error err = ERROR_INIT;
	make_proxy(world, "https_proxy");
	request.host = "registry.example";
	server_add(world->server, "407 no\r\n\r\n");
	assert_int_equal(http_get(world->http, &request, &answer, &err), -1);
	assert_string_equal(err.text, "registry.example: the proxy refuses: HTTP status 407");
	assert_int_equal(err.code, ERROR_UNREACHABLE);
	assert_int_equal(world->server->request_count, 1);
}

/* Reads to the end, or to the error, into `body`. */
static int read_blob(struct world *world, const struct http_request *request, char *body,
					 struct error *err)
{
	struct reader *reader = http_open(world->http, request, err);
	const uint8_t *bytes = NULL;
	size_t size = 1;
	int result = reader == NULL ? -1 : 0;
	body[0] = '\0';
	while (result == 0 && size > 0) {
		result = reader_next(reader, &bytes, &size, err);
		if (result == 0)
			strncat(body, (const char *)bytes, size);
	}
	reader_close(reader);
	return result;
}

static void expect_blob(struct world *world, const struct http_request *request, const char *text)
{
	char body[256];
	struct error err = ERROR_INIT;
	if (read_blob(world, request, body, &err) != 0)
		fail_msg("%s", err.text);
	assert_string_equal(body, text);
}

static void expect_broken_blob(struct world *world, const struct http_request *request,
							   enum error_code code, const char *text)
{
	char body[256];
	char whole[ERROR_TEXT_SIZE];
	struct error err = ERROR_INIT;
	(void)snprintf(whole, sizeof whole, "%s: %s", world->server->address, text);
	assert_int_equal(read_blob(world, request, body, &err), -1);
	assert_string_equal(err.text, whole);
	assert_int_equal(err.code, code);
}

static void test_a_broken_blob_goes_on_where_it_broke(void **state)
{
	struct world *world = *state;
	struct scripted_server *server = world->server;
	struct http_request request = request_for(world);
	request.size = 10;
	server_add(server, "200 OK\r\nContent-Length: 10\r\n\r\n0123");
	server_add(server, "307 go\r\nLocation: /elsewhere\r\n\r\n");
	server_add(server, "206 part\r\nContent-Range: bytes 4-9/10\r\nContent-Length: 6\r\n\r\n45");
	server_add(server, "206 part\r\nContent-Range: bytes 6-9/*\r\nContent-Length: 4\r\n\r\n6789");
	expect_blob(world, &request, "0123456789");
	assert_null(server_header(server, 0, "Range"));
	assert_string_equal(server_header(server, 1, "Range"), "bytes=4-");
	assert_string_equal(server_line(server, 3), "GET /v2/a/b/manifests/latest HTTP/1.1");
	assert_string_equal(server_header(server, 3, "Range"), "bytes=6-");
}

static const char WHOLE[] = "200 OK\r\nContent-Length: 10\r\n\r\n0123456789";

/* What was read is passed over, and the rest taken, from a server that sends the whole again. */
static void test_only_the_right_rest_will_do(void **state)
{
	static const char *const replies[] = {
		"416 no\r\nContent-Range: bytes */10\r\nContent-Length: 0\r\n\r\n",
		"206 part\r\nContent-Length: 6\r\n\r\n456789",
		"206 part\r\nContent-Range: bytes 3-9/10\r\nContent-Length: 7\r\n\r\n3456789",
		"206 part\r\nContent-Range: bytes 4-9/11\r\nContent-Length: 6\r\n\r\n456789",
		"206 part\r\nContent-Range: bytes 4-10/11\r\nContent-Length: 7\r\n\r\n456789x",
	};
	struct world *world = *state;
	struct http_request request = request_for(world);
	for (size_t i = 0; i < sizeof replies / sizeof replies[0]; i++) {
		server_add(world->server, "200 OK\r\nContent-Length: 10\r\n\r\n0123");
		server_add(world->server, replies[i]);
		server_add(world->server, WHOLE);
		expect_blob(world, &request, "0123456789");
	}
}

static void test_the_whole_again_in_place_of_the_rest(void **state)
{
	struct world *world = *state;
	struct http_request request = request_for(world);
	server_add(world->server, "200 OK\r\nContent-Length: 10\r\n\r\n0123");
	server_add(world->server, WHOLE);
	expect_blob(world, &request, "0123456789");
	server_add(world->server, "200 OK\r\nContent-Length: 10\r\n\r\n0123");
	server_add(world->server, "200 OK\r\nContent-Length: 11\r\n\r\n0123456789x");
	expect_broken_blob(world, &request, ERROR_UNREACHABLE,
					   "the connection broke, and the rest from byte 4 on is not to be had");
}

static void test_a_blob_that_always_breaks(void **state)
{
	struct world *world = *state;
	struct http_request request = request_for(world);
	server_add(world->server, "200 OK\r\nContent-Length: 10\r\n\r\n0");
	for (int i = 1; i < LIMIT_TRIES; i++)
		server_add(world->server, "200 OK\r\nContent-Length: 10\r\n\r\n");
	expect_broken_blob(world, &request, ERROR_UNREACHABLE,
					   "the connection broke, and the rest from byte 1 on is not to be had");
}

/* Without a length nobody says that the blob is whole: bytes may be missing, and no one lied. */
static void test_a_short_blob_without_length_has_broken(void **state)
{
	struct world *world = *state;
	struct http_request request = request_for(world);
	request.size = 10;
	server_add(world->server, "200 OK\r\n\r\n0123");
	server_add(world->server, "206 part\r\nContent-Range: bytes 4-9/10\r\n\r\n456789");
	expect_blob(world, &request, "0123456789");
	server_add(world->server, "200 OK\r\nContent-Length: 4\r\n\r\n0123");
	expect_blob(world, &request, "0123");
}

static void test_a_blob_longer_than_declared(void **state)
{
	struct world *world = *state;
	struct http_request request = request_for(world);
	request.size = 3;
	const char *text = "more than the 3 bytes that were declared";
	server_add(world->server, "200 OK\r\nContent-Length: 4\r\n\r\n0123");
	expect_broken_blob(world, &request, ERROR_TAMPERED, text);
	server_add(world->server, "200 OK\r\n\r\n0123");
	expect_broken_blob(world, &request, ERROR_TAMPERED, text);
	request.size = -1;
	request.maximum = 3;
	server_add(world->server, "200 OK\r\n\r\n0123");
	expect_broken_blob(world, &request, ERROR_OVER_LIMIT, "more than 3 bytes");
}

/* Bytes that were handed out stay as they are while another request is on its way. */
static void test_two_streams_at_once(void **state)
{
	struct world *world = *state;
	struct http_request request = request_for(world);
	struct error err = ERROR_INIT;
	const uint8_t *bytes = NULL;
	size_t size = 0;
	server_add(world->server, "200 OK\r\nContent-Length: 3\r\n\r\none");
	server_add(world->server, "200 OK\r\n\r\ntwo");
	struct reader *reader = http_open(world->http, &request, &err);
	assert_non_null(reader);
	assert_int_equal(reader_next(reader, &bytes, &size, &err), 0);
	expect_body(world, &request, "two");
	assert_int_equal(size, 3);
	assert_memory_equal(bytes, "one", 3);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(reader_next(reader, &bytes, &size, &err), 0);
		assert_int_equal(size, 0);
	}
	reader_close(reader);
}

static void test_a_network_that_is_none(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	const char *const networks[] = {"10.0.0.0/8", "10.0.0.0/33", NULL};
	const struct network_options options = {.allow_net = networks};
	assert_null(network_new(&options, &err));
	assert_string_equal(err.text, "--allow-net: \"10.0.0.0/33\" is no network like 10.0.0.0/8, "
								  "fd00::/8 or 10.0.0.5");
	assert_int_equal(err.code, ERROR_USAGE);
}

static void test_a_ca_file_that_is_not_there(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	const struct network_options options = {.ca_file = "/nonexistent/ca.pem"};
	assert_null(network_new(&options, &err));
	assert_int_equal(err.code, ERROR_USAGE);
	assert_string_equal(err.text, "certificate authorities: /nonexistent/ca.pem: No such file or "
								  "directory");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_document),
		TEST(test_requests_and_bytes_are_counted),
		TEST(test_what_a_status_means),
		TEST(test_a_busy_server_is_asked_again),
		TEST(test_but_not_for_ever),
		TEST(test_bounds),
		TEST(test_too_many_headers),
		TEST(test_what_is_not_http),
		TEST(test_an_anonymous_token),
		TEST(test_another_repository_asks_for_its_token_first),
		TEST(test_a_token_that_ended_is_replaced_once),
		TEST(test_a_password_goes_out_only_when_asked_for),
		TEST(test_a_refused_password_is_named_as_such),
		TEST(test_an_identity_token_is_exchanged_by_post),
		TEST(test_a_challenge_may_stand_at_the_root_alone),
		TEST(test_a_redirect_takes_no_secret_along),
		TEST(test_redirects_that_are_not_followed),
		TEST(test_redirects_come_to_an_end),
		TEST(test_a_dead_host_is_given_up_quickly),
		TEST(test_a_proxy_that_makes_no_tunnel),
		TEST(test_a_proxy_that_refuses),
		TEST(test_a_broken_blob_goes_on_where_it_broke),
		TEST(test_only_the_right_rest_will_do),
		TEST(test_the_whole_again_in_place_of_the_rest),
		TEST(test_a_blob_that_always_breaks),
		TEST(test_a_short_blob_without_length_has_broken),
		TEST(test_a_blob_longer_than_declared),
		TEST(test_two_streams_at_once),
		TEST(test_a_network_that_is_none),
		TEST(test_a_ca_file_that_is_not_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
