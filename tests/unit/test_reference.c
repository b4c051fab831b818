#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "layerproof/memory.h"
#include "layerproof/reference.h"

#define HEX64  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define SHA256 "sha256:" HEX64
#define SHA512 "sha512:" HEX64 HEX64
#define A32    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A128   A32 A32 A32 A32

struct registry_case {
	const char *text;
	const char *registry;
	const char *repository;
	const char *tag;
	const char *formatted;
};

static const struct registry_case REGISTRY_CASES[] = {
	{"ubuntu", "docker.io", "library/ubuntu", "latest", "docker.io/library/ubuntu:latest"},
	{"ubuntu:22.04", "docker.io", "library/ubuntu", "22.04", "docker.io/library/ubuntu:22.04"},
	{"ubuntu:5000", "docker.io", "library/ubuntu", "5000", "docker.io/library/ubuntu:5000"},
	{"docker:latest", "docker.io", "library/docker", "latest", "docker.io/library/docker:latest"},
	{"acme/app", "docker.io", "acme/app", "latest", "docker.io/acme/app:latest"},
	{"library/ubuntu", "docker.io", "library/ubuntu", "latest", "docker.io/library/ubuntu:latest"},
	{"a/b/c/d:1", "docker.io", "a/b/c/d", "1", "docker.io/a/b/c/d:1"},
	{"docker.io/ubuntu", "docker.io", "library/ubuntu", "latest",
	 "docker.io/library/ubuntu:latest"},
	{"index.docker.io/ubuntu", "docker.io", "library/ubuntu", "latest",
	 "docker.io/library/ubuntu:latest"},
	{"index.docker.io/acme/app:2", "docker.io", "acme/app", "2", "docker.io/acme/app:2"},
	{"docker://ubuntu", "docker.io", "library/ubuntu", "latest", "docker.io/library/ubuntu:latest"},
	{"docker://oci:1", "docker.io", "library/oci", "1", "docker.io/library/oci:1"},
	{"quay.io/app", "quay.io", "app", "latest", "quay.io/app:latest"},
	{"ghcr.io/acme/app:v1.2.3", "ghcr.io", "acme/app", "v1.2.3", "ghcr.io/acme/app:v1.2.3"},
	{"localhost/app", "localhost", "app", "latest", "localhost/app:latest"},
	{"localhost", "docker.io", "library/localhost", "latest", "docker.io/library/localhost:latest"},
	{"localhosts/app", "docker.io", "localhosts/app", "latest", "docker.io/localhosts/app:latest"},
	{"localhost:5000/app:1", "localhost:5000", "app", "1", "localhost:5000/app:1"},
	{"host:65535/app", "host:65535", "app", "latest", "host:65535/app:latest"},
	{"Acme/app", "Acme", "app", "latest", "Acme/app:latest"},
	{"REGISTRY/a/b", "REGISTRY", "a/b", "latest", "REGISTRY/a/b:latest"},
	{"[::1]:5000/app", "[::1]:5000", "app", "latest", "[::1]:5000/app:latest"},
	{"[2001:DB8::1]/a/b:t", "[2001:DB8::1]", "a/b", "t", "[2001:DB8::1]/a/b:t"},
	{"192.0.2.7:80/a", "192.0.2.7:80", "a", "latest", "192.0.2.7:80/a:latest"},
	{"xn--bcher-kva.example/a", "xn--bcher-kva.example", "a", "latest",
	 "xn--bcher-kva.example/a:latest"},
	{"a.b/c_d/e__f/g---h/i.j", "a.b", "c_d/e__f/g---h/i.j", "latest",
	 "a.b/c_d/e__f/g---h/i.j:latest"},
	{"a:_", "docker.io", "library/a", "_", "docker.io/library/a:_"},
	{"a:A.b-C_d", "docker.io", "library/a", "A.b-C_d", "docker.io/library/a:A.b-C_d"},
	{"a:" A128, "docker.io", "library/a", A128, "docker.io/library/a:" A128},
	{"app@" SHA256, "docker.io", "library/app", NULL, "docker.io/library/app@" SHA256},
	{"quay.io/a/b:1.0@" SHA256, "quay.io", "a/b", NULL, "quay.io/a/b@" SHA256},
	{"quay.io/a/b@" SHA512, "quay.io", "a/b", NULL, "quay.io/a/b@" SHA512},
	{HEX64 ":latest", "docker.io", "library/" HEX64, "latest",
	 "docker.io/library/" HEX64 ":latest"},
	{"quay.io/" HEX64, "quay.io", HEX64, "latest", "quay.io/" HEX64 ":latest"},
};

