#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "layerproof/limits.h"
#include "net/secret.h"
#include "net/token_answer.h"

enum { NOW = 1767225600 }; /* 2026-01-01T00:00:00Z */

static void check(const char *text, const char *token, int64_t seconds)
{
	struct token_answer answer;
	struct error err = ERROR_INIT;
	assert_int_equal(token_answer_read(text, strlen(text), NOW, &answer, &err), 0);
	assert_string_equal(answer.token, token);
	assert_int_equal(answer.seconds, seconds);
	secret_free(answer.token);
}

static void refuse_as(const char *text, enum error_code code, const char *reason)
{
	struct token_answer answer;
	struct error err = ERROR_INIT;
	assert_int_equal(token_answer_read(text, strlen(text), NOW, &answer, &err), -1);
	assert_int_equal(err.code, code);
	assert_string_equal(err.text, reason);
}

static void refuse(const char *text, const char *reason)
{
	refuse_as(text, ERROR_MALFORMED, reason);
}

static void test_tokens_and_their_life(void **state)
{
	(void)state;
	check("{\"token\":\"a.b-c_d~+/=\"}", "a.b-c_d~+/=", 60);
	check("{\"access_token\":\"two\",\"expires_in\":300}", "two", 300);
	check("{\"token\":\"one\",\"access_token\":\"two\",\"expires_in\":30}", "one", 60);
	check("{\"token\":\"t\",\"expires_in\":\"300\"}", "t", 60);
	check("{\"token\":\"t\",\"expires_in\":-5}", "t", 60);
	check("{\"token\":\"t\",\"expires_in\":299.5}", "t", 60);
	check("{\"token\":null,\"access_token\":\"two\",\"expires_in\":null}", "two", 60);
	check("{\"token\":\"\",\"access_token\":\"two\"}", "two", 60);
	check("{\"token\":\"t\",\"expires_in\":9000000000000000000}", "t", LIMIT_TOKEN_SECONDS);
}

static void test_a_token_may_have_lived_already(void **state)
{
	(void)state;
	check("{\"token\":\"t\",\"expires_in\":300,\"issued_at\":\"2025-12-31T23:59:00Z\"}", "t", 240);
	check("{\"token\":\"t\",\"expires_in\":300,\"issued_at\":\"2025-12-31T23:59:00.123456Z\"}", "t",
		  240);
	check("{\"token\":\"t\",\"expires_in\":300,\"issued_at\":\"2020-01-01T00:00:00Z\"}", "t", 60);
	check("{\"token\":\"t\",\"expires_in\":300,\"issued_at\":\"2030-01-01T00:00:00Z\"}", "t", 300);
	check("{\"token\":\"t\",\"expires_in\":300,\"issued_at\":\"yesterday\"}", "t", 300);
	check("{\"token\":\"t\",\"expires_in\":300,\"issued_at\":\"2026-01-01T01:59:00+02:00\"}", "t",
		  240);
	check("{\"token\":\"t\",\"expires_in\":300,\"issued_at\":\"2025-12-31T18:29:00.5-05:30\"}", "t",
		  240);
	check("{\"token\":\"t\",\"expires_in\":300,\"issued_at\":\"2025-12-31T23:59:00\"}", "t", 300);
	check("{\"token\":\"t\",\"expires_in\":300,\"issued_at\":\"2025-12-31T23:59:00+1:0x\"}", "t",
		  300);
	check("{\"token\":\"t\",\"expires_in\":300,\"issued_at\":1767225540}", "t", 300);
}

static void test_what_is_no_token(void **state)
{
	(void)state;
	refuse("{}", "token answer: has no token");
	refuse("[]", "token answer: not an object");
	refuse("{\"token\":5}", "token answer: token: not a string");
	refuse("{\"token\":\"\"}", "token answer: has no token");
	refuse("{\"token\":\"a\\r\\nX-Header: b\"}", "token answer: has a token that is not one");
	refuse("{\"token\":\"a b\"}", "token answer: has a token that is not one");
}

static void test_too_long_a_token(void **state)
{
	(void)state;
	static char text[LIMIT_BEARER_SIZE + 64] = "{\"token\":\"";
	size_t start = strlen(text);
	memset(text + start, 'a', LIMIT_BEARER_SIZE + 1);
	memcpy(text + start + LIMIT_BEARER_SIZE + 1, "\"}", 3);
	refuse_as(text, ERROR_OVER_LIMIT, "token answer: has a token of more than 16384 bytes");
}

static void test_an_error_quotes_no_secret(void **state)
{
	(void)state;
	struct token_answer answer;
	struct error err = ERROR_INIT;
	const char *text = "{\"token\" \"very-secret\"}";
	assert_int_equal(token_answer_read(text, strlen(text), NOW, &answer, &err), -1);
	assert_null(strstr(err.text, "secret"));
	assert_non_null(strstr(err.text, "token answer: line 1 column "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tokens_and_their_life),
		cmocka_unit_test(test_a_token_may_have_lived_already),
		cmocka_unit_test(test_what_is_no_token),
		cmocka_unit_test(test_too_long_a_token),
		cmocka_unit_test(test_an_error_quotes_no_secret),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
