#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "net/reach.h"

static const struct reach_allowed NOTHING = {.ranges = NULL};

static struct reach reach_from(const char *registry_host, const struct reach_allowed *allowed)
{
	struct url registry;
	struct error err = ERROR_INIT;
	char text[256];
	(void)snprintf(text, sizeof text, "https://%s/v2/", registry_host);
	assert_int_equal(url_parse(text, &registry, &err), 0);
	struct reach reach = reach_of(&registry, allowed);
	url_clear(&registry);
	return reach;
}

static bool holds(const struct reach *reach, const char *text)
{
	struct address address;
	const char *what = NULL;
	assert_true(address_parse(text, &address));
	bool is_held = reach_holds(reach, &address, &what);
	assert_non_null(what);
	return is_held;
}

/* A letter for each: public, loopback, private, link-local, metadata, unspecified. */
static void expect(const struct reach *reach, const char *letters)
{
	static const struct {
		char letter;
		const char *texts[3];
	} kinds[] = {
		{'p', {"8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"}},
		{'l', {"127.0.0.1", "127.9.9.9", "::1"}},
		{'v', {"10.0.0.1", "192.168.0.1", "fd00::1"}},
		{'k', {"169.254.1.1", "fe80::1", "64:ff9b::7f00:1"}},
		{'m', {"169.254.169.254", "fd00:ec2::254", "100.100.100.200"}},
		{'u', {"0.0.0.0", "::", "255.255.255.255"}},
	};
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		for (size_t j = 0; j < 3; j++)
			if (holds(reach, kinds[i].texts[j]) != (strchr(letters, kinds[i].letter) != NULL))
				fail_msg("%s", kinds[i].texts[j]);
}

