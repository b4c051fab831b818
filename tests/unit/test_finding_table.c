#include "story.h"

static void test_hostile_words_in_a_table(void **state)
{
	const struct finding_table table = {.columns = 0};
	struct story story;
	struct buffer out = BUFFER_INIT(65536);
	struct error err = ERROR_INIT;
	(void)state;
	make_hostile(&story);
	assert_int_equal(finding_write_table(&story.finding, &table, &out, &err), 0);
	expect_printable(&out);
	assert_string_equal(
		out.bytes,
		"true_positive  high      layer             quay.example/app:latest                       "
		"layer 2 of 2 (a\\x1b[2Jb\\xe2\\x80\\xaec\\xc2\\x9bd\\xff\\xc3(\\x0d\\x0a\"\\), hashed "
		"from the bytes served, is a layer of "
		"a\\x1b[2Jb\\xe2\\x80\\xaec\\xc2\\x9bd\\xff\\xc3(\\x0d\\x0a\"\\; it lies above the known "
		"base of that image\n");
	buffer_clear(&out);
	clear_story(&story);
}

static void test_hostile_words_as_evidence(void **state)
{
	const struct finding_table table = {.evidence = true};
	struct story story;
	(void)state;
	make_hostile(&story);
	expect_table(
		&story.finding, &table,
		"true_positive  high      layer             quay.example/app:latest                       "
		"layer 2 of 2 (a\\x1b[2Jb\\xe2\\x80\\xaec\\xc2\\x9bd\\xff\\xc3(\\x0d\\x0a\"\\), hashed "
		"from the bytes served, is a layer of "
		"a\\x1b[2Jb\\xe2\\x80\\xaec\\xc2\\x9bd\\xff\\xc3(\\x0d\\x0a\"\\; it lies above the known "
		"base of that image\n"
		"    layer     hashed    ours         "
		"sha256:51688367d482d7a0817f715de66ab990918c684ede1e4acdbe36cdcb9e1a5f73  layer 2  "
		"a\\x1b[2Jb\\xe2\\x80\\xaec\\xc2\\x9bd\\xff\\xc3(\\x0d\\x0a\"\\  in "
		"a\\x1b[2Jb\\xe2\\x80\\xaec\\xc2\\x9bd\\xff\\xc3(\\x0d\\x0a\"\\\n"
		"    diff_id   hashed    ours         "
		"sha256:3c749120a1d417427b9aa13fe68c1b7ae1569eda7b06e4aa1633cb638f5a1418  layer 2  "
		"a\\x1b[2Jb\\xe2\\x80\\xaec\\xc2\\x9bd\\xff\\xc3(\\x0d\\x0a\"\\  in "
		"a\\x1b[2Jb\\xe2\\x80\\xaec\\xc2\\x9bd\\xff\\xc3(\\x0d\\x0a\"\\\n"
		"    layers of a\\x1b["
		"2Jb\\xe2\\x80\\xaec\\xc2\\x9bd\\xff\\xc3(\\x0d\\x0a\"\\ beside a\\x1b["
		"2Jb\\xe2\\x80\\xaec\\xc2\\x9bd\\xff\\xc3(\\x0d\\x0a\"\\ (ours, cspm.csv row 1)\n"
		"    its base: 1 layer, known: the image names its base, and the index has it\n"
		"    HERE  THERE  LAYER         WHOSE        LEVEL           SIZE  DIGEST               "
		"CREATED BY\n"
		"       -      1  missing       base         -                  -  sha256:2fabcafa12d9\n"
		"       1      -  new           -            declared       100 B  sha256:"
		"5a48ac19ec93  a\\x1b[2Jb\\xe2\\x80\\xaec\\xc2\\x9bd\\xff\\xc3( \"\\\n"
		"       2      2  same          ours         hashed         100 B  sha256:51688367d482\n"
		"    of that image 1 of 2 layers are here,"
		" 1 of 1 above its base; 100 B as stored here; the index knows no sizes of those that are "
		"missing\n"
		"    of this image 1 of 2 layers are ours, 100 B of 200 B; public or third-party: 0,"
		" 0 B\n");
	clear_story(&story);
}

