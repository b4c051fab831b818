#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "layerproof/root_history.h"

enum { MOST = 8 };

/* The layers of `lines`, ended by NULL; "" is a layer of which nothing is said. */
static size_t root_of(const char *const *lines)
{
	struct root_history layers[MOST];
	size_t count = 0;
	for (; lines[count] != NULL; count++)
		layers[count] = (struct root_history){.created_by = *lines[count] == '\0' ? NULL
																				  : lines[count]};
	return root_history_layers(layers, count);
}

#define ROOT_OF(...) root_of((const char *const[]){__VA_ARGS__, NULL})

#define HASH "a2378c1b12e95db69e24b9d347441678c6f23239292cce3c822b1524992b6ec4"
#define NOP  "/bin/sh -c #(nop) "

static void test_bottom_layers_of_distributions(void **state)
{
	(void)state;
	/* debian, by debuerreotype; as an official image and below one */
	assert_int_equal(ROOT_OF("# debian.sh --arch 'amd64' out/ 'bookworm' '@1740355200'"), 1);
	assert_int_equal(ROOT_OF("RUN # debian.sh --arch 'amd64' out/ 'trixie' '@1776729600'",
							 "RUN groupadd --gid 1000 node # buildkit"),
					 1);
	/* ubuntu, debian and alpine of the older builder */
	assert_int_equal(ROOT_OF(NOP "ADD file:" HASH " in / ", "/bin/sh -c set -xe && echo x"), 1);
	assert_int_equal(ROOT_OF("ADD file:" HASH " in / "), 1);
	/* alpine, rocky */
	assert_int_equal(ROOT_OF("ADD alpine-minirootfs-3.20.3-x86_64.tar.gz / # buildkit",
							 "RUN apk add curl # buildkit"),
					 1);
	assert_int_equal(ROOT_OF("ADD layer.tar.xz / # buildkit"), 1);
	/* amazonlinux, archlinux */
	assert_int_equal(ROOT_OF("COPY /rootfs/ / # buildkit", "RUN true"), 1);
	/* ubi */
	assert_int_equal(ROOT_OF(NOP "COPY dir:" HASH " in /      ",
							 NOP "COPY file:" HASH " in /etc/yum.repos.d/.      "),
					 1);
	/* opensuse, wolfi, busybox */
	assert_int_equal(ROOT_OF("KIWI 10.1.2"), 1);
	assert_int_equal(ROOT_OF("apko"), 1);
	assert_int_equal(ROOT_OF("BusyBox 1.36.1 (glibc), Debian 12"), 1);
	/* from scratch, with options */
	assert_int_equal(ROOT_OF("ADD --chown=0:0 base.tgz / # buildkit"), 1);
	assert_int_equal(ROOT_OF("COPY --link /mnt/rootfs/ / # buildkit"), 1);
}

static void test_bazel_counts_from_the_bottom_up(void **state)
{
	(void)state;
	assert_int_equal(ROOT_OF("bazel build ...", "bazel build ...", "COPY /app /app # buildkit"), 2);
	assert_int_equal(ROOT_OF("bazel build ...", "bazel build ..."), 2);
	assert_int_equal(ROOT_OF("COPY /app /app # buildkit", "bazel build ..."), 0);
}

static void test_what_is_put_into_the_root_higher_up_is_a_program(void **state)
{
	(void)state;
	const char *debian = "# debian.sh --arch 'amd64' out/ 'bookworm' '@1740355200'";
	assert_int_equal(ROOT_OF(debian, "COPY rootfs / # buildkit"), 1);
	assert_int_equal(ROOT_OF(debian, "ADD s6-overlay-noarch.tar.xz / # buildkit"), 1);
	assert_int_equal(ROOT_OF(debian, NOP "ADD file:" HASH " in / "), 1);
	assert_int_equal(ROOT_OF(debian, "KIWI 10.1.2"), 1);
	/* but a root is one wherever it lies */
	assert_int_equal(ROOT_OF("COPY certificates /etc/ssl # buildkit",
							 "ADD ubuntu-rootfs-24.04.tar.xz / # buildkit", "RUN true"),
					 2);
	assert_int_equal(ROOT_OF("COPY certificates /etc/ssl # buildkit", debian), 2);
}

static void test_bottom_layers_that_bring_no_root(void **state)
{
	(void)state;
	assert_int_equal(root_history_layers(NULL, 0), 0);
	assert_int_equal(ROOT_OF(""), 0);
	assert_int_equal(ROOT_OF("COPY /app /app # buildkit"), 0);
	assert_int_equal(ROOT_OF("COPY app / # buildkit"), 0);
	assert_int_equal(ROOT_OF("COPY . / # buildkit"), 0);
	assert_int_equal(ROOT_OF("ADD app.jar / # buildkit"), 0);
	assert_int_equal(ROOT_OF("ADD app.tar.gz /opt # buildkit"), 0);
	assert_int_equal(ROOT_OF("COPY app.tar.gz / # buildkit"), 0);
	assert_int_equal(ROOT_OF("ADD a.tar.gz b.tar.gz / # buildkit"), 0);
	assert_int_equal(ROOT_OF(NOP "COPY file:" HASH " in /app "), 0);
	assert_int_equal(ROOT_OF(NOP "COPY file:" HASH " in / "), 0);
	assert_int_equal(ROOT_OF(NOP "COPY multi:" HASH " in / "), 0);
	assert_int_equal(ROOT_OF(NOP "ADD file:" HASH " in /opt "), 0);
	assert_int_equal(ROOT_OF("ADD"), 0);
	assert_int_equal(ROOT_OF("ADD rootfs.tar.gz"), 0);
	assert_int_equal(ROOT_OF("COPY --link"), 0);
	assert_int_equal(ROOT_OF("RUN ADD layer.tar.xz /x"), 0);
	assert_int_equal(ROOT_OF("/bin/sh -c debian.sh"), 0);
}

static void test_empty_layers_have_no_say(void **state)
{
	(void)state;
	const struct root_history layers[] = {
		{.created_by = NOP "MAINTAINER somebody", .is_empty = true},
		{.created_by = NOP "ADD file:" HASH " in / "},
		{.created_by = "bazel build ...", .is_empty = true},
	};
	assert_int_equal(root_history_layers(layers, 3), 2);
	assert_int_equal(root_history_layers(layers, 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bottom_layers_of_distributions),
		cmocka_unit_test(test_bazel_counts_from_the_bottom_up),
		cmocka_unit_test(test_what_is_put_into_the_root_higher_up_is_a_program),
		cmocka_unit_test(test_bottom_layers_that_bring_no_root),
		cmocka_unit_test(test_empty_layers_have_no_say),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
