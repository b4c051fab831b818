#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "layerproof/memory.h"
#include "net/scope.h"

static void test_scopes_among_scopes(void **state)
{
	(void)state;
	assert_true(scope_holds("a b c", "b"));
	assert_true(scope_holds("  a  b ", " b  a "));
	assert_true(scope_holds("a", ""));
	assert_false(scope_holds("", "a"));
	assert_false(scope_holds(" ", "a"));
	assert_false(scope_holds("ab", "a"));
	assert_false(scope_holds("a", "ab"));
	assert_false(scope_holds("a b", "b c"));
}

static void check(const char *value, const char *scope, bool is_for_all)
{
	struct challenge challenge = CHALLENGE_INIT;
	challenge_read(value, &challenge);
	CLEANUP(free_at) char *actual = scope_for("a/b", &challenge);
	assert_string_equal(actual, scope);
	assert_int_equal(scope_is_for_all("a/b", &challenge), is_for_all);
	challenge_clear(&challenge);
}

static void test_what_answers_a_challenge(void **state)
{
	(void)state;
	const char *own = "repository:a/b:pull";
	check("Bearer realm=\"r\"", own, false);
	check("Bearer realm=\"r\",scope=\"aws\"", "aws", true);
	check("Bearer realm=\"r\",scope=\"*\"", "*", true);
	check("Bearer realm=\"r\",scope=\"repository:a/b:pull,push\"", "repository:a/b:pull,push",
		  false);
	check("Bearer realm=\"r\",scope=\"project:a/b\"", "project:a/b", false);
	check("Bearer realm=\"r\",error=\"insufficient_scope\"", own, false);
	check("Bearer realm=\"r\",error=\"insufficient_scope\",scope=\"more\"",
		  "more repository:a/b:pull", false);
	check("Bearer realm=\"r\",error=\"insufficient_scope\",scope=\"repository:a/b:pull x\"",
		  "repository:a/b:pull x", false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scopes_among_scopes),
		cmocka_unit_test(test_what_answers_a_challenge),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
