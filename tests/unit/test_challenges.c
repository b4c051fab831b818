#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "net/challenges.h"

static void keep(struct challenges *challenges, const char *repository, const char *value)
{
	struct challenge challenge = CHALLENGE_INIT;
	challenge_read(value, &challenge);
	challenges_keep(challenges, "h:443", repository, &challenge);
	challenge_clear(&challenge);
}

static void expect(struct challenges *challenges, const char *repository, const char *scope)
{
	struct challenge challenge;
	assert_true(challenges_find(challenges, "h:443", repository, &challenge));
	assert_int_equal(challenge.scheme, CHALLENGE_BEARER);
	assert_string_equal(challenge.realm, "r");
	assert_string_equal(challenge.scope, scope);
	challenge_clear(&challenge);
}

static void test_what_a_repository_asks_for_comes_before_what_the_registry_does(void **state)
{
	(void)state;
	struct challenges *challenges = challenges_new();
	struct challenge challenge;
	assert_false(challenges_find(challenges, "h:443", "a", &challenge));
	keep(challenges, NULL, "Bearer realm=\"r\",scope=\"*\"");
	expect(challenges, "a", "*");
	assert_false(challenges_find(challenges, "h:5000", "a", &challenge));
	keep(challenges, "a", "Bearer realm=\"r\",scope=\"more\"");
	expect(challenges, "a", "more");
	expect(challenges, "b", "*");
	keep(challenges, NULL, "Bearer realm=\"r\",scope=\"last\"");
	expect(challenges, "b", "last");
	challenges_free(challenges);
}

static void test_repositories_push_out_no_registry(void **state)
{
	(void)state;
	struct challenges *challenges = challenges_new();
	keep(challenges, NULL, "Bearer realm=\"r\",scope=\"*\"");
	for (int i = 0; i < LIMIT_HOSTS_KEPT + 1; i++) {
		CLEANUP(free_at) char *name = memory_format("a%d", i);
		keep(challenges, name, "Bearer realm=\"r\",scope=\"more\"");
	}
	expect(challenges, "a0", "*");
	expect(challenges, "a1", "more");
	challenges_free(challenges);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_a_repository_asks_for_comes_before_what_the_registry_does),
		cmocka_unit_test(test_repositories_push_out_no_registry),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