static void check_text(const char *actual, const char *expected)
{
	if (expected == NULL)
		assert_null(actual);
	else
		assert_string_equal(actual, expected);
}

static void parse_legal(const char *text, struct reference *out)
{
	struct error err = ERROR_INIT;
	if (reference_parse(text, out, &err) != 0)
		fail_msg("%s: %s", text, err.text);
	assert_int_equal(err.code, ERROR_NONE);
}

/* Formats, and sees that the canonical text means the same reference. */
static void check_format(const struct reference *reference, const char *expected)
{
	char *text CLEANUP(free_at) = reference_format(reference);
	assert_string_equal(text, expected);
	struct reference again CLEANUP(reference_clear) = {.registry = NULL};
	parse_legal(text, &again);
	char *text_again CLEANUP(free_at) = reference_format(&again);
	assert_string_equal(text_again, expected);
}

static void test_registry_references_are_normalised(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(REGISTRY_CASES) / sizeof(REGISTRY_CASES[0]); i++) {
		const struct registry_case *expected = &REGISTRY_CASES[i];
		struct reference parsed CLEANUP(reference_clear) = {.registry = NULL};
		parse_legal(expected->text, &parsed);
		assert_int_equal(parsed.transport, REFERENCE_REGISTRY);
		assert_null(parsed.path);
		assert_string_equal(parsed.registry, expected->registry);
		assert_string_equal(parsed.repository, expected->repository);
		check_text(parsed.tag, expected->tag);
		assert_true(digest_is_set(&parsed.digest) == (strchr(expected->text, '@') != NULL));
		check_format(&parsed, expected->formatted);
	}
}

struct local_case {
	const char *text;
	enum reference_transport transport;
	const char *path;
	const char *tag;
	const char *digest;
	const char *formatted;
};

static const struct local_case LOCAL_CASES[] = {
	{"oci:dir", REFERENCE_OCI_LAYOUT, "dir", NULL, "", "oci:dir"},
	{"oci:/a/b:v1", REFERENCE_OCI_LAYOUT, "/a/b", "v1", "", "oci:/a/b:v1"},
	{"oci:dir:quay.io/a/b:v1", REFERENCE_OCI_LAYOUT, "dir", "quay.io/a/b:v1", "",
	 "oci:dir:quay.io/a/b:v1"},
	{"oci:dir@" SHA256, REFERENCE_OCI_LAYOUT, "dir", NULL, SHA256, "oci:dir@" SHA256},
	{"oci:dir:v1@" SHA256, REFERENCE_OCI_LAYOUT, "dir", NULL, SHA256, "oci:dir@" SHA256},
	{"oci:me@home/dir", REFERENCE_OCI_LAYOUT, "me@home/dir", NULL, "", "oci:me@home/dir"},
	{"oci:me@home/dir:tag", REFERENCE_OCI_LAYOUT, "me@home/dir", "tag", "", "oci:me@home/dir:tag"},
	{"oci:me@home/" A32 ":" A32, REFERENCE_OCI_LAYOUT, "me@home/" A32, A32, "",
	 "oci:me@home/" A32 ":" A32},
	{"oci:d@sha256", REFERENCE_OCI_LAYOUT, "d@sha256", NULL, "", "oci:d@sha256"},
	{"oci:my images/\xc3\xa9", REFERENCE_OCI_LAYOUT, "my images/\xc3\xa9", NULL, "",
	 "oci:my images/\xc3\xa9"},
	{"oci-archive:a.tar", REFERENCE_OCI_ARCHIVE, "a.tar", NULL, "", "oci-archive:a.tar"},
	{"oci-archive:/x/a.tar:t", REFERENCE_OCI_ARCHIVE, "/x/a.tar", "t", "",
	 "oci-archive:/x/a.tar:t"},
	{"docker-archive:a.tar", REFERENCE_DOCKER_ARCHIVE, "a.tar", NULL, "", "docker-archive:a.tar"},
	{"docker-archive:a.tar:repo:tag", REFERENCE_DOCKER_ARCHIVE, "a.tar", "repo:tag", "",
	 "docker-archive:a.tar:repo:tag"},
	{"docker-archive:a.tar:host:5000/r:t", REFERENCE_DOCKER_ARCHIVE, "a.tar", "host:5000/r:t", "",
	 "docker-archive:a.tar:host:5000/r:t"},
};