/* ---- The table ---- */

static void test_headings(void **state)
{
	const struct finding_table colour = {.colour = true};
	struct buffer out = BUFFER_INIT(4096);
	struct error err = ERROR_INIT;
	(void)state;
	assert_int_equal(finding_write_headings(&plain_table, &out, &err), 0);
	assert_string_equal(out.bytes, "VERDICT        PRIORITY  REASON            REFERENCE           "
								   "                          WHAT WAS FOUND\n");
	buffer_reset(&out);
	assert_int_equal(finding_write_headings(&colour, &out, &err), 0);
	assert_string_equal(out.bytes, "\033[1mVERDICT        PRIORITY  REASON            REFERENCE    "
								   "                                 WHAT WAS FOUND\033[0m\n");
	buffer_clear(&out);
}

static void test_lines_of_the_table(void **state)
{
	const struct finding_table evidence = {.evidence = true};
	struct story story;
	(void)state;
	make_proof(&story);
	expect_table(
		&story.finding, &plain_table,
		"true_positive  high      layer             quay.example/team/tools/app:1.2               "
		"layer 4 of 5 (linux/amd64), hashed from the bytes served, is a layer of "
		"registry.acme.example/payments/api:1.4.2; every layer of that image is here, in order\n");
	expect_table(
		&story.finding, &evidence,
		"true_positive  high      layer             quay.example/team/tools/app:1.2               "
		"layer 4 of 5 (linux/amd64), hashed from the bytes served, is a layer of "
		"registry.acme.example/payments/api:1.4.2; every layer of that image is here, in order\n"
		"    layer     hashed    ours         "
		"sha256:11e654ee1844c7b9ff5534b1013bb2a60ae275b7421aaf9f6cec7c076727ee9d  layer 4  "
		"linux/amd64  in registry.acme.example/payments/api:1.4.2\n"
		"    diff_id   hashed    ours         "
		"sha256:ef000bf7a9a3e9ebb983496598f931ec50ca74ce2380cde285fb936c175b0791  layer 4  "
		"linux/amd64  in registry.acme.example/payments/api:1.4.2\n"
		"    layer     declared  ours         "
		"sha256:51688367d482d7a0817f715de66ab990918c684ede1e4acdbe36cdcb9e1a5f73  layer 2  "
		"linux/amd64  in registry.acme.example/payments/api:1.4.2 and 1 more\n"
		"    diff_id   declared  ours         "
		"sha256:3c749120a1d417427b9aa13fe68c1b7ae1569eda7b06e4aa1633cb638f5a1418  layer 2  "
		"linux/amd64  in registry.acme.example/payments/api:1.4.2 and 1 more\n"
		"    layer     declared  public       "
		"sha256:2fabcafa12d953b583309f0a0b17eeb6e31ef3bb1a00642509ff9f82664d2cf5  layer 1  "
		"linux/amd64  in registry.acme.example/payments/api:1.4.2 and 2 more\n"
		"    diff_id   declared  public       "
		"sha256:42570c45c81fdb5d1964f9e7aaead823df063412a3ae28ddca46dadb25bf6282  layer 1  "
		"linux/amd64  in registry.acme.example/payments/api:1.4.2 and 2 more\n"
		"    layers of linux/amd64 beside registry.acme.example/payments/api:1.4.2 (ours,"
		" cspm.csv row 1)\n"
		"    its base: 1 layer, guessed: nothing is known of the base,"
		" so the first layer is taken for it\n"
		"    HERE  THERE  LAYER         WHOSE        LEVEL           SIZE  DIGEST               "
		"CREATED BY\n"
		"       1      1  same          public       declared       100 B  sha256:"
		"2fabcafa12d9  ADD rootfs /\n"
		"       2      2  same          ours         declared       100 B  sha256:51688367d482\n"
		"       3      -  empty         -            declared       100 B  sha256:a3ed95caeb02\n"
		"       4      3  same          ours         hashed         100 B  sha256:11e654ee1844\n"
		"       5      -  new           -            declared       100 B  sha256:5a48ac19ec93\n"
		"    of that image 3 of 3 layers are here, 2 of 2 above its base; 300 B as stored here\n"
		"    of this image 2 of 4 layers are ours, 200 B of 400 B; public or third-party: 1,"
		" 100 B\n");
	clear_story(&story);
}

