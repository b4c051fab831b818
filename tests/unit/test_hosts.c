#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "net/hosts.h"

static void test_a_scheme_is_settled_once(void **state)
{
	(void)state;
	struct hosts *hosts = hosts_new();
	assert_int_equal(hosts_scheme(hosts, "localhost:5000"), HOSTS_UNSETTLED);
	hosts_settle_scheme(hosts, "localhost:5000", HOSTS_HTTP);
	assert_int_equal(hosts_scheme(hosts, "localhost:5000"), HOSTS_HTTP);
	assert_int_equal(hosts_scheme(hosts, "localhost:5001"), HOSTS_UNSETTLED);
	hosts_free(hosts);
}

static void test_a_host_that_splits_no_list_is_known(void **state)
{
	(void)state;
	struct hosts *hosts = hosts_new();
	assert_false(hosts_splits_accept(hosts, "localhost:5000"));
	hosts_note_split_accept(hosts, "localhost:5000");
	assert_true(hosts_splits_accept(hosts, "localhost:5000"));
	assert_false(hosts_splits_accept(hosts, "localhost:5001"));
	hosts_free(hosts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_scheme_is_settled_once),
		cmocka_unit_test(test_a_host_that_splits_no_list_is_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
