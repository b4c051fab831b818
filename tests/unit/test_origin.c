#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "layerproof/memory.h"
#include "layerproof/origin.h"

struct origin_case {
	const char *name;
	enum origin origin;
	const char *why;
};

static void assert_origins(const struct origin_patterns *patterns, const struct origin_case *cases,
						   size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *why = NULL;
		enum origin origin = origin_of_name(patterns, cases[i].name, &why);
		if (origin != cases[i].origin || strcmp(why, cases[i].why) != 0) {
			fail_msg("%s: %s: %s", cases[i].name, origin_name(origin), why);
		}
	}
}

#define ASSERT_ORIGINS(patterns, cases)                                                            \
	assert_origins(patterns, cases, sizeof(cases) / sizeof((cases)[0]))

#define DIGEST "sha256:1111111111111111111111111111111111111111111111111111111111111111"

static void rest_is_ours(void **state)
{
	static const char why[] = "no rule says otherwise";
	static const struct origin_case cases[] = {
		{"registry.corp/payments/api:1", ORIGIN_OURS, why},
		{"registry.corp:5000/payments/api", ORIGIN_OURS, why},
		{"localhost/api", ORIGIN_OURS, why},
		{"registry.corp/payments/api@" DIGEST, ORIGIN_OURS, why},
		{"123456789012.dkr.ecr.eu-west-1.amazonaws.com/api:1", ORIGIN_OURS, why},
		{"europe-docker.pkg.dev/project/repo/api", ORIGIN_OURS, why},
		{"corp.azurecr.io/api", ORIGIN_OURS, why},
		{"registry.corp/python-service:3", ORIGIN_OURS, why},
		{"registry.corp/nginx/api:3", ORIGIN_OURS, why},
		{"registry.corp/my-library/api", ORIGIN_OURS, why},
		{"registry.corp/libraryx/api", ORIGIN_OURS, why},
		{"notquay.io/api", ORIGIN_OURS, why},
		{"quay.io.corp.example/api", ORIGIN_OURS, why},
		{"registry.corp/Not/A/Reference:x", ORIGIN_OURS, why},
		{"", ORIGIN_OURS, why},
	};
	static const struct origin_patterns none = {0};
	(void)state;
	ASSERT_ORIGINS(&none, cases);
}

static void knows_public_registries(void **state)
{
	static const struct origin_case cases[] = {
		{"docker.io/corp/api:1", ORIGIN_THIRD_PARTY, "on the public registry docker.io"},
		{"index.docker.io/corp/api", ORIGIN_THIRD_PARTY, "on the public registry docker.io"},
		{"registry-1.docker.io/corp/api", ORIGIN_THIRD_PARTY,
		 "on the public registry registry-1.docker.io"},
		{"quay.io/prometheus/node-exporter:v1", ORIGIN_THIRD_PARTY,
		 "on the public registry quay.io"},
		{"quay.io:443/a/b", ORIGIN_THIRD_PARTY, "on the public registry quay.io"},
		{"ghcr.io/org/app", ORIGIN_THIRD_PARTY, "on the public registry ghcr.io"},
		{"gcr.io/project/app", ORIGIN_THIRD_PARTY, "on the public registry gcr.io"},
		{"eu.gcr.io/project/app", ORIGIN_THIRD_PARTY, "on the public registry *.gcr.io"},
		{"k8s.gcr.io/pause:3.9", ORIGIN_THIRD_PARTY, "on the public registry *.gcr.io"},
		{"registry.k8s.io/pause:3.9", ORIGIN_THIRD_PARTY, "on the public registry registry.k8s.io"},
		{"public.ecr.aws/a/b", ORIGIN_THIRD_PARTY, "on the public registry public.ecr.aws"},
		{"mcr.microsoft.com/dotnet/runtime:8.0", ORIGIN_THIRD_PARTY,
		 "on the public registry mcr.microsoft.com"},
		/* as clusters and consoles write names, and names that are no references */
		{"docker-pullable://quay.io/a/b@" DIGEST, ORIGIN_THIRD_PARTY,
		 "on the public registry quay.io"},
		{"https://gcr.io/project/app@" DIGEST, ORIGIN_THIRD_PARTY, "on the public registry gcr.io"},
		{"quay.io/Upper/case:1", ORIGIN_THIRD_PARTY, "on the public registry quay.io"},
	};
	static const struct origin_patterns none = {0};
	(void)state;
	ASSERT_ORIGINS(&none, cases);
}

