#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "net/address_range.h"

static bool holds(const char *range_text, const char *address_text)
{
	struct address_range range;
	struct address address;
	struct error err = ERROR_INIT;
	if (address_range_parse(range_text, &range, &err) != 0)
		fail_msg("%s", err.text);
	assert_true(address_parse(address_text, &address));
	return address_range_holds(&range, &address);
}

static void test_edges(void **state)
{
	(void)state;
	assert_true(holds("10.0.0.0/8", "10.0.0.0"));
	assert_true(holds("10.0.0.0/8", "10.255.255.255"));
	assert_false(holds("10.0.0.0/8", "9.255.255.255"));
	assert_false(holds("10.0.0.0/8", "11.0.0.0"));
	assert_true(holds("192.168.4.0/22", "192.168.7.255"));
	assert_false(holds("192.168.4.0/22", "192.168.8.0"));
	assert_false(holds("192.168.4.0/22", "192.168.3.255"));
	assert_true(holds("10.0.0.4/31", "10.0.0.5"));
	assert_false(holds("10.0.0.4/31", "10.0.0.6"));
	assert_true(holds("10.0.0.5/32", "10.0.0.5"));
	assert_false(holds("10.0.0.5/32", "10.0.0.4"));
	assert_true(holds("10.0.0.5", "10.0.0.5"));
	assert_false(holds("10.0.0.5", "10.0.0.6"));
	assert_true(holds("0.0.0.0/0", "255.255.255.255"));
	assert_true(holds("128.0.0.0/1", "128.0.0.0"));
	assert_false(holds("128.0.0.0/1", "127.255.255.255"));
	assert_true(holds("fd00::/8", "fdff::1"));
	assert_false(holds("fd00::/8", "fc00::1"));
	assert_true(holds("fd00:0:0:8000::/49", "fd00:0:0:ffff::1"));
	assert_false(holds("fd00:0:0:8000::/49", "fd00::1"));
	assert_true(holds("fd00::1/128", "fd00::1"));
	assert_false(holds("fd00::1/128", "fd00::2"));
	assert_true(holds("fd00::1", "fd00::1"));
	assert_true(holds("[fd00::1]", "fd00::1"));
	assert_true(holds("::/0", "2606:4700::1111"));
}

static void test_the_families_are_apart(void **state)
{
	(void)state;
	assert_false(holds("0.0.0.0/0", "::1"));
	assert_false(holds("::/0", "127.0.0.1"));
	assert_false(holds("::/0", "::ffff:127.0.0.1")); /* which is IPv4 */
	assert_true(holds("10.0.0.0/8", "::ffff:10.0.0.1"));
	assert_true(holds("::ffff:10.0.0.0/104", "10.255.0.1"));
	assert_false(holds("::ffff:10.0.0.0/104", "11.0.0.0"));
	assert_true(holds("::ffff:10.0.0.1", "10.0.0.1"));
	assert_false(holds("::ffff:10.0.0.1", "10.0.0.2"));
}

static void test_what_is_no_network(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"",
		"/",
		"/8",
		"10.0.0.0/",
		"10.0.0.0/33",
		"10.0.0.0/-1",
		"10.0.0.0/ 8",
		"10.0.0.0/8 ",
		"10.0.0.0/+8",
		"10.0.0.0/8/8",
		"10.0.0/8",
		"ghcr.io",
		"ghcr.io/8",
		"fd00::/129",
		"fd00::/0x8",
		"10.0.0.0/1000",
		"10.0.0.0/255.0.0.0",
		"::ffff:10.0.0.0/95",
		"10.0.0.0,11.0.0.0",
		"localhost",
	};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct address_range range = {.bits = 99};
		struct error err = ERROR_INIT;
		char expected[ERROR_TEXT_SIZE];
		(void)snprintf(expected, sizeof expected,
					   "\"%s\" is no network like 10.0.0.0/8, fd00::/8 or 10.0.0.5", texts[i]);
		assert_int_equal(address_range_parse(texts[i], &range, &err), -1);
		assert_string_equal(err.text, expected);
		assert_int_equal(err.code, ERROR_USAGE);
		assert_int_equal(range.bits, 99);
	}
}

static void test_bits_behind_the_prefix(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int bits;
	} rows[] = {{"10.0.0.1/8", 8}, {"10.0.0.1/31", 31}, {"fd00::1/64", 64}, {"1.0.0.0/0", 0}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct address_range range;
		struct address inside;
		struct error err = ERROR_INIT;
		char expected[ERROR_TEXT_SIZE];
		(void)snprintf(expected, sizeof expected,
					   "\"%s\" is no network: bits are set behind its prefix of %d", rows[i].text,
					   rows[i].bits);
		assert_int_equal(address_range_parse(rows[i].text, &range, &err), -1);
		assert_string_equal(err.text, expected);
		/* no_proxy lists have them */
		assert_true(address_range_read(rows[i].text, &range));
		assert_true(address_parse(i == 2 ? "fd00::ffff" : "10.0.0.0", &inside));
		assert_true(address_range_holds(&range, &inside));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_the_families_are_apart),
		cmocka_unit_test(test_what_is_no_network),
		cmocka_unit_test(test_bits_behind_the_prefix),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
