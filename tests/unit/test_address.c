#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <netinet/in.h>
#include <string.h>

#include "net/address.h"

static void test_loopback_hosts(void **state)
{
	(void)state;
	static const char *const yes[] = {"localhost",          "a.localhost", "localhost.",
									  "a.localhost.",       "127.0.0.1",   "127.255.0.9",
									  "[::ffff:127.0.0.1]", "[::1]"};
	static const char *const no[] = {"localhost.example", "notlocalhost", "128.0.0.1",
									 "126.0.0.1",         "10.0.0.1",     "[::2]",
									 "ghcr.io",           "127.example"};
	for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++)
		assert_true(address_is_loopback(yes[i]));
	for (size_t i = 0; i < sizeof no / sizeof no[0]; i++)
		assert_false(address_is_loopback(no[i]));
}

/* The first and the last address of each range, and their neighbours outside. */
static const struct row {
	const char *text;
	enum address_class class;
	const char *what;
} rows[] = {
	{"0.0.0.0", ADDRESS_FORBIDDEN, "an unspecified address"},
	{"0.255.255.255", ADDRESS_FORBIDDEN, "an unspecified address"},
	{"1.0.0.0", ADDRESS_PUBLIC, "a public address"},
	{"8.8.8.8", ADDRESS_PUBLIC, "a public address"},
	{"9.255.255.255", ADDRESS_PUBLIC, "a public address"},
	{"10.0.0.0", ADDRESS_PRIVATE, "a private address"},
	{"10.255.255.255", ADDRESS_PRIVATE, "a private address"},
	{"11.0.0.0", ADDRESS_PUBLIC, "a public address"},
	{"100.63.255.255", ADDRESS_PUBLIC, "a public address"},
	{"100.64.0.0", ADDRESS_PRIVATE, "a private address"},
	{"100.100.100.199", ADDRESS_PRIVATE, "a private address"},
	{"100.100.100.200", ADDRESS_FORBIDDEN, "a cloud metadata address"},
	{"100.100.100.201", ADDRESS_PRIVATE, "a private address"},
	{"100.127.255.255", ADDRESS_PRIVATE, "a private address"},
	{"100.128.0.0", ADDRESS_PUBLIC, "a public address"},
	{"126.255.255.255", ADDRESS_PUBLIC, "a public address"},
	{"127.0.0.0", ADDRESS_LOOPBACK, "a loopback address"},
	{"127.255.255.255", ADDRESS_LOOPBACK, "a loopback address"},
	{"128.0.0.0", ADDRESS_PUBLIC, "a public address"},
	{"168.63.129.15", ADDRESS_PUBLIC, "a public address"},
	{"168.63.129.16", ADDRESS_FORBIDDEN, "a cloud metadata address"},
	{"169.253.255.255", ADDRESS_PUBLIC, "a public address"},
	{"169.254.0.0", ADDRESS_FORBIDDEN, "a link-local address"},
	{"169.254.169.254", ADDRESS_FORBIDDEN, "a cloud metadata address"},
	{"169.254.170.2", ADDRESS_FORBIDDEN, "a link-local address"},
	{"169.254.255.255", ADDRESS_FORBIDDEN, "a link-local address"},
	{"169.255.0.0", ADDRESS_PUBLIC, "a public address"},
	{"172.15.255.255", ADDRESS_PUBLIC, "a public address"},
	{"172.16.0.0", ADDRESS_PRIVATE, "a private address"},
	{"172.31.255.255", ADDRESS_PRIVATE, "a private address"},
	{"172.32.0.0", ADDRESS_PUBLIC, "a public address"},
	{"191.255.255.255", ADDRESS_PUBLIC, "a public address"},
	{"192.0.0.0", ADDRESS_FORBIDDEN, "a reserved address"},
	{"192.0.0.255", ADDRESS_FORBIDDEN, "a reserved address"},
	{"192.0.1.0", ADDRESS_PUBLIC, "a public address"},
	{"192.0.2.1", ADDRESS_FORBIDDEN, "a documentation address"},
	{"192.0.3.0", ADDRESS_PUBLIC, "a public address"},
	{"192.88.99.1", ADDRESS_FORBIDDEN, "a reserved address"},
	{"192.88.98.255", ADDRESS_PUBLIC, "a public address"},
	{"192.167.255.255", ADDRESS_PUBLIC, "a public address"},
	{"192.168.0.0", ADDRESS_PRIVATE, "a private address"},
	{"192.168.255.255", ADDRESS_PRIVATE, "a private address"},
	{"192.169.0.0", ADDRESS_PUBLIC, "a public address"},
	{"198.17.255.255", ADDRESS_PUBLIC, "a public address"},
	{"198.18.0.0", ADDRESS_FORBIDDEN, "a benchmarking address"},
	{"198.19.255.255", ADDRESS_FORBIDDEN, "a benchmarking address"},
	{"198.20.0.0", ADDRESS_PUBLIC, "a public address"},
	{"198.51.100.7", ADDRESS_FORBIDDEN, "a documentation address"},
	{"203.0.112.255", ADDRESS_PUBLIC, "a public address"},
	{"203.0.113.0", ADDRESS_FORBIDDEN, "a documentation address"},
	{"203.0.114.0", ADDRESS_PUBLIC, "a public address"},
	{"223.255.255.255", ADDRESS_PUBLIC, "a public address"},
	{"224.0.0.0", ADDRESS_FORBIDDEN, "a multicast address"},
	{"239.255.255.255", ADDRESS_FORBIDDEN, "a multicast address"},
	{"240.0.0.0", ADDRESS_FORBIDDEN, "a reserved address"},
	{"255.255.255.255", ADDRESS_FORBIDDEN, "a reserved address"},

	{"::", ADDRESS_FORBIDDEN, "an unspecified address"},
	{"::1", ADDRESS_LOOPBACK, "a loopback address"},
	{"[::1]", ADDRESS_LOOPBACK, "a loopback address"},
	{"::2", ADDRESS_FORBIDDEN, "a reserved address"},
	{"::127.0.0.1", ADDRESS_FORBIDDEN, "a reserved address"}, /* IPv4-compatible, given up */
	{"::8.8.8.8", ADDRESS_FORBIDDEN, "a reserved address"},
	{"::ffff:127.0.0.1", ADDRESS_LOOPBACK, "a loopback address"},
	{"::ffff:7f00:1", ADDRESS_LOOPBACK, "a loopback address"},
	{"::ffff:10.0.0.1", ADDRESS_PRIVATE, "a private address"},
	{"::ffff:169.254.169.254", ADDRESS_FORBIDDEN, "a cloud metadata address"},
	{"::ffff:8.8.8.8", ADDRESS_PUBLIC, "a public address"},
	{"64:ff9b::808:808", ADDRESS_PUBLIC, "a public address"},
	{"64:ff9b::127.0.0.1", ADDRESS_FORBIDDEN, "a wrapped address that is not public"},
	{"64:ff9b::10.0.0.1", ADDRESS_FORBIDDEN, "a wrapped address that is not public"},
	{"64:ff9b::a9fe:a9fe", ADDRESS_FORBIDDEN, "a wrapped address that is not public"},
	{"64:ff9b:0:0:0:1::", ADDRESS_FORBIDDEN, "a reserved address"},
	{"64:ff9b:1::808:808", ADDRESS_FORBIDDEN, "a wrapped address that is not public"},
	{"64:ff9b:1:ffff::a00:1", ADDRESS_FORBIDDEN, "a wrapped address that is not public"},
	{"64:ff9b:2::808:808", ADDRESS_FORBIDDEN, "a reserved address"},
	{"100::1", ADDRESS_FORBIDDEN, "a reserved address"},
	{"1fff:ffff::", ADDRESS_FORBIDDEN, "a reserved address"},
	{"2000::", ADDRESS_PUBLIC, "a public address"},
	{"2001:0:808:808::f7f7:f7f7", ADDRESS_FORBIDDEN, "a wrapped address that is not public"},
	{"2001:1::1", ADDRESS_FORBIDDEN, "a reserved address"},
	{"2001:2::", ADDRESS_FORBIDDEN, "a reserved address"},
	{"2001:1ff:ffff::", ADDRESS_FORBIDDEN, "a reserved address"},
	{"2001:200::", ADDRESS_PUBLIC, "a public address"},
	{"2001:db7:ffff::", ADDRESS_PUBLIC, "a public address"},
	{"2001:db8::1", ADDRESS_FORBIDDEN, "a documentation address"},
	{"2001:db9::", ADDRESS_PUBLIC, "a public address"},
	{"2002:808:808::1", ADDRESS_PUBLIC, "a public address"},
	{"2002:a00:1::", ADDRESS_FORBIDDEN, "a wrapped address that is not public"},
	{"2002:7f00:1::", ADDRESS_FORBIDDEN, "a wrapped address that is not public"},
	{"2003::", ADDRESS_PUBLIC, "a public address"},
	{"2606:4700::1111", ADDRESS_PUBLIC, "a public address"},
	{"3ffe:ffff::", ADDRESS_PUBLIC, "a public address"},
	{"3fff::1", ADDRESS_FORBIDDEN, "a documentation address"},
	{"3fff:0fff::", ADDRESS_FORBIDDEN, "a documentation address"},
	{"3fff:1000::", ADDRESS_PUBLIC, "a public address"},
	{"4000::", ADDRESS_FORBIDDEN, "a reserved address"},
	{"5f00::1", ADDRESS_FORBIDDEN, "a reserved address"},
	{"fbff::", ADDRESS_FORBIDDEN, "a reserved address"},
	{"fc00::", ADDRESS_PRIVATE, "a private address"},
	{"fd00::1", ADDRESS_PRIVATE, "a private address"},
	{"fd00:42::41", ADDRESS_PRIVATE, "a private address"},
	{"fd00:42::42", ADDRESS_FORBIDDEN, "a cloud metadata address"},
	{"fd00:ec1:ffff::", ADDRESS_PRIVATE, "a private address"},
	{"fd00:ec2::254", ADDRESS_FORBIDDEN, "a cloud metadata address"},
	{"fd00:ec2::23", ADDRESS_FORBIDDEN, "a cloud metadata address"},
	{"fd20:ce::254", ADDRESS_FORBIDDEN, "a cloud metadata address"},
	{"fdff:ffff::", ADDRESS_PRIVATE, "a private address"},
	{"fe00::", ADDRESS_FORBIDDEN, "a reserved address"},
	{"fe80::1", ADDRESS_FORBIDDEN, "a link-local address"},
	{"[fe80::1%25eth0]", ADDRESS_FORBIDDEN, "a link-local address"},
	{"fe80::1%eth0", ADDRESS_FORBIDDEN, "a link-local address"},
	{"febf::", ADDRESS_FORBIDDEN, "a link-local address"},
	{"fec0::1", ADDRESS_FORBIDDEN, "a reserved address"}, /* site-local, given up */
	{"ff02::1", ADDRESS_FORBIDDEN, "a multicast address"},
};

