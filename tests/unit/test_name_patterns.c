#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "layerproof/buffer.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "layerproof/name_patterns.h"
#include "layerproof/text.h"

/* What was told: "PATTERN>TEXT", one after the other. */
static void note(void *context, const char *pattern, const char *text)
{
	struct error err = ERROR_INIT;
	struct buffer *told = context;
	buffer_add_format(told, &err, "%s%s>%s", told->size > 0 ? " | " : "", pattern, text);
}

static char *search_with(const struct name_patterns *patterns, const char *text, bool is_secret,
						 struct name_work *work)
{
	struct buffer told = BUFFER_INIT(LIMIT_KIB(64));
	struct error err = ERROR_INIT;
	const struct name_listener listener = {&told, note};
	buffer_add(&told, "", 0, &err);
	name_patterns_search(patterns, text, is_secret, work, &listener);
	size_t size = told.size;
	char *bytes = buffer_steal(&told);
	char *copy = memory_copy_span(bytes == NULL ? "" : bytes, size);
	free(bytes);
	return copy;
}

/* The patterns are those of acme's configuration. */
static struct name_patterns *make_patterns(void)
{
	static const char *const texts[] = {
		"acme",          "*.acme.example",    "registry.acme.example",
		"ACME_*",        "github.com/acme/*", "Acme Payments*Ltd",
		"*@acme.example"};
	struct error err = ERROR_INIT;
	struct name_patterns *patterns = name_patterns_new();
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(name_patterns_add(patterns, texts[i], &err), 0);
	return patterns;
}

struct text_case {
	const char *text;
	const char *told;
};

static void expect_told(const struct text_case *cases, size_t count, bool is_secret)
{
	struct name_patterns *patterns = make_patterns();
	for (size_t i = 0; i < count; i++) {
		struct name_work work = {0};
		char *told = search_with(patterns, cases[i].text, is_secret, &work);
		assert_string_equal(told, cases[i].told);
		assert_false(work.is_cut_off);
		free(told);
	}
	name_patterns_free(patterns);
}

#define EXPECT_TOLD(cases) expect_told(cases, sizeof(cases) / sizeof((cases)[0]), false)

static void finds_whole_words_only(void **state)
{
	static const struct text_case cases[] = {
		{"acme", "acme>acme"},
		{"ACME", "acme>ACME"},
		{"/opt/acme/bin", "acme>acme"},
		{"the Acme-payments team", "acme>Acme"},
		{"com.acme.team", "acme>acme"},
		{"acmes", ""},
		{"placmeer", ""},
		{"\xc3\xa9"
		 "acme",
		 ""},
		{"", ""},
		{"nothing", ""},
	};
	(void)state;
	EXPECT_TOLD(cases);
}

static void finds_hosts(void **state)
{
	static const struct text_case cases[] = {
		{"FROM registry.acme.example:5000/payments/api:1.4",
		 "acme>acme | *.acme.example>registry.acme.example | "
		 "registry.acme.example>registry.acme.example"},
		{"https://git.acme.example/payments.", "acme>acme | *.acme.example>git.acme.example"},
		{"ask git.ACME.example.", "acme>ACME | *.acme.example>git.ACME.example"},
		{"notacme.example", ""},
		{"git.acme.example.evil", "acme>acme"},
	};
	(void)state;
	EXPECT_TOLD(cases);
}

static void finds_variables_addresses_and_whole_texts(void **state)
{
	static const struct text_case cases[] = {
		{"export ACME_HOME=/srv", "acme>ACME | ACME_*>ACME_HOME"},
		{"git clone https://github.com/acme/api.git /src",
		 "acme>acme | github.com/acme/*>github.com/acme/api.git"},
		{"https://github.com/acmecorp/api", ""},
		{"Jo <jo@acme.example>", "acme>acme | *@acme.example>jo@acme.example"},
		{"acme payments (UK) ltd", "acme>acme | Acme Payments*Ltd>acme payments"},
	};
	(void)state;
	EXPECT_TOLD(cases);
}

