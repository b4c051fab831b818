#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "net/proxy.h"

static void test_exceptions(void **state)
{
	(void)state;
	static const struct {
		const char *except;
		const char *host;
		bool is_excepted;
	} rows[] = {
		{"*", "ghcr.io", true},
		{"*", "[::1]", true},
		{"", "ghcr.io", false},
		{" , ,", "ghcr.io", false},
		{"ghcr.io", "ghcr.io", true},
		{"GHCR.io", "ghcr.io", true},
		{"ghcr.io", "ghcr.io.", true},
		{"ghcr.io.", "ghcr.io", true},
		{"ghcr.io", "pkg.ghcr.io", true},
		{".ghcr.io", "pkg.ghcr.io", true},
		{".ghcr.io", "ghcr.io", true},
		{"ghcr.io", "notghcr.io", false},
		{"pkg.ghcr.io", "ghcr.io", false},
		{".", "ghcr.io", false},
		{"quay.io,ghcr.io", "ghcr.io", true},
		{"quay.io ghcr.io", "ghcr.io", true},
		{"quay.io,  ghcr.io  ", "ghcr.io", true},
		{"quay.io, *", "ghcr.io", false},
		{"127.0.0.1", "127.0.0.1", true},
		{"127.0.0.1", "127.0.0.2", false},
		{"7.0.0.1", "127.0.0.1", false},
		{"0.0.1", "127.0.0.1", false},
		{"127.0.0.0/8", "127.9.0.1", true},
		{"127.0.0.1/8", "127.9.0.1", true},
		{"127.0.0.0/8", "128.0.0.1", false},
		{"127.0.0.0/8", "localhost", false},
		{"localhost", "127.0.0.1", false},
		{"::1", "[::1]", true},
		{"[::1]", "[::1]", true},
		{"fd00::/8", "[fd12::1]", true},
		{"fd00::/8", "[fc12::1]", false},
		{"10.0.0.0/99", "10.0.0.0", false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (proxy_is_excepted(rows[i].except, rows[i].host) != rows[i].is_excepted)
			fail_msg("%s: %s", rows[i].except, rows[i].host);
}

static void set_variables(const char *const *pairs)
{
	static const char *const all[] = {"http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY",
									  "all_proxy",  "ALL_PROXY",  "no_proxy",    "NO_PROXY"};
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		unsetenv(all[i]);
	for (; *pairs != NULL; pairs += 2)
		setenv(pairs[0], pairs[1], 1);
}

/* NULL for none. */
static void expect(const char *const *pairs, const char *url_text, const char *expected)
{
	struct url url;
	struct proxy proxy;
	struct error err = ERROR_INIT;
	set_variables(pairs);
	proxy_read_environment(&proxy);
	assert_int_equal(url_parse(url_text, &url, &err), 0);
	const char *found = proxy_for(&proxy, &url);
	if (expected == NULL)
		assert_null(found);
	else
		assert_string_equal(found, expected);
	url_clear(&url);
	proxy_clear(&proxy);
}

#define SET(...)                                                                                   \
	(const char *const[])                                                                          \
	{                                                                                              \
		__VA_ARGS__, NULL                                                                          \
	}

static void test_variables(void **state)
{
	(void)state;
	expect(SET(NULL), "https://ghcr.io/", NULL);
	expect(SET("http_proxy", "a:1"), "http://ghcr.io/", "a:1");
	expect(SET("http_proxy", "a:1"), "https://ghcr.io/", NULL);
	expect(SET("HTTP_PROXY", "a:1"), "http://ghcr.io/", NULL);
	expect(SET("https_proxy", "b:1"), "https://ghcr.io/", "b:1");
	expect(SET("https_proxy", "b:1"), "http://ghcr.io/", NULL);
	expect(SET("HTTPS_PROXY", "c:1"), "https://ghcr.io/", "c:1");
	expect(SET("HTTPS_PROXY", "c:1", "https_proxy", "b:1"), "https://ghcr.io/", "b:1");
	expect(SET("HTTPS_PROXY", "c:1", "https_proxy", ""), "https://ghcr.io/", "c:1");
	expect(SET("all_proxy", "d:1"), "https://ghcr.io/", "d:1");
	expect(SET("ALL_PROXY", "e:1"), "http://ghcr.io/", "e:1");
	expect(SET("ALL_PROXY", "e:1", "http_proxy", "a:1"), "http://ghcr.io/", "a:1");
	expect(SET("all_proxy", "d:1", "no_proxy", "ghcr.io"), "https://ghcr.io/", NULL);
	expect(SET("all_proxy", "d:1", "no_proxy", "", "NO_PROXY", "ghcr.io"), "https://ghcr.io/",
		   NULL);
	expect(SET("all_proxy", "d:1", "no_proxy", "x", "NO_PROXY", "ghcr.io"), "https://ghcr.io/",
		   "d:1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exceptions),
		cmocka_unit_test(test_variables),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