static void test_classes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct address address;
		const char *what = NULL;
		assert_true(address_parse(rows[i].text, &address));
		enum address_class class = address_class(&address, &what);
		if (class != rows[i].class || strcmp(what, rows[i].what) != 0)
			fail_msg("%s is %s, class %d", rows[i].text, what, (int)class);
	}
}

static void test_names_are_no_addresses(void **state)
{
	(void)state;
	static const char *const names[] = {"",          "ghcr.io",    "1.2.3",
										"1.2.3.4.5", "0x7f.0.0.1", "[ghcr.io]",
										"[",         "1.2.3.4/8",  "2130706433"};
	struct address address = {.size = 99};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		assert_false(address_parse(names[i], &address));
	assert_int_equal(address.size, 99);
}

static void assert_written(const struct address *address, const char *expected)
{
	char text[ADDRESS_TEXT_SIZE];
	address_write(address, text);
	assert_string_equal(text, expected);
}

static void test_addresses_of_sockets(void **state)
{
	(void)state;
	struct address address;
	struct sockaddr_in ipv4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x0a000001)};
	struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6, .sin6_scope_id = 3};
	struct sockaddr other = {.sa_family = AF_UNIX};
	assert_true(address_of_socket((struct sockaddr *)&ipv4, &address));
	assert_written(&address, "10.0.0.1");
	assert_int_equal(inet_pton(AF_INET6, "fe80::1", &ipv6.sin6_addr), 1);
	assert_true(address_of_socket((struct sockaddr *)&ipv6, &address));
	assert_written(&address, "fe80::1");
	assert_int_equal(inet_pton(AF_INET6, "::ffff:10.0.0.1", &ipv6.sin6_addr), 1);
	assert_true(address_of_socket((struct sockaddr *)&ipv6, &address));
	assert_written(&address, "10.0.0.1");
	assert_false(address_of_socket(&other, &address));
}

static void test_equality(void **state)
{
	(void)state;
	struct address one;
	struct address other;
	assert_true(address_parse("10.0.0.1", &one));
	assert_true(address_parse("[::ffff:a00:1]", &other));
	assert_true(address_equal(&one, &other));
	assert_true(address_parse("10.0.0.2", &other));
	assert_false(address_equal(&one, &other));
	assert_true(address_parse("[a00:1::]", &other));
	assert_false(address_equal(&one, &other));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_loopback_hosts),
		cmocka_unit_test(test_classes),
		cmocka_unit_test(test_names_are_no_addresses),
		cmocka_unit_test(test_addresses_of_sockets),
		cmocka_unit_test(test_equality),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