/* Neither in what matched nor around it. */
static void credentials_are_no_part_of_a_text(void **state)
{
	static const struct text_case cases[] = {
		{"http://bot:acme@proxy.example:3128/", ""},
		{"http://acme:hunter2@git.acme.example/", "acme>acme | *.acme.example>git.acme.example"},
		{"https://acme@github.com/acme/x", "acme>acme | github.com/acme/*>github.com/acme/x"},
		{"https://u:p$acme!@git.acme.example", "acme>acme | *.acme.example>git.acme.example"},
		{"curl bot:acme@proxy.example", ""},
		{"a https://x:acme@b c://y:acme@d", ""},
		{"registry.acme.example/api:1@sha256:00",
		 "acme>acme | *.acme.example>registry.acme.example | "
		 "registry.acme.example>registry.acme.example"},
		{"acme:1@sha256:00", "acme>acme"},
	};
	(void)state;
	EXPECT_TOLD(cases);
}

/* Only what the pattern spells itself. */
static void secrets_are_not_shown(void **state)
{
	static const struct text_case shown[] = {
		{"RUN DB_PASSWORD=acme_7Hq2 ./x", "acme>acme | ACME_*>acme_"},
		{"ENV TOKEN='ACME_7Hq2'", "acme>ACME | ACME_*>ACME_"},
		{"tool --secret ACME_7Hq2", "acme>ACME | ACME_*>ACME_"},
		{"secret: jo@acme.example", "acme>acme | *@acme.example>@acme.example"},
		{"LEVEL=ACME_7Hq2", "acme>ACME | ACME_*>ACME_7Hq2"},
	};
	static const struct text_case hidden[] = {
		{"ACME_7Hq2", "acme>ACME | ACME_*>ACME_"},
	};
	(void)state;
	EXPECT_TOLD(shown);
	expect_told(hidden, 1, true);
}

static void a_name_may_be_that_of_a_secret(void **state)
{
	static const char *const secrets[] = {"DB_PASSWORD", "GITHUB_TOKEN", "npm_config__auth",
										  "aws.secret",  "ApiKey",       "CREDS"};
	static const char *const others[] = {"PATH", "org.opencontainers.image.authors", "ACME_HOME"};
	(void)state;
	for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
		assert_true(name_is_of_secret(secrets[i], strlen(secrets[i])));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_false(name_is_of_secret(others[i], strlen(others[i])));
	assert_false(name_is_of_secret("password", 3));
}

static void patterns_that_say_nothing_are_refused(void **state)
{
	static const char *const texts[] = {"*", "?*", "[a-z]*", "", "*.*", "\\*", "--"};
	struct name_patterns *patterns = name_patterns_new();
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct error err = ERROR_INIT;
		char expected[64];
		snprintf(expected, sizeof(expected), "\"%s\" matches whatever there is", texts[i]);
		assert_int_equal(name_patterns_add(patterns, texts[i], &err), -1);
		assert_int_equal(err.code, ERROR_USAGE);
		assert_string_equal(err.text, expected);
	}
	name_patterns_free(patterns);
}

static void so_many_patterns_and_no_more(void **state)
{
	struct error err = ERROR_INIT;
	struct name_patterns *patterns = name_patterns_new();
	(void)state;
	for (int i = 0; i < LIMIT_NAME_PATTERNS; i++)
		assert_int_equal(name_patterns_add(patterns, "acme", &err), 0);
	assert_int_equal(name_patterns_add(patterns, "acme", &err), -1);
	assert_string_equal(err.text, "more than 256 patterns");
	name_patterns_free(patterns);
}

static char *repeat(const char *text, size_t times, const char *end)
{
	size_t size = strlen(text);
	char *bytes = memory_alloc(size * times + strlen(end) + 1, 1);
	for (size_t i = 0; i < times; i++)
		memcpy(bytes + i * size, text, size);
	strcpy(bytes + size * times, end);
	return bytes;
}

