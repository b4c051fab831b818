#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "layerproof/limits.h"
#include "net/challenge.h"

struct example {
	const char *value;
	enum challenge_scheme scheme;
	const char *realm;
	const char *service;
	const char *scope;
};

static const struct example EXAMPLES[] = {
	{"Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\","
	 "scope=\"repository:library/ubuntu:pull\"",
	 CHALLENGE_BEARER, "https://auth.docker.io/token", "registry.docker.io",
	 "repository:library/ubuntu:pull"},
	/* Codeberg: two challenges in one header (registry-facts 25) */
	{"Bearer realm=\"https://codeberg.org/v2/token\",service=\"container_registry\",scope=\"*\","
	 "Basic realm=\"https://codeberg.org/v2\"",
	 CHALLENGE_BEARER, "https://codeberg.org/v2/token", "container_registry", "*"},
	{"Basic realm=\"a\"", CHALLENGE_BASIC, "a", NULL, NULL},
	{"Basic realm=\"a\", Bearer realm=\"b\"", CHALLENGE_BEARER, "b", NULL, NULL},
	{"Basic realm=\"a\", Bearer service=\"b\"", CHALLENGE_BASIC, "a", NULL, NULL},
	{"Negotiate a/b+c==, Basic realm=\"x\"", CHALLENGE_BASIC, "x", NULL, NULL},
	{"Negotiate a/b+c==", CHALLENGE_NONE, NULL, NULL, NULL},
	{"Bearer realm=\"r\" service=\"s\"", CHALLENGE_BEARER, "r", "s", NULL},
	{"Bearer realm=\"r\",x=\"never closed", CHALLENGE_NONE, NULL, NULL, NULL},
	{"bEARER REALM = \"r\" , Service=s", CHALLENGE_BEARER, "r", "s", NULL},
	{"Bearer realm=https://h:1/t?x=y,service=s", CHALLENGE_BEARER, "https://h:1/t?x=y", "s", NULL},
	{"Bearer realm=\"a\\\"b\\\\c\"", CHALLENGE_BEARER, "a\"b\\c", NULL, NULL},
	{"Bearer realm=\"one\",realm=\"two\"", CHALLENGE_BEARER, "one", NULL, NULL},
	{"Bearer realm=\"r\",error=\"insufficient_scope\",scope=\"a b\"", CHALLENGE_BEARER, "r", NULL,
	 "a b"},
	{"Negotiate, Basic realm=\"x\"", CHALLENGE_BASIC, "x", NULL, NULL},
	{"Negotiate YWJj, Basic", CHALLENGE_BASIC, NULL, NULL, NULL},
	{"Digest realm=\"d\", nonce=\"n\", Bearer realm=\"r\"", CHALLENGE_BEARER, "r", NULL, NULL},
	{", ,Basic realm=x", CHALLENGE_BASIC, "x", NULL, NULL},
	{"Bearer service=\"no realm\", Basic realm=\"b\"", CHALLENGE_BASIC, "b", NULL, NULL},
	{"Bearer realm=\"never closed", CHALLENGE_NONE, NULL, NULL, NULL},
	{"Bearer realm=\"ends in \\", CHALLENGE_NONE, NULL, NULL, NULL},
	{"Bearer", CHALLENGE_NONE, NULL, NULL, NULL},
	{"=", CHALLENGE_NONE, NULL, NULL, NULL},
	{"Bearer =x", CHALLENGE_NONE, NULL, NULL, NULL},
	{"\"quoted\"", CHALLENGE_NONE, NULL, NULL, NULL},
	{"", CHALLENGE_NONE, NULL, NULL, NULL},
};

static void check_text(const char *actual, const char *expected)
{
	if (expected == NULL)
		assert_null(actual);
	else
		assert_string_equal(actual, expected);
}

static void test_examples(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof EXAMPLES / sizeof EXAMPLES[0]; i++) {
		struct challenge challenge = CHALLENGE_INIT;
		challenge_read(EXAMPLES[i].value, &challenge);
		assert_int_equal(challenge.scheme, EXAMPLES[i].scheme);
		check_text(challenge.realm, EXAMPLES[i].realm);
		check_text(challenge.service, EXAMPLES[i].service);
		check_text(challenge.scope, EXAMPLES[i].scope);
		challenge_clear(&challenge);
	}
}

/* A stored password goes to who asks for it first; without one, only Bearer can be answered. */
static void test_whether_a_password_may_go(void **state)
{
	(void)state;
	static const char *const values[] = {"Basic realm=\"a\", Bearer realm=\"b\"",
										 "Bearer realm=\"b\", Basic realm=\"a\"",
										 "Bearer realm=\"b\""};
	for (size_t i = 0; i < 3; i++) {
		struct challenge challenge = CHALLENGE_INIT;
		challenge_read(values[i], &challenge);
		assert_int_equal(challenge.scheme, CHALLENGE_BEARER);
		assert_int_equal(challenge.prefers_password, i == 0);
		challenge_clear(&challenge);
	}
}

static void test_a_token_for_less_was_sent(void **state)
{
	(void)state;
	struct challenge challenge = CHALLENGE_INIT;
	challenge_read("Bearer realm=\"r\",error=\"invalid_token\"", &challenge);
	assert_false(challenge.is_insufficient);
	challenge_clear(&challenge);
	challenge_read("Bearer Error=\"insufficient_scope\",realm=\"r\"", &challenge);
	assert_true(challenge.is_insufficient);
	struct challenge copy;
	challenge_copy(&challenge, &copy);
	assert_true(copy.is_insufficient);
	challenge_clear(&copy);
	assert_false(copy.is_insufficient);
	challenge_clear(&challenge);
}

static void test_too_long_a_header(void **state)
{
	(void)state;
	static char value[LIMIT_CHALLENGE_SIZE + 2] = "Basic ";
	struct challenge challenge = CHALLENGE_INIT;
	memset(value + 6, ' ', LIMIT_CHALLENGE_SIZE - 6 + 1);
	challenge_read(value, &challenge);
	assert_int_equal(challenge.scheme, CHALLENGE_NONE);
	value[LIMIT_CHALLENGE_SIZE] = '\0';
	challenge_read(value, &challenge);
	assert_int_equal(challenge.scheme, CHALLENGE_BASIC);
	challenge_clear(&challenge);
}

static void test_the_first_of_several_headers_counts(void **state)
{
	(void)state;
	struct challenge challenge = CHALLENGE_INIT;
	challenge_read("Negotiate", &challenge);
	challenge_read("Bearer realm=\"first\"", &challenge);
	challenge_read("Basic realm=\"second\"", &challenge);
	challenge_read("Bearer realm=\"third\"", &challenge);
	assert_int_equal(challenge.scheme, CHALLENGE_BEARER);
	assert_string_equal(challenge.realm, "first");
	challenge_clear(&challenge);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_whether_a_password_may_go),
		cmocka_unit_test(test_a_token_for_less_was_sent),
		cmocka_unit_test(test_too_long_a_header),
		cmocka_unit_test(test_the_first_of_several_headers_counts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
