#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "layerproof/limits.h"
#include "net/traffic.h"

static void assert_host(const struct traffic_host *host, const char *name, uint64_t requests,
						uint64_t bytes, uint64_t retries)
{
	assert_string_equal(host->name, name);
	assert_int_equal(host->counts.requests, requests);
	assert_int_equal(host->counts.bytes, bytes);
	assert_int_equal(host->counts.retries, retries);
}

static void test_counts_by_host(void **state)
{
	(void)state;
	struct traffic *traffic = traffic_new();
	struct traffic_host *hosts;
	assert_int_equal(traffic_list(traffic, &hosts), 0);
	traffic_list_free(hosts, 0);
	traffic_receive(traffic, 10);
	traffic_receive(traffic, 7);
	traffic_end(traffic, "quay.io", 1, 10);
	traffic_end(traffic, "ghcr.io", 0, 0);
	traffic_retry(traffic, "ghcr.io");
	traffic_retry(traffic, "docker.io");
	traffic_end(traffic, "quay.io", 1, 7);
	assert_int_equal(traffic_list(traffic, &hosts), 3);
	assert_host(&hosts[0], "docker.io", 0, 0, 1);
	assert_host(&hosts[1], "ghcr.io", 0, 0, 1);
	assert_host(&hosts[2], "quay.io", 2, 17, 0);
	traffic_list_free(hosts, 3);
	struct traffic_counts sum = traffic_sum(traffic);
	assert_int_equal(sum.requests, 2);
	assert_int_equal(sum.bytes, 17);
	assert_int_equal(sum.retries, 2);
	traffic_free(traffic);
}

/* Bytes of a body that is still coming count at once. */
static void test_the_sum_of_bytes_grows_as_they_come(void **state)
{
	(void)state;
	struct traffic *traffic = traffic_new();
	traffic_receive(traffic, 1000);
	assert_int_equal(traffic_sum(traffic).bytes, 1000);
	traffic_end(traffic, "h", 1, 1000);
	assert_int_equal(traffic_sum(traffic).bytes, 1000);
	traffic_free(traffic);
}

static void test_more_hosts_than_are_kept_stay_in_the_sum(void **state)
{
	(void)state;
	struct traffic *traffic = traffic_new();
	struct traffic_host *hosts;
	for (int i = 0; i < LIMIT_HOSTS_KEPT + 10; i++) {
		char name[32];
		snprintf(name, sizeof(name), "h%06d", i);
		traffic_end(traffic, name, 1, 0);
	}
	assert_int_equal(traffic_list(traffic, &hosts), LIMIT_HOSTS_KEPT);
	assert_host(&hosts[0], "h000010", 1, 0, 0);
	traffic_list_free(hosts, LIMIT_HOSTS_KEPT);
	assert_int_equal(traffic_sum(traffic).requests, LIMIT_HOSTS_KEPT + 10);
	traffic_free(traffic);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counts_by_host),
		cmocka_unit_test(test_the_sum_of_bytes_grows_as_they_come),
		cmocka_unit_test(test_more_hosts_than_are_kept_stay_in_the_sum),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
