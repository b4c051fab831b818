#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdlib.h>

#include "net/answer.h"

static void check(const char *text, const char *expected)
{
	char *reason = answer_read_reason(text, strlen(text));
	if (expected == NULL) {
		assert_null(reason);
		return;
	}
	assert_non_null(reason);
	assert_string_equal(reason, expected);
	free(reason);
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
	char *reason = answer_read_reason(text, strlen(text));
	assert_int_equal(strlen(reason), 200);
	free(reason);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_bodies_that_give_none),
		cmocka_unit_test(test_a_long_reason_is_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
