#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "layerproof/clock.h"
#include "layerproof/limits.h"
#include "net/hosts.h"

static int fake_now_ms;

/* Stands in for the clock of the library. */
int64_t clock_monotonic_ms(void)
{
	return fake_now_ms;
}

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

static void check_down(struct hosts *hosts)
{
	struct error err = ERROR_INIT;
	assert_int_equal(hosts_enter(hosts, "h:443", &err), -1);
	assert_int_equal(err.code, ERROR_UNREACHABLE);
	assert_string_equal(err.text, "h: cannot connect: Connection refused");
}

static void check_up(struct hosts *hosts)
{
	struct error err = ERROR_INIT;
	assert_int_equal(hosts_enter(hosts, "h:443", &err), 0);
	assert_int_equal(err.code, ERROR_NONE);
}

static void test_a_dead_host_is_left_alone_and_probed_by_one(void **state)
{
	(void)state;
	struct hosts *hosts = hosts_new();
	struct error why = ERROR_INIT;
	error_set(&why, ERROR_UNREACHABLE, "h: cannot connect: Connection refused");
	fake_now_ms = 1000;
	check_up(hosts);
	hosts_mark_down(hosts, "h:443", &why);
	check_down(hosts);
	fake_now_ms += LIMIT_HOST_DOWN_SECONDS * 1000 - 1;
	check_down(hosts);
	fake_now_ms += 1;
	check_up(hosts); /* the probe */
	check_down(hosts);
	hosts_mark_up(hosts, "h:443");
	check_up(hosts);
	check_up(hosts);
	hosts_free(hosts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_scheme_is_settled_once),
		cmocka_unit_test(test_a_dead_host_is_left_alone_and_probed_by_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
