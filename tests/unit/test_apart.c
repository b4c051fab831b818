#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "layerproof/apart.h"

struct heard {
	char text[256];
	int most; /* messages that are wanted */
	int count;
};

static int hear(void *context, const void *bytes, size_t size)
{
	struct heard *heard = context;
	size_t used = strlen(heard->text);

	snprintf(heard->text + used, sizeof(heard->text) - used, "%.*s;", (int)size,
			 (const char *)bytes);
	return ++heard->count == heard->most;
}

static struct apart_end run(void (*work)(void *context, struct apart *apart), struct heard *heard)
{
	struct error err = ERROR_INIT;
	const struct apart_task task = {work, hear, heard};
	struct apart_end end;

	assert_int_equal(apart_run(&task, &end, &err), 0);
	return end;
}

static void speak(void *context, struct apart *apart)
{
	struct heard *heard = context;

	heard->count = 100; /* in another memory */
	apart_say(apart, "one", 3);
	apart_say(apart, "", 0);
	apart_say(apart, "two", 3);
	(void)!write(STDERR_FILENO, "silence\n", 8);
}

static void test_what_is_said_is_heard(void **state)
{
	(void)state;
	struct heard heard = {.count = 0};
	struct apart_end end = run(speak, &heard);

	assert_string_equal(heard.text, "one;;two;");
	assert_int_equal(heard.count, 3);
	assert_true(end.finished);
	assert_int_equal(end.signal, 0);
}

static void speak_on(void *context, struct apart *apart)
{
	(void)context;
	for (;;)
		apart_say(apart, "on and on", 9);
}

static void test_enough_is_enough(void **state)
{
	(void)state;
	struct heard heard = {.most = 2};
	struct apart_end end = run(speak_on, &heard);

	assert_string_equal(heard.text, "on and on;on and on;");
	assert_true(end.finished);
	assert_int_equal(end.signal, 0);
}

static void fail_midway(void *context, struct apart *apart)
{
	(void)context;
	apart_say(apart, "last words", 10);
	raise(SIGSEGV);
}

static void test_a_death_is_told(void **state)
{
	(void)state;
	struct heard heard = {.count = 0};
	struct apart_end end = run(fail_midway, &heard);

	assert_string_equal(heard.text, "last words;");
	assert_false(end.finished);
	assert_int_equal(end.signal, SIGSEGV);
}

static void leave(void *context, struct apart *apart)
{
	(void)context;
	(void)apart;
	_exit(3);
}

static void test_leaving_early_is_no_end(void **state)
{
	(void)state;
	struct heard heard = {.count = 0};
	struct apart_end end = run(leave, &heard);

	assert_false(end.finished);
	assert_int_equal(end.signal, 0);
}

static void rave(void *context, struct apart *apart)
{
	static char most[APART_MESSAGE_MAX + 1];

	(void)context;
	apart_say(apart, most, sizeof(most));
}

static void test_a_message_is_bounded(void **state)
{
	(void)state;
	struct heard heard = {.count = 0};

	run(rave, &heard);
	assert_int_equal(heard.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_said_is_heard),
		cmocka_unit_test(test_enough_is_enough),
		cmocka_unit_test(test_a_death_is_told),
		cmocka_unit_test(test_leaving_early_is_no_end),
		cmocka_unit_test(test_a_message_is_bounded),
	};
	return cmocka_run_group_tests_name("apart", tests, NULL, NULL);
}