static void test_colours(void **state)
{
	const struct finding_table colour = {.colour = true};
	static const struct finding_error denied = {ERROR_DENIED, NULL, (char *)(uintptr_t) "401", 0};
	struct story story;
	(void)state;
	make_proof(&story);
	expect_table(&story.finding, &colour,
				 "\033[1;31mtrue_positive  high      layer             "
				 "quay.example/team/tools/app:1.2               layer 4 of 5 (linux/amd64), hashed "
				 "from the bytes served, is a layer of registry.acme.example/payments/api:1.4.2; "
				 "every layer of that image is here, in order\033[0m\n");
	clear_story(&story);
	begin_story(&story, "quay.example/app");
	fail_story(&story, &denied);
	expect_table(&story.finding, &colour,
				 "\033[33mneeds_review   medium    denied            quay.example/app:latest       "
				 "                401\033[0m\n");
	clear_story(&story);
	make_anything(&story, "quay.example/app");
	expect_table(
		&story.finding, &colour,
		"needs_review   low       no_match          quay.example/app:latest                       "
		"nothing matches: the manifests and configurations of 1 image with 1 layer were read\n");
	clear_story(&story);
}

static void test_the_summary_is_cut_to_the_terminal(void **state)
{
	const struct finding_table narrow = {.columns = 120};
	const struct finding_table too_narrow = {.columns = 40};
	struct story story;
	(void)state;
	make_anything(&story, "quay.example/app");
	expect_table(&story.finding, &narrow,
				 "needs_review   low       no_match          quay.example/app:latest               "
				 "        nothing matches: the manifests \n");
	/* Where there is no room at all nothing is cut: the terminal wraps. */
	expect_table(
		&story.finding, &too_narrow,
		"needs_review   low       no_match          quay.example/app:latest                       "
		"nothing matches: the manifests and configurations of 1 image with 1 layer were read\n");
	clear_story(&story);
}

/* A path may hold wide characters; they take two columns each. */
static void test_wide_characters(void **state)
{
	const struct finding_table narrow = {.columns = 100};
	static const struct finding_error error = {
		ERROR_SYSTEM, NULL, (char *)(uintptr_t) "\xE6\xBC\xA2\xE5\xAD\x97\xE6\xBC\xA2\xE5\xAD\x97",
		0};
	struct story story;
	(void)state;
	begin_story(&story, "oci:\xE6\xBC\xA2\xE5\xAD\x97");
	fail_story(&story, &error);
	expect_table(&story.finding, &narrow,
				 "needs_review   medium    unreachable       oci:\346\274\242\345\255\227          "
				 "                            \346\274\242\345\255\227\346\274\242\345\255\227\n");
	clear_story(&story);
}

static void test_a_very_long_reference(void **state)
{
	const struct finding_table narrow = {.columns = 100};
	char input[400] = "quay.example/";
	struct story story;
	(void)state;
	memset(input + strlen(input), 'a', 200);
	make_anything(&story, input);
	expect_table(&story.finding, &narrow,
				 "needs_review   low       no_match          "
				 "quay.example/"
				 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
				 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
				 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa:latest  nothing matches: the manifests "
				 "and configurations of 1 image with 1 layer were read\n");
	clear_story(&story);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hostile_words_in_a_table),
		cmocka_unit_test(test_hostile_words_as_evidence),
		cmocka_unit_test(test_headings),
		cmocka_unit_test(test_lines_of_the_table),
		cmocka_unit_test(test_colours),
		cmocka_unit_test(test_the_summary_is_cut_to_the_terminal),
		cmocka_unit_test(test_wide_characters),
		cmocka_unit_test(test_a_very_long_reference),
	};
	return cmocka_run_group_tests(tests, set_locale, NULL);
}
