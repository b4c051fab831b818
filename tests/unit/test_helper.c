#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdlib.h>
#include <unistd.h>

#include "layerproof/memory.h"
#include "net/helper.h"

static char folder[] = "/tmp/test_helper.XXXXXX";

static void check_refusal(const char *suffix, enum error_code code, const char *text)
{
	struct credential credential = CREDENTIAL_INIT;
	struct error err = ERROR_INIT;
	assert_int_equal(helper_get(suffix, "h", &credential, &err), -1);
	assert_int_equal(err.code, code);
	assert_string_equal(err.text, text);
	assert_false(credential_is_set(&credential));
}

static void test_a_suffix_is_a_plain_name(void **state)
{
	(void)state;
	const char *text = "not the name of a credential helper";
	check_refusal("", ERROR_USAGE, text);
	check_refusal("../evil", ERROR_USAGE, text);
	check_refusal("a b", ERROR_USAGE, text);
	check_refusal("a;b", ERROR_USAGE, text);
	check_refusal("0123456789012345678901234567890123456789012345678901234567890123456789",
				  ERROR_USAGE, text);
}

static void test_a_helper_that_is_not_there(void **state)
{
	(void)state;
	check_refusal("layerproof-test-missing", ERROR_SYSTEM,
				  "docker-credential-layerproof-test-missing: cannot be run: No such file or "
				  "directory");
}

static void write_helper(const char *script)
{
	CLEANUP(free_at) char *path = memory_format("%s/docker-credential-test", folder);
	CLEANUP(free_at)
	char *command = memory_format("printf '%%s' '%s' >%s && chmod 700 %s", script, path, path);
	assert_int_equal(system(command), 0);
}

static void test_a_failure_tells_the_helpers_words(void **state)
{
	(void)state;
	write_helper("#!/bin/sh\necho no keychain today; echo more; exit 1\n");
	check_refusal("test", ERROR_SYSTEM, "docker-credential-test: failed: no keychain today");
}

static void test_too_long_an_answer(void **state)
{
	(void)state;
	write_helper("#!/bin/sh\nhead -c 70000 /dev/zero; sleep 60\n");
	struct credential credential = CREDENTIAL_INIT;
	struct error err = ERROR_INIT;
	assert_int_equal(helper_get("test", "h", &credential, &err), -1);
	assert_int_equal(err.code, ERROR_OVER_LIMIT);
}

static void test_an_answer_is_never_quoted(void **state)
{
	(void)state;
	write_helper("#!/bin/sh\necho \"{ very-secret\"\n");
	struct credential credential = CREDENTIAL_INIT;
	struct error err = ERROR_INIT;
	assert_int_equal(helper_get("test", "h", &credential, &err), -1);
	assert_int_equal(err.code, ERROR_MALFORMED);
	assert_null(strstr(err.text, "secret"));
}

static int set_up(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	CLEANUP(free_at) char *search = memory_format("%s:%s", folder, getenv("PATH"));
	return setenv("PATH", search, 1);
}

static int tear_down(void **state)
{
	(void)state;
	CLEANUP(free_at) char *command = memory_format("rm -rf '%s'", folder);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_suffix_is_a_plain_name),
		cmocka_unit_test(test_a_helper_that_is_not_there),
		cmocka_unit_test(test_a_failure_tells_the_helpers_words),
		cmocka_unit_test(test_too_long_an_answer),
		cmocka_unit_test(test_an_answer_is_never_quoted),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
