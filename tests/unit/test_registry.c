#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "layerproof/limits.h"
#include "layerproof/media_type.h"
#include "layerproof/memory.h"
#include "layerproof/source.h"
#include "scripted_server.h"

#define BYTES        "{\"schemaVersion\":2}"
#define BYTES_DIGEST "sha256:bafebd36189ad3688b7b3915ea55d461e0bfcfbdde11e54b0a123999fb6be50f"

struct world {
	struct scripted_server *server;
	struct network *network;
	struct source_client *client;
	struct reference reference;
	struct source *source;
};

static void open_source(struct world *world, const char *format)
{
	struct error err = ERROR_INIT;
	char text[256];
	(void)snprintf(text, sizeof text, "%s/a/b%s", world->server->address, format);
	assert_int_equal(reference_parse(text, &world->reference, &err), 0);
	world->source = source_open(world->client, &world->reference, &err);
	assert_non_null(world->source);
}

static int set_up(void **state)
{
	struct world *world = calloc(1, sizeof *world);
	struct error err = ERROR_INIT;
	const struct network_options options = {.plain_http = NULL};
	unsetenv("http_proxy");
	unsetenv("https_proxy");
	world->server = server_start();
	world->network = network_new(&options, &err);
	world->client = source_client_new(world->network, &err);
	*state = world;
	return world->client == NULL;
}

static int tear_down(void **state)
{
	struct world *world = *state;
	source_close(world->source);
	reference_clear(&world->reference);
	source_client_free(world->client);
	network_free(world->network);
	server_stop(world->server);
	free(world);
	return 0;
}

static struct descriptor descriptor_of(const char *digest, int64_t size)
{
	struct error err = ERROR_INIT;
	struct descriptor descriptor = {.size = size};
	assert_int_equal(digest_parse(digest, &descriptor.digest, &err), 0);
	return descriptor;
}

static void check_digest(const struct digest *digest, const char *expected)
{
	char text[DIGEST_TEXT_SIZE];
	assert_string_equal(digest_format(digest, text), expected);
}

static void test_the_document_of_a_tag(void **state)
{
	struct world *world = *state;
	struct document document;
	struct error err = ERROR_INIT;
	open_source(world, ":v1");
	server_add(world->server, "200 OK\r\nContent-Type: " MEDIA_TYPE_OCI_INDEX
							  "\r\nDocker-Content-Digest: " BYTES_DIGEST "\r\n\r\n" BYTES);
	assert_int_equal(source_read_top(world->source, &document, &err), 0);
	assert_string_equal(document.bytes, BYTES);
	assert_string_equal(document.media_type, MEDIA_TYPE_OCI_INDEX);
	check_digest(&document.digest, BYTES_DIGEST);
	check_digest(&document.digest_header, BYTES_DIGEST);
	document_clear(&document);
	assert_string_equal(server_line(world->server, 0), "GET /v2/a/b/manifests/v1 HTTP/1.1");
	assert_string_equal(server_header(world->server, 0, "Accept"), MEDIA_TYPE_ACCEPT);
}