static void knows_mirrors(void **state)
{
	static const struct origin_case cases[] = {
		{"registry.corp/docker-hub/bitnami/redis:7", ORIGIN_THIRD_PARTY,
		 "name says mirror: */docker-hub/*"},
		{"registry.corp/a/library/thing", ORIGIN_THIRD_PARTY, "name says mirror: */library/*"},
		{"registry.corp/library/thing", ORIGIN_THIRD_PARTY, "name says mirror: */library/*"},
		{"registry.corp/quay/thing", ORIGIN_THIRD_PARTY, "name says mirror: */quay/*"},
		{"1.dkr.ecr.eu-west-1.amazonaws.com/ecr-public/a/b", ORIGIN_THIRD_PARTY,
		 "name says mirror: */ecr-public/*"},
		{"registry.corp/k8s/coredns:1", ORIGIN_THIRD_PARTY, "name says mirror: */k8s/*"},
		{"harbor.corp/proxy-cache/a/b", ORIGIN_THIRD_PARTY, "name says mirror: *proxy*cache*/*"},
		{"dockerhub-proxy_cache.corp/a/b", ORIGIN_THIRD_PARTY, "name says mirror: *proxy*cache*/*"},
	};
	static const struct origin_patterns none = {0};
	(void)state;
	ASSERT_ORIGINS(&none, cases);
}

static void knows_official_images(void **state)
{
	static const struct origin_case cases[] = {
		{"registry.corp/base/python:3.12", ORIGIN_THIRD_PARTY,
		 "last part is a Docker Official Image: python"},
		{"registry.corp/nginx", ORIGIN_THIRD_PARTY, "last part is a Docker Official Image: nginx"},
		{"registry.corp:5000/debian:12", ORIGIN_THIRD_PARTY,
		 "last part is a Docker Official Image: debian"},
		{"registry.corp/x/eclipse-temurin@" DIGEST, ORIGIN_THIRD_PARTY,
		 "last part is a Docker Official Image: eclipse-temurin"},
	};
	static const struct origin_patterns none = {0};
	(void)state;
	ASSERT_ORIGINS(&none, cases);
}

static void patterns_come_first(void **state)
{
	static const char *const ours[] = {"docker.io/corp/*", "ghcr.io/corp/*", "*/golden/*",
									   "payments/*"};
	static const char *const third_party[] = {"registry.corp/vendor/*", "*/golden/*"};
	static const struct origin_patterns patterns = {
		.ours = ours, .ours_count = 4, .third_party = third_party, .third_party_count = 2};
	static const struct origin_case cases[] = {
		{"corp/api:1", ORIGIN_OURS, "pattern of --ours"},
		{"index.docker.io/corp/api:1", ORIGIN_OURS, "pattern of --ours"},
		{"ghcr.io/corp/team/api", ORIGIN_OURS, "pattern of --ours"},
		{"ghcr.io/corporate/api", ORIGIN_THIRD_PARTY, "on the public registry ghcr.io"},
		{"registry.corp/golden/python:3", ORIGIN_OURS, "pattern of --ours"},
		{"payments/api:1.2", ORIGIN_OURS, "pattern of --ours"},
		{"registry.corp/vendor/a/b", ORIGIN_THIRD_PARTY, "pattern of --third-party"},
		{"registry.corp/api", ORIGIN_OURS, "no rule says otherwise"},
	};
	(void)state;
	ASSERT_ORIGINS(&patterns, cases);
}