static void test_local_references_end_the_path_at_the_first_colon(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(LOCAL_CASES) / sizeof(LOCAL_CASES[0]); i++) {
		const struct local_case *expected = &LOCAL_CASES[i];
		char digest[DIGEST_TEXT_SIZE];
		struct reference parsed CLEANUP(reference_clear) = {.registry = NULL};
		parse_legal(expected->text, &parsed);
		assert_int_equal(parsed.transport, expected->transport);
		assert_null(parsed.registry);
		assert_null(parsed.repository);
		assert_string_equal(parsed.path, expected->path);
		check_text(parsed.tag, expected->tag);
		assert_string_equal(digest_format(&parsed.digest, digest), expected->digest);
		check_format(&parsed, expected->formatted);
	}
}

struct refused_case {
	const char *text;
	const char *reason;
};

static const struct refused_case REFUSED[] = {
	{"", "it is empty"},
	{"docker://", "it is empty"},
	{"https://quay.io/a/b", "a URL is no reference: leave out \"https://\""},
	{"docker://docker://a", "a URL is no reference: leave out \"docker://\""},
	{HEX64, "64 hexadecimal digits are an image ID, which no registry knows"},
	{"docker://" HEX64, "64 hexadecimal digits are an image ID, which no registry knows"},

	{"my app", "character 3 is a blank"},
	{" app", "character 1 is a blank"},
	{"app ", "character 4 is a blank"},
	{"docker://a b", "character 11 is a blank"},
	{"app\t", "character 4 is a control character (0x09)"},
	{"a\x1b[31mpp", "character 2 is a control character (0x1b)"},
	{"app\r\nHost: x", "character 4 is a control character (0x0d)"},
	{"ap\x7fp", "character 3 is a control character (0x7f)"},
	{"caf\xc3\xa9", "character 4 is not ASCII"},

	{"Ubuntu", "repository: \"U\" at character 1 is not lower-case"},
	{"acme/apP", "repository: \"P\" at character 8 is not lower-case"},
	{"/app", "repository: \"/\" may not stand at character 1"},
	{"acme//app", "repository: \"/\" may not stand at character 6"},
	{"acme/", "repository: it may not end in \"/\""},
	{"quay.io/", "repository: it is empty"},
	{"quay.io/a-", "repository: it may not end in \"-\""},
	{"quay.io/a..b", "repository: \".\" may not stand at character 3"},
	{"quay.io/a___b", "repository: \"_\" may not stand at character 4"},
	{"quay.io/a._b", "repository: \"_\" may not stand at character 3"},
	{"quay.io/../../b", "repository: \".\" may not stand at character 1"},
	{"quay.io/a/../b", "repository: \".\" may not stand at character 3"},
	{"quay.io/a?x=1", "repository: \"?\" may not stand at character 2"},
	{"quay.io/a#b", "repository: \"#\" may not stand at character 2"},
	{"quay.io/a%2fb", "repository: \"%\" may not stand at character 2"},
	{"quay.io/a\\b", "repository: \"\\\" may not stand at character 2"},
	{"user:pass@quay.io/a", "digest: a digest is ALGORITHM:HEX; there is no \":\""},

	{"-a.b/c", "registry: \"-\" may not stand at character 1"},
	{"a-.b/c", "registry: \"-\" may not stand at character 2"},
	{"a..b/c", "registry: \".\" may not stand at character 3"},
	{"a.b./c", "registry: it may not end in \".\""},
	{".a/c", "registry: \".\" may not stand at character 1"},
	{":80/c", "registry: it is empty"},
	{"a_b.c/d", "registry: \"_\" may not stand at character 2"},
	{"host:/a", "registry: the port is not 1 to 65535"},
	{"host:0/a", "registry: the port is not 1 to 65535"},
	{"host:65536/a", "registry: the port is not 1 to 65535"},
	{"host:99999999999999999999/a", "registry: the port is not 1 to 65535"},
	{"host:80:90/a", "registry: the port is not 1 to 65535"},
	{"host:8o/a", "registry: the port is not 1 to 65535"},
	{"[::1/a.b", "registry: no IPv6 address in the brackets"},
	{"[.]/a", "registry: no IPv6 address in the brackets"},
	{"[::1%eth0]/a", "registry: no IPv6 address in the brackets"},
	{"[1::2::3]/a", "registry: no IPv6 address in the brackets"},
	{"[::1]x:80/a", "registry: \"x\" may not stand at character 6"},
	{"[:/a", "registry: no IPv6 address in the brackets"},

	{"app:", "tag: it is empty"},
	{"app:.1", "tag: \".\" may not stand at character 1"},
	{"app:-1", "tag: \"-\" may not stand at character 1"},
	{"app:a+b", "tag: \"+\" may not stand at character 2"},
	{"quay.io/a:b/c", "tag: \"/\" may not stand at character 2"},
	{"quay.io/a:b:c", "tag: \":\" may not stand at character 2"},
	{"app:" A128 "a", "tag: 129 characters are more than 128"},
	{"app:a+b@" SHA256, "tag: \"+\" may not stand at character 2"},

	{"app@", "digest: a digest is ALGORITHM:HEX; there is no \":\""},
	{"app@sha256:abc", "digest: a sha256 digest has 64 hexadecimal digits, not 3"},
	{"app@" SHA256 "0", "digest: a sha256 digest has 64 hexadecimal digits, not 65"},
	{"app@" SHA256 "@" SHA256, "digest: not a digest: it breaks the grammar ALGORITHM:HEX"},
	{"app@sha256:../../../etc/passwd", "digest: not a digest: it breaks the grammar ALGORITHM:HEX"},
	{"app@blake3:" HEX64, "digest: a blake3 digest cannot be verified here"},
	{"app@md5:" A32, "digest: a md5 digest cannot be verified here"},

	{"oci:", "no path behind \"oci:\""},
	{"oci::tag", "no path behind \"oci:\""},
	{"oci:@" SHA256, "no path behind \"oci:\""},
	{"oci-archive:", "no path behind \"oci-archive:\""},
	{"docker-archive::a:b", "no path behind \"docker-archive:\""},
	{"oci:dir:", "tag: it is empty"},
	{"oci:dir:a b", "tag: character 2 is a blank"},
	{"oci:dir\n", "character 8 is a control character (0x0a)"},
	{"oci:dir@sha256:12", "digest: a sha256 digest has 64 hexadecimal digits, not 2"},
	{"oci:dir@blake3:" HEX64, "digest: a blake3 digest cannot be verified here"},
	{"oci-archive:a.tar@" SHA256, "digest: oci-archive takes none"},
	{"docker-archive:a.tar:r@" SHA256, "digest: docker-archive takes none"},
	{"docker-archive:a.tar:Repo", "tag: repository: \"R\" at character 1 is not lower-case"},
	{"docker-archive:a.tar:@0", "tag: repository: it is empty"},
};

