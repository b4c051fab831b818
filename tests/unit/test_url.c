#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net/url.h"

struct example {
	const char *text;
	const char *whole; /* NULL: refused with `reason` */
	const char *authority;
	const char *label;
	const char *reason;
};

static const struct example EXAMPLES[] = {
	{"https://ghcr.io/v2/a/b", "https://ghcr.io/v2/a/b", "ghcr.io:443", "ghcr.io", NULL},
	{"http://LocalHost:5000/v2/", "http://LocalHost:5000/v2/", "localhost:5000", "localhost:5000",
	 NULL},
	{"https://[::1]:5000/x?a=b#part", "https://[::1]:5000/x?a=b", "[::1]:5000", "[::1]:5000", NULL},
	{"https://h:443/x", "https://h:443/x", "h:443", "h", NULL},
	{"http://127.1:5000/", "http://127.0.0.1:5000/", "127.0.0.1:5000", "127.0.0.1:5000", NULL},
	{"http://2130706433/", "http://127.0.0.1/", "127.0.0.1:80", "127.0.0.1", NULL},
	{"https://user:word@h/", NULL, NULL, NULL,
	 "not a URL: Credentials was passed in the URL when prohibited"},
	{"ftp://h/", NULL, NULL, NULL, "not an http or https URL"},
	{"file:///etc/passwd", NULL, NULL, NULL, "not an http or https URL"},
	{"/relative", NULL, NULL, NULL, "not a URL: Bad scheme"},
	{"http://127%2e1/", NULL, NULL, NULL, "not a URL: its host is written with escapes"},
	{"http://2130706%34%33%33/", NULL, NULL, NULL, "not a URL: its host is written with escapes"},
	{"", NULL, NULL, NULL, "not a URL: Bad scheme"},
};

static void test_a_path_at_a_root_is_as_parsed(void **state)
{
	(void)state;
	static const char *const ROOTS[] = {"https://ghcr.io/", "http://LocalHost:5000/",
										"https://[::1]:443/", "http://127.1/"};
	static const char *const PATHS[] = {
		"/",
		"/v2/",
		"/v2/a/b/manifests/sha256:00",
		"/v2/a_b-c/tags/list?n=1",
		"/a/../b",
		"/a/./b",
		"/a/.b",
		"/a/b.",
		"/a%2Fb",
		"/a b",
		"/\xC3\xA9",
		"//a",
		"/a#b",
		"/a\\b",
	};
	for (size_t i = 0; i < sizeof(ROOTS) / sizeof(ROOTS[0]); i++)
		for (size_t j = 0; j < sizeof(PATHS) / sizeof(PATHS[0]); j++) {
			struct error err = ERROR_INIT;
			struct url root = URL_INIT;
			struct url parsed = URL_INIT;
			struct url made = URL_INIT;
			char text[100];
			snprintf(text, sizeof(text), "%s%s", ROOTS[i], PATHS[j] + 1);
			assert_int_equal(url_parse(ROOTS[i], &root, &err), 0);
			assert_int_equal(url_parse(text, &parsed, &err), 0);
			assert_int_equal(url_at_root(&root, PATHS[j], &made, &err), 0);
			assert_string_equal(made.text, parsed.text);
			assert_string_equal(made.scheme, parsed.scheme);
			assert_string_equal(made.host, parsed.host);
			assert_string_equal(made.authority, parsed.authority);
			assert_string_equal(made.label, parsed.label);
			assert_int_equal(made.has_port, parsed.has_port);
			url_clear(&root);
			url_clear(&parsed);
			url_clear(&made);
		}
}

static void check_example(const struct example *example)
{
	struct url url = URL_INIT;
	struct error err = ERROR_INIT;
	int result = url_parse(example->text, &url, &err);
	if (example->whole == NULL) {
		assert_int_equal(result, -1);
		assert_int_equal(err.code, ERROR_MALFORMED);
		assert_string_equal(err.text, example->reason);
		assert_null(url.text);
		return;
	}
	assert_int_equal(result, 0);
	assert_string_equal(url.text, example->whole);
	assert_string_equal(url.authority, example->authority);
	assert_string_equal(url.label, example->label);
	url_clear(&url);
}

static void test_examples(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof EXAMPLES / sizeof EXAMPLES[0]; i++)
		check_example(&EXAMPLES[i]);
}

static void check_resolve(const char *base_text, const char *location, const char *expected)
{
	struct url base;
	struct url url;
	struct error err = ERROR_INIT;
	assert_int_equal(url_parse(base_text, &base, &err), 0);
	assert_int_equal(url_resolve(&base, location, &url, &err), 0);
	assert_string_equal(url.text, expected);
	url_clear(&base);
	url_clear(&url);
}

static void test_a_location_may_be_relative(void **state)
{
	(void)state;
	const char *base = "https://h:8443/v2/a/b/blobs/x?q=1";
	check_resolve(base, "/other", "https://h:8443/other");
	check_resolve(base, "y", "https://h:8443/v2/a/b/blobs/y");
	check_resolve(base, "//cdn.example/z", "https://cdn.example/z");
	check_resolve(base, "http://other:1/?sig=a%2Fb+c", "http://other:1/?sig=a%2Fb+c");
	check_resolve(base, "/with space", "https://h:8443/with%20space");
}

static bool is_same(const char *one, const char *other)
{
	struct url a;
	struct url b;
	struct error err = ERROR_INIT;
	assert_int_equal(url_parse(one, &a, &err), 0);
	assert_int_equal(url_parse(other, &b, &err), 0);
	bool same = url_same_origin(&a, &b);
	url_clear(&a);
	url_clear(&b);
	return same;
}

static void test_an_origin_is_scheme_host_and_port(void **state)
{
	(void)state;
	assert_true(is_same("https://h/a", "https://H:443/b"));
	assert_false(is_same("https://h/a", "http://h/a"));
	assert_false(is_same("https://h/a", "https://h:444/a"));
	assert_false(is_same("https://h/a", "https://h.example/a"));
}

static void test_the_query_is_left_out_of_the_log(void **state)
{
	(void)state;
	struct url url;
	struct error err = ERROR_INIT;
	assert_int_equal(url_parse("https://h/a?X-Amz-Signature=secret", &url, &err), 0);
	char *shown = url_without_query(&url);
	assert_string_equal(shown, "https://h/a");
	free(shown);
	url_clear(&url);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_path_at_a_root_is_as_parsed),
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_a_location_may_be_relative),
		cmocka_unit_test(test_an_origin_is_scheme_host_and_port),
		cmocka_unit_test(test_the_query_is_left_out_of_the_log),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