static void test_each_home(void **state)
{
	(void)state;
	static const struct {
		const char *registry;
		const char *letters;
	} rows[] = {
		{"ghcr.io", "p"},         {"registry.lan", "p"},    {"8.8.8.8", "p"},
		{"localhost", "pl"},      {"a.localhost", "pl"},    {"127.0.0.1", "pl"},
		{"127.3.4.5:5000", "pl"}, {"[::1]", "pl"},          {"[::ffff:127.0.0.1]", "pl"},
		{"10.9.9.9", "pv"},       {"[fd12::1]:5000", "pv"}, {"[::ffff:10.9.9.9]", "pv"},
		{"100.64.0.1", "pv"},     {"[2606:4700::1]", "p"},  {"169.254.7.7", "p"},
		{"[fe80::7]", "p"},       {"255.255.255.254", "p"}, {"2130706433", "pl"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct reach reach = reach_from(rows[i].registry, &NOTHING);
		expect(&reach, rows[i].letters);
	}
}

static void test_the_literal_itself(void **state)
{
	(void)state;
	struct reach reach = reach_from("169.254.7.7", &NOTHING);
	assert_true(holds(&reach, "169.254.7.7"));
	assert_true(holds(&reach, "::ffff:169.254.7.7"));
	assert_false(holds(&reach, "169.254.7.8"));
	reach = reach_from("0.0.0.0:5000", &NOTHING);
	assert_true(holds(&reach, "0.0.0.0"));
	assert_false(holds(&reach, "127.0.0.1"));
	reach = reach_from("[fe80::7%25eth0]", &NOTHING);
	assert_true(holds(&reach, "fe80::7"));
	reach = reach_from("169.254.169.254", &NOTHING);
	assert_true(holds(&reach, "169.254.169.254"));
	assert_false(holds(&reach, "fd00:ec2::254"));
}

static void test_what_is_allowed(void **state)
{
	(void)state;
	struct address_range ranges[2];
	struct error err = ERROR_INIT;
	const struct reach_allowed allowed = {.ranges = ranges, .count = 2};
	assert_int_equal(address_range_parse("10.1.0.0/16", &ranges[0], &err), 0);
	assert_int_equal(address_range_parse("fe80::/10", &ranges[1], &err), 0);
	struct reach reach = reach_from("registry.lan", &allowed);
	assert_true(holds(&reach, "10.1.2.3"));
	assert_true(holds(&reach, "fe80::9"));
	assert_false(holds(&reach, "10.2.0.0"));
	assert_false(holds(&reach, "169.254.0.1"));
	assert_false(holds(&reach, "127.0.0.1"));
	reach_leave(&reach);
	assert_true(holds(&reach, "10.1.2.3"));
}

static void test_a_stranger_leads_no_further_than_a_stranger(void **state)
{
	(void)state;
	static const char *const registries[] = {"localhost", "127.0.0.1", "10.0.0.1", "169.254.7.7"};
	for (size_t i = 0; i < sizeof registries / sizeof registries[0]; i++) {
		struct reach reach = reach_from(registries[i], &NOTHING);
		reach_leave(&reach);
		expect(&reach, "p");
		assert_false(holds(&reach, "169.254.7.7"));
	}
}

/* The reason for a no, or "" for a yes. */
static const char *check_host(const char *registry, const char *target_text,
							  const struct reach_allowed *allowed)
{
	static struct error err;
	struct reach reach = reach_from(registry, allowed);
	struct url target;
	err = (struct error)ERROR_INIT;
	assert_int_equal(url_parse(target_text, &target, &err), 0);
	int result = reach_check_host(&reach, &target, &err);
	url_clear(&target);
	assert_int_equal(err.code, result == 0 ? ERROR_NONE : ERROR_UNREACHABLE);
	return err.text;
}

static void test_hosts_before_they_are_resolved(void **state)
{
	(void)state;
	static const struct {
		const char *registry;
		const char *target;
		const char *why;
	} rows[] = {
		{"quay.io", "https://cdn.quay.io/", ""},
		{"quay.io", "https://localhost.example/", ""},
		{"quay.io", "https://169.254.169.254/", "169.254.169.254 is a cloud metadata address"},
		{"quay.io", "https://[fd00:ec2::254]/", "[fd00:ec2::254] is a cloud metadata address"},
		{"quay.io", "https://2130706433/", "127.0.0.1 is a loopback address"},
		{"quay.io", "https://0x7f.1/", "127.0.0.1 is a loopback address"},
		{"quay.io", "https://017700000001/", "127.0.0.1 is a loopback address"},
		{"quay.io", "https://[::ffff:7f00:1]/", "[::ffff:7f00:1] is a loopback address"},
		{"quay.io", "https://LOCALHOST/", "localhost is a loopback name"},
		{"quay.io", "https://localhost./", "localhost. is a loopback name"},
		{"quay.io", "https://a.localhost:8443/", "a.localhost is a loopback name"},
		{"10.0.0.1", "https://localhost/", "localhost is a loopback name"},
		{"10.0.0.1", "https://127.0.0.1/", "127.0.0.1 is a loopback address"},
		{"10.0.0.1", "https://192.168.0.1/", ""},
		{"127.0.0.1", "https://10.0.0.1/", "10.0.0.1 is a private address"},
		{"127.0.0.1", "https://localhost/", ""},
		{"127.0.0.1", "https://0.0.0.0/", "0.0.0.0 is an unspecified address"},
		{"localhost", "https://[::ffff:127.0.0.1]/", ""},
		{"localhost", "https://[::]/", "[::] is an unspecified address"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_string_equal(check_host(rows[i].registry, rows[i].target, &NOTHING), rows[i].why);
}

static void test_localhost_where_it_is_allowed(void **state)
{
	(void)state;
	struct address_range range;
	struct error err = ERROR_INIT;
	const struct reach_allowed allowed = {.ranges = &range, .count = 1};
	assert_int_equal(address_range_parse("127.0.0.1", &range, &err), 0);
	assert_string_equal(check_host("quay.io", "https://localhost/", &allowed), "");
	assert_int_equal(address_range_parse("::1", &range, &err), 0);
	assert_string_equal(check_host("quay.io", "https://localhost/", &allowed), "");
	assert_int_equal(address_range_parse("127.0.0.2", &range, &err), 0);
	assert_string_equal(check_host("quay.io", "https://localhost/", &allowed),
						"localhost is a loopback name");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_home),
		cmocka_unit_test(test_the_literal_itself),
		cmocka_unit_test(test_what_is_allowed),
		cmocka_unit_test(test_a_stranger_leads_no_further_than_a_stranger),
		cmocka_unit_test(test_hosts_before_they_are_resolved),
		cmocka_unit_test(test_localhost_where_it_is_allowed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