static void test_refuses_with_the_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(REFUSED) / sizeof(REFUSED[0]); i++) {
		struct error err = ERROR_INIT;
		struct reference parsed = {.tag = (char *)"untouched"};
		if (reference_parse(REFUSED[i].text, &parsed, &err) == 0)
			fail_msg("accepted: %s", REFUSED[i].text);
		assert_string_equal(err.text, REFUSED[i].reason);
		assert_int_equal(err.code, ERROR_BAD_REFERENCE);
		assert_string_equal(parsed.tag, "untouched");
	}
}

static void parse_name_of_length(size_t length, struct reference *out, struct error *err)
{
	char text[400];
	memset(text, 'a', sizeof(text));
	memcpy(text, "quay.io/", 8);
	text[length] = '\0';
	(void)reference_parse(text, out, err);
}

static void test_name_is_at_most_255_characters(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct reference parsed CLEANUP(reference_clear) = {.registry = NULL};
	parse_name_of_length(255, &parsed, &err);
	assert_int_equal(err.code, ERROR_NONE);
	assert_int_equal(strlen(parsed.repository), 247);
	parse_name_of_length(256, &parsed, &err);
	assert_int_equal(err.code, ERROR_BAD_REFERENCE);
	assert_string_equal(err.text,
						"registry and repository have 256 characters together, more than 255");
}

static void check_name(const char *text, const char *expected)
{
	struct reference parsed CLEANUP(reference_clear) = {.registry = NULL};
	parse_legal(text, &parsed);
	char *name CLEANUP(free_at) = reference_name(&parsed);
	assert_string_equal(name, expected);
}

static void test_name_is_what_patterns_match(void **state)
{
	(void)state;
	check_name("ubuntu:22.04", "docker.io/library/ubuntu");
	check_name("quay.io/a/b@" SHA256, "quay.io/a/b");
	check_name("oci:/srv/layout:v1", "/srv/layout");
}

static void test_transports_have_names(void **state)
{
	(void)state;
	assert_string_equal(reference_transport_name(REFERENCE_REGISTRY), "registry");
	assert_string_equal(reference_transport_name(REFERENCE_OCI_LAYOUT), "oci");
	assert_string_equal(reference_transport_name(REFERENCE_OCI_ARCHIVE), "oci-archive");
	assert_string_equal(reference_transport_name(REFERENCE_DOCKER_ARCHIVE), "docker-archive");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_registry_references_are_normalised),
		cmocka_unit_test(test_local_references_end_the_path_at_the_first_colon),
		cmocka_unit_test(test_refuses_with_the_reason),
		cmocka_unit_test(test_name_is_at_most_255_characters),
		cmocka_unit_test(test_name_is_what_patterns_match),
		cmocka_unit_test(test_transports_have_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