/* The list is searched by halves: each name must be found, so it must be in order. */
static void what_is_released_beats_all(void **state)
{
	(void)state;
	static const char *const released[] = {"registry.corp/public/*", "ghcr.io/corp/sdk"};
	static const char *const all[] = {"*"};
	static const struct origin_patterns patterns = {
		.released = released, .released_count = 2, .ours = all, .ours_count = 1};
	static const struct origin_patterns others = {
		.released = released, .released_count = 2, .third_party = all, .third_party_count = 1};
	static const struct origin_case cases[] = {
		{"registry.corp/public/agent:2", ORIGIN_PUBLIC, "released, by the configuration"},
		{"ghcr.io/corp/sdk@sha256:00", ORIGIN_PUBLIC, "released, by the configuration"},
		{"registry.corp/publicity/agent:2", ORIGIN_OURS, "pattern of --ours"},
	};
	ASSERT_ORIGINS(&patterns, cases);
	assert_origins(&others, cases, 2);
}

static void matches_the_repository_of_a_name(void **state)
{
	static const char *const patterns[] = {"ghcr.io/corp/sdk*", "docker.io/corp/*"};
	(void)state;
	assert_true(origin_name_matches(patterns, 2, "ghcr.io/corp/sdk-go:1"));
	assert_true(origin_name_matches(patterns, 2, "corp/agent@" DIGEST));
	assert_false(origin_name_matches(patterns, 2, "ghcr.io/corp/api"));
	assert_false(origin_name_matches(patterns, 2, "corporate/agent"));
	assert_false(origin_name_matches(patterns, 0, "ghcr.io/corp/sdk"));
}

static void judges_names_without_a_registry(void **state)
{
	static const char publisher[] = "well-known publisher on Docker Hub: grafana";
	const struct origin_case cases[] = {
		{"nginx:1.25", ORIGIN_THIRD_PARTY, "last part is a Docker Official Image: nginx"},
		{"library/thing", ORIGIN_THIRD_PARTY, "name says mirror: */library/*"},
		{"docker-hub/corp/thing", ORIGIN_THIRD_PARTY, "name says mirror: */docker-hub/*"},
		{"grafana/grafana", ORIGIN_THIRD_PARTY, publisher},
		{"grafana/loki@" DIGEST, ORIGIN_THIRD_PARTY, publisher},
		{"grafan/loki", ORIGIN_OURS, ORIGIN_NO_REGISTRY},
		{"grafanaa/loki", ORIGIN_OURS, ORIGIN_NO_REGISTRY},
		{"payments/api:1", ORIGIN_OURS, ORIGIN_NO_REGISTRY},
		{"billing", ORIGIN_OURS, ORIGIN_NO_REGISTRY},
	};
	static const struct origin_patterns none = {0};
	(void)state;
	ASSERT_ORIGINS(&none, cases);
}

static void knows_names_of_both_lists(void **state)
{
	static const char *const official[] = {
		"adminer",     "alpine",        "busybox", "debian",         "hello-world",
		"mongo",       "mongo-express", "node",    "python",         "r-base",
		"rocket.chat", "rockylinux",    "ubuntu",  "ubuntu-upstart", "zookeeper"};
	static const char *const others[] = {"a",   "api",     "nginx-unprivileged",
										 "zzz", "pythonn", "pytho"};
	static const char *const publishers[] = {"airbyte", "bitnami", "bitnamilegacy", "prom",
											 "zabbix"};
	static const struct origin_patterns none = {0};
	const char *why;
	(void)state;
	for (size_t i = 0; i < sizeof(official) / sizeof(official[0]); i++)
		assert_int_equal(origin_of_name(&none, official[i], &why), ORIGIN_THIRD_PARTY);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_int_equal(origin_of_name(&none, others[i], &why), ORIGIN_OURS);
	for (size_t i = 0; i < sizeof(publishers) / sizeof(publishers[0]); i++) {
		CLEANUP(free_at) char *name = memory_format("%s/thing:1", publishers[i]);
		assert_int_equal(origin_of_name(&none, name, &why), ORIGIN_THIRD_PARTY);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rest_is_ours),
		cmocka_unit_test(knows_public_registries),
		cmocka_unit_test(knows_mirrors),
		cmocka_unit_test(knows_official_images),
		cmocka_unit_test(patterns_come_first),
		cmocka_unit_test(what_is_released_beats_all),
		cmocka_unit_test(matches_the_repository_of_a_name),
		cmocka_unit_test(judges_names_without_a_registry),
		cmocka_unit_test(knows_names_of_both_lists),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