static void test_a_digest_is_asked_for_and_not_believed(void **state)
{
	struct world *world = *state;
	struct document document;
	struct error err = ERROR_INIT;
	open_source(world, ":v1@" BYTES_DIGEST);
	server_add(world->server, "200 OK\r\nDocker-Content-Digest: no digest\r\n\r\n{}");
	assert_int_equal(source_read_top(world->source, &document, &err), 0);
	assert_null(document.media_type);
	check_digest(&document.digest,
				 "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
	assert_false(digest_is_set(&document.digest_header));
	document_clear(&document);
	assert_string_equal(server_line(world->server, 0),
						"GET /v2/a/b/manifests/" BYTES_DIGEST " HTTP/1.1");
}

static void test_what_descriptors_point_at(void **state)
{
	struct world *world = *state;
	struct document document;
	struct error err = ERROR_INIT;
	const struct descriptor descriptor = descriptor_of(BYTES_DIGEST, 19);
	open_source(world, ":v1");
	server_add(world->server, "200 OK\r\n\r\n" BYTES);
	server_add(world->server, "200 OK\r\n\r\n" BYTES);
	assert_int_equal(source_read_manifest(world->source, &descriptor, &document, &err), 0);
	check_digest(&document.digest, BYTES_DIGEST);
	document_clear(&document);
	assert_int_equal(source_read_config(world->source, &descriptor, &document, &err), 0);
	check_digest(&document.digest, BYTES_DIGEST);
	document_clear(&document);
	assert_string_equal(server_line(world->server, 0),
						"GET /v2/a/b/manifests/" BYTES_DIGEST " HTTP/1.1");
	assert_string_equal(server_line(world->server, 1),
						"GET /v2/a/b/blobs/" BYTES_DIGEST " HTTP/1.1");
}

static void check_config_error(struct world *world, const struct descriptor *descriptor,
							   enum error_code code, const char *text)
{
	struct document document;
	struct error err = ERROR_INIT;
	assert_int_equal(source_read_config(world->source, descriptor, &document, &err), -1);
	assert_string_equal(err.text, text);
	assert_int_equal(err.code, code);
}

static void test_more_bytes_than_declared(void **state)
{
	struct world *world = *state;
	char text[128];
	const struct descriptor descriptor = descriptor_of(BYTES_DIGEST, 18);
	open_source(world, ":v1");
	server_add(world->server, "200 OK\r\n\r\n" BYTES);
	(void)snprintf(text, sizeof text, "%s: more than the 18 bytes that were declared",
				   world->server->address);
	check_config_error(world, &descriptor, ERROR_TAMPERED, text);
}

static void test_what_is_not_worth_a_request(void **state)
{
	struct world *world = *state;
	struct descriptor descriptor = descriptor_of(BYTES_DIGEST, LIMIT_CONFIG_SIZE + 1);
	open_source(world, ":v1");
	check_config_error(world, &descriptor, ERROR_OVER_LIMIT, "8388609 bytes, more than 8388608");
	descriptor.digest.algorithm = DIGEST_NONE;
	check_config_error(world, &descriptor, ERROR_UNSUPPORTED, "digest of an unknown algorithm");
	assert_int_equal(world->server->request_count, 0);
}

static void test_embedded_data_saves_the_request(void **state)
{
	struct world *world = *state;
	struct document document;
	struct error err = ERROR_INIT;
	uint8_t data[] = BYTES;
	char media_type[] = MEDIA_TYPE_OCI_CONFIG;
	struct descriptor descriptor = descriptor_of(BYTES_DIGEST, 19);
	descriptor.data = data;
	descriptor.data_size = 19;
	descriptor.media_type = media_type;
	open_source(world, ":v1");
	assert_int_equal(source_read_config(world->source, &descriptor, &document, &err), 0);
	assert_string_equal(document.bytes, BYTES);
	assert_string_equal(document.media_type, MEDIA_TYPE_OCI_CONFIG);
	check_digest(&document.digest, BYTES_DIGEST);
	document_clear(&document);
	assert_int_equal(world->server->request_count, 0);
	data[0] = '['; /* it does not hash to its digest: the registry is asked */
	server_add(world->server, "200 OK\r\n\r\n" BYTES);
	assert_int_equal(source_read_config(world->source, &descriptor, &document, &err), 0);
	assert_string_equal(document.bytes, BYTES);
	document_clear(&document);
	assert_int_equal(world->server->request_count, 1);
}

static void test_a_layer_is_a_stream(void **state)
{
	struct world *world = *state;
	struct error err = ERROR_INIT;
	struct buffer bytes = BUFFER_INIT(100);
	const struct descriptor descriptor = descriptor_of(BYTES_DIGEST, 19);
	open_source(world, ":v1");
	server_add(world->server, "307 go\r\nLocation: http://localhost:PORT/store?sig=x\r\n\r\n");
	server_add(world->server, "200 OK\r\nContent-Length: 19\r\n\r\n" BYTES);
	struct reader *reader = source_open_layer(world->source, &descriptor, &err);
	assert_non_null(reader);
	assert_int_equal(reader_read_all(reader, &bytes, &err), 0);
	assert_string_equal(bytes.bytes, BYTES);
	buffer_clear(&bytes);
	reader_close(reader);
	assert_string_equal(server_line(world->server, 0),
						"GET /v2/a/b/blobs/" BYTES_DIGEST " HTTP/1.1");
	assert_string_equal(server_line(world->server, 1), "GET /store?sig=x HTTP/1.1");
}

static void test_no_network_no_registry(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct reference reference;
	struct source_client *client = source_client_new(NULL, &err);
	assert_int_equal(reference_parse("ghcr.io/a/b", &reference, &err), 0);
	assert_null(source_open(client, &reference, &err));
	assert_int_equal(err.code, ERROR_USAGE);
	assert_string_equal(err.text, "ghcr.io: no registry is to be asked");
	reference_clear(&reference);
	source_client_free(client);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_the_document_of_a_tag),       TEST(test_a_digest_is_asked_for_and_not_believed),
		TEST(test_what_descriptors_point_at),   TEST(test_more_bytes_than_declared),
		TEST(test_what_is_not_worth_a_request), TEST(test_embedded_data_saves_the_request),
		TEST(test_a_layer_is_a_stream),         cmocka_unit_test(test_no_network_no_registry),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
