#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "layerproof/buffer.h"
#include "layerproof/image_texts.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "layerproof/node.h"

/* "KIND NAME NUMBER=TEXT", a line each. */
static void note(void *context, const struct image_text *text)
{
	struct error err = ERROR_INIT;
	buffer_add_format(context, &err, "%s", text->kind);
	if (text->name != NULL)
		buffer_add_format(context, &err, " %s", text->name);
	if (strcmp(text->kind, "history") == 0)
		buffer_add_format(context, &err, " %zu", text->number);
	buffer_add_format(context, &err, "=%s\n", text->text);
}

static void expect_texts(const char *document, const char *expected)
{
	struct error err = ERROR_INIT;
	struct buffer told = BUFFER_INIT(LIMIT_KIB(64));
	const struct image_texts_listener listener = {&told, note};
	json_t *body CLEANUP(json_decref_at) = node_parse(document, strlen(document), "test", &err);
	assert_non_null(body);
	buffer_add(&told, "", 1, &err);
	image_texts_tell(body, &listener);
	buffer_add(&told, "", 1, &err);
	assert_string_equal(told.bytes + 1, expected);
	buffer_clear(&told);
}

static void tells_what_a_configuration_says(void **state)
{
	(void)state;
	expect_texts(
		"{\"architecture\":\"amd64\",\"os\":\"linux\",\"author\":\"Jo\",\"comment\":\"none\","
		"\"config\":{\"User\":\"app\",\"WorkingDir\":\"/srv\",\"Entrypoint\":[\"/bin/a\",\"-b\"],"
		"\"Cmd\":\"run\",\"Shell\":[\"sh\"],\"OnBuild\":[\"RUN x\"],\"Volumes\":{\"/data\":{}},"
		"\"Hostname\":\"build7\",\"Domainname\":\"acme.example\",\"Env\":[\"A=1\",\"B=\",\"C\",7],"
		"\"Labels\":{\"vendor\":\"Acme\",\"n\":7},\"Healthcheck\":{\"Test\":[\"CMD\",\"curl\"]}},"
		"\"container_config\":{\"User\":\"root\"},"
		"\"history\":[{\"created_by\":\"ADD\",\"author\":\"Al\"},7,{\"comment\":\"buildkit\"}]}",
		"user=app\nworking_dir=/srv\nentrypoint=/bin/a\nentrypoint=-b\ncmd=run\nshell=sh\n"
		"onbuild=RUN x\nvolume=/data\nhostname=build7\ndomainname=acme.example\nenv A=A\nenv A=1\n"
		"env B=B\nenv C=C\nlabel vendor=vendor\nlabel vendor=Acme\nlabel n=n\nhealthcheck=CMD\n"
		"healthcheck=curl\nuser=root\nauthor=Jo\ncomment=none\nhistory 0=ADD\nhistory 0=Al\n"
		"history 2=buildkit\n");
}

static void tells_the_annotations_of_manifests_and_indexes(void **state)
{
	(void)state;
	expect_texts("{\"annotations\":{\"a\":\"1\"},\"config\":{\"annotations\":{\"b\":\"2\"}},"
				 "\"layers\":[{\"annotations\":{\"c\":\"3\"}},{}]}",
				 "annotation a=a\nannotation a=1\nannotation c=c\nannotation c=3\n"
				 "annotation b=b\nannotation b=2\n");
	expect_texts("{\"annotations\":{\"a\":\"1\"},\"manifests\":[{\"annotations\":{\"d\":\"4\"}}]}",
				 "annotation a=a\nannotation a=1\nannotation d=d\nannotation d=4\n");
}

static void passes_over_what_is_of_another_kind(void **state)
{
	(void)state;
	expect_texts("[]", "");
	expect_texts("{\"annotations\":[\"x\"],\"config\":\"x\",\"history\":{},\"layers\":{\"a\":1},"
				 "\"manifests\":[7],\"author\":null,\"comment\":7}",
				 "");
	expect_texts(
		"{\"config\":{\"Env\":{\"A\":\"1\"},\"Labels\":[\"x\"],\"User\":7,\"Healthcheck\":[]}}",
		"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_what_a_configuration_says),
		cmocka_unit_test(tells_the_annotations_of_manifests_and_indexes),
		cmocka_unit_test(passes_over_what_is_of_another_kind),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