static void expect_long(const char *text, const char *told, bool is_cut_off)
{
	struct name_work work = {0};
	struct error err = ERROR_INIT;
	struct name_patterns *patterns = name_patterns_new();
	assert_int_equal(name_patterns_add(patterns, "acme*", &err), 0);
	char *actual = search_with(patterns, text, false, &work);
	assert_string_equal(actual, told);
	assert_int_equal(work.is_cut_off, is_cut_off);
	free(actual);
	name_patterns_free(patterns);
}

static void what_is_long_is_cut(void **state)
{
	(void)state;
	char *word = repeat("acme", 100, "");
	char *shown = repeat("acme", LIMIT_HINT_TEXT / 4, "");
	char *expected = memory_format("acme*>%s", shown);
	expect_long(word, expected, false);
	free(expected);
	free(shown);
	free(word);
	word = repeat("acme", LIMIT_NAME_PIECE / 4 + 1, "");
	expect_long(word, "", false);
	free(word);
	char *text = repeat(" xxx", LIMIT_NAME_TEXT / 4, "acme");
	expect_long(text, "", true);
	memcpy(text, "acme", 4);
	expect_long(text, "acme*>acme", true);
	free(text);
}

/* Whole characters of UTF-8. */
static void what_is_cut_stays_text(void **state)
{
	(void)state;
	char *word = repeat("\xc3\xa9", 100, "");
	char *text = memory_format("acmex%s", word);
	struct name_work work = {0};
	struct error err = ERROR_INIT;
	struct name_patterns *patterns = name_patterns_new();
	assert_int_equal(name_patterns_add(patterns, "acme*", &err), 0);
	char *told = search_with(patterns, text, false, &work);
	assert_int_equal(strlen(told), strlen("acme*>") + LIMIT_HINT_TEXT - 1);
	char *clean = text_utf8(told, strlen(told));
	assert_string_equal(clean, told);
	free(clean);
	free(told);
	free(text);
	free(word);
	name_patterns_free(patterns);
}

static void the_work_has_an_end(void **state)
{
	struct name_work work = {.bytes = (size_t)LIMIT_NAME_WORK - 10};
	struct name_patterns *patterns = make_patterns();
	(void)state;
	char *told = search_with(patterns, "acme acme acme", false, &work);
	assert_string_equal(told, "");
	assert_true(work.is_cut_off);
	assert_int_equal(work.bytes, LIMIT_NAME_WORK);
	free(told);
	name_patterns_free(patterns);
}

static void letters_beyond_ascii_are_letters(void **state)
{
	struct name_work work = {0};
	struct error err = ERROR_INIT;
	struct name_patterns *patterns = name_patterns_new();
	(void)state;
	assert_int_equal(name_patterns_add(patterns, "\xe9\x98\xbf\xe9\x87\x8c*", &err), 0);
	char *told = search_with(patterns, "by \xe9\x98\xbf\xe9\x87\x8c\xe4\xba\x91, 2026", false,
							 &work);
	assert_string_equal(told, "\xe9\x98\xbf\xe9\x87\x8c*>\xe9\x98\xbf\xe9\x87\x8c\xe4\xba\x91");
	free(told);
	name_patterns_free(patterns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_whole_words_only),
		cmocka_unit_test(finds_hosts),
		cmocka_unit_test(finds_variables_addresses_and_whole_texts),
		cmocka_unit_test(credentials_are_no_part_of_a_text),
		cmocka_unit_test(secrets_are_not_shown),
		cmocka_unit_test(a_name_may_be_that_of_a_secret),
		cmocka_unit_test(patterns_that_say_nothing_are_refused),
		cmocka_unit_test(so_many_patterns_and_no_more),
		cmocka_unit_test(what_is_long_is_cut),
		cmocka_unit_test(what_is_cut_stays_text),
		cmocka_unit_test(the_work_has_an_end),
		cmocka_unit_test(letters_beyond_ascii_are_letters),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
