#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "net/address.h"

static void test_loopback(void **state)
{
	(void)state;
	static const char *const yes[] = {"localhost", "a.localhost", "localhost.",
									  "127.0.0.1", "127.255.0.9", "[::1]"};
	static const char *const no[] = {"localhost.example", "notlocalhost", "128.0.0.1",
									 "10.0.0.1",          "[::2]",        "ghcr.io",
									 "127.example"};
	for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++)
		assert_true(address_is_loopback(yes[i]));
	for (size_t i = 0; i < sizeof no / sizeof no[0]; i++)
		assert_false(address_is_loopback(no[i]));
}

static void test_private(void **state)
{
	(void)state;
	static const char *const yes[] = {
		"0.0.0.0",
		"10.1.2.3",
		"100.64.0.1",
		"127.0.0.1",
		"169.254.169.254",
		"172.16.0.1",
		"172.31.255.255",
		"192.168.1.1",
		"[::]",
		"[::1]",
		"[fe80::1]",
		"[fe80::1%25eth0]",
		"[fd00::1]",
		"[::ffff:10.0.0.1]",
		"[::ffff:7f00:1]",
		"[64:ff9b::a9fe:a9fe]",
		"[2002:a00:1::]",
		"localhost",
		"255.255.255.255",
		"[ff02::1]",
	};
	static const char *const no[] = {
		"8.8.8.8",     "100.63.0.1",  "100.128.0.1",        "172.15.0.1",       "172.32.0.1",
		"192.169.0.1", "169.253.0.1", "[2001:db8::1]",      "[::ffff:8.8.8.8]", "ghcr.io",
		"10.example",  "11.0.0.1",    "[64:ff9b::808:808]",
	};
	for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++)
		assert_true(address_is_private(yes[i]));
	for (size_t i = 0; i < sizeof no / sizeof no[0]; i++)
		assert_false(address_is_private(no[i]));
}

/* The reason for a no, or NULL. */
static const char *why_not(const char *registry_text, const char *target_text)
{
	struct url registry;
	struct url target;
	struct error err = ERROR_INIT;
	const char *why = NULL;
	assert_int_equal(url_parse(registry_text, &registry, &err), 0);
	assert_int_equal(url_parse(target_text, &target, &err), 0);
	bool allowed = address_allows(&registry, &target, &why);
	url_clear(&registry);
	url_clear(&target);
	assert_true(allowed == (why == NULL));
	return why;
}

static void test_where_a_request_may_go_on_to(void **state)
{
	(void)state;
	const char *downgrade = "from https to http";
	const char *inwards = "from a public to a private address";
	assert_null(why_not("https://quay.io/", "https://cdn.quay.io/"));
	assert_null(why_not("http://localhost:5000/", "http://127.0.0.1:9000/"));
	assert_null(why_not("https://127.0.0.1:5000/", "https://10.0.0.1/"));
	assert_null(why_not("http://registry.lan/", "https://cdn.example/"));
	assert_string_equal(why_not("https://quay.io/", "http://cdn.quay.io/"), downgrade);
	assert_string_equal(why_not("https://127.0.0.1/", "http://127.0.0.1/"), downgrade);
	assert_string_equal(why_not("https://quay.io/", "https://169.254.169.254/"), inwards);
	assert_string_equal(why_not("https://quay.io/", "https://2130706433/"), inwards);
	assert_string_equal(why_not("https://quay.io/", "https://[::ffff:7f00:1]/"), inwards);
	assert_string_equal(why_not("https://quay.io/", "https://localhost/"), inwards);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_loopback),
		cmocka_unit_test(test_private),
		cmocka_unit_test(test_where_a_request_may_go_on_to),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
