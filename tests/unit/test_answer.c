#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdlib.h>

#include "layerproof/memory.h"
#include "net/answer.h"

static const struct answer_secrets NO_SECRETS = {.count = 0};

static void check(const char *text, const char *expected)
{
	struct answer_reason reason;
	answer_read_reason(text, strlen(text), &NO_SECRETS, &reason);
	if (expected == NULL) {
		assert_null(reason.text);
		return;
	}
	assert_non_null(reason.text);
	assert_string_equal(reason.text, expected);
	free(reason.text);
}

static void check_codes(const char *text, bool is_unknown, bool is_unknown_content)
{
	struct answer_reason reason;
	answer_read_reason(text, strlen(text), &NO_SECRETS, &reason);
	assert_int_equal(reason.is_unknown, is_unknown);
	assert_int_equal(reason.is_unknown_content, is_unknown_content);
	free(reason.text);
}

static void test_codes_of_what_is_not_there(void **state)
{
	(void)state;
	check_codes("{\"errors\":[{\"code\":\"NAME_UNKNOWN\"}]}", true, false);
	check_codes("{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\"}]}", true, true);
	check_codes("{\"errors\":[{\"code\":\"BLOB_UNKNOWN\",\"message\":\"x\"}]}", true, true);
	check_codes("{\"errors\":[{\"code\":\"UNKNOWN\"}]}", false, false);
	check_codes("{\"errors\":[{\"message\":\"NAME_UNKNOWN\"}]}", false, false);
	check_codes("not found", false, false);
}

static void check_secret(const char *text, const char *secret, bool is_kept_back)
{
	const char *const list[] = {NULL, secret};
	const struct answer_secrets secrets = {.list = list, .count = 2};
	struct answer_reason reason;
	CLEANUP(free_at)
	char *body = memory_format("{\"errors\":[{\"code\":\"DENIED\","
							   "\"message\":\"%s\"}]}",
							   text);
	answer_read_reason(body, strlen(body), &secrets, &reason);
	assert_int_equal(strcmp(reason.text, "(its reason repeats a secret of ours)") == 0,
					 is_kept_back);
	free(reason.text);
}

static void test_no_secret_comes_back(void **state)
{
	(void)state;
	char far[512];
	memset(far, 'x', sizeof far);
	memcpy(far + 197, "hunter/2", sizeof "hunter/2"); /* cut within, were it cut first */
	check_secret("no user with the password hunter/2", "hunter/2", true);
	check_secret("no user with the password hunter%2f2", "hunter/2", true);
	check_secret("no%00user with hunter%2F2", "hunter/2", true);
	check_secret(far, "hunter/2", true);
	check_secret("hunter\\u002f2", "hunter/2", true);
	check_secret("no such user", "hunter/2", false);
	check_secret("no such user", "", false);
	check_secret("no such user %2", "%2%", false);
}

static void test_reasons(void **state)
{
	(void)state;
	check("{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"manifest unknown\"}]}",
		  "MANIFEST_UNKNOWN: manifest unknown");
	check("{\"errors\":[{\"code\":\"DENIED\",\"message\":\"\"},{\"code\":\"OTHER\"}]}", "DENIED");
	check("{\"errors\":[{\"message\":\"only that\"}]}", "only that");
	check("{\"details\":\"incorrect username or password\"}", "incorrect username or password");
	check("{\"errors\":[{\"code\":\"A\\u001b[31m\",\"message\":\"b\\nc\"}]}",
		  "A\\x1b[31m: b\\x0ac");
}

static void test_bodies_that_give_none(void **state)
{
	(void)state;
	check("<html>502 Bad Gateway</html>", NULL);
	check("{\"errors\":[]}", NULL);
	check("{\"errors\":[\"text\"]}", NULL);
	check("{\"errors\":[{\"code\":7}]}", NULL);
	check("{\"errors\":{}}", NULL);
	check("[]", NULL);
	check("", NULL);
}

static void test_a_long_reason_is_cut(void **state)
{
	(void)state;
	char text[1024] = "{\"details\":\"";
	size_t start = strlen(text);
	memset(text + start, 'x', 900);
	memcpy(text + start + 900, "\"}", 3);
	struct answer_reason reason;
	answer_read_reason(text, strlen(text), &NO_SECRETS, &reason);
	assert_int_equal(strlen(reason.text), 200);
	free(reason.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_bodies_that_give_none),
		cmocka_unit_test(test_codes_of_what_is_not_there),
		cmocka_unit_test(test_no_secret_comes_back),
		cmocka_unit_test(test_a_long_reason_is_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
