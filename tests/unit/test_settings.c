#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "layerproof/memory.h"
#include "layerproof/settings.h"

/* A home of its own for each test, with the variables that lead elsewhere unset. */
struct home {
	char path[64];
	char file[128]; /* a configuration file in it */
	struct error err;
};

static const char *const VARIABLES[] = {"LAYERPROOF_CONFIG", "LAYERPROOF_INDEX", "XDG_CONFIG_HOME",
										"XDG_DATA_HOME"};

static int make_home(void **state)
{
	struct home *home = memory_alloc(1, sizeof(*home));
	strcpy(home->path, "/tmp/test_settings.XXXXXX");
	if (mkdtemp(home->path) == NULL)
		return -1;
	snprintf(home->file, sizeof(home->file), "%s/layerproof.conf", home->path);
	for (size_t i = 0; i < sizeof(VARIABLES) / sizeof(VARIABLES[0]); i++)
		unsetenv(VARIABLES[i]);
	setenv("HOME", home->path, 1);
	*state = home;
	return 0;
}

static int remove_home(void **state)
{
	struct home *home = *state;
	char command[128];
	snprintf(command, sizeof(command), "rm -rf '%s'", home->path);
	int result = system(command);
	free(home);
	return result;
}

static void write_bytes(const char *path, const char *bytes, size_t size)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static struct settings *load_text(struct home *home, const char *text)
{
	write_bytes(home->file, text, strlen(text));
	struct settings *settings = settings_load(home->file, &home->err);
	assert_string_equal(home->err.text, "");
	assert_non_null(settings);
	return settings;
}

static void check_refused(struct home *home, const char *text, size_t size, const char *why)
{
	CLEANUP(free_at) char *expected = memory_format("configuration %s: %s", home->file, why);
	write_bytes(home->file, text, size);
	assert_null(settings_load(home->file, &home->err));
	assert_string_equal(home->err.text, expected);
	assert_int_equal(home->err.code, ERROR_USAGE);
}

static void assert_setting(const struct settings *settings, const char *section, const char *key,
						   const char *expected)
{
	const char *value = settings_get(settings, section, key);
	if (expected == NULL)
		assert_null(value);
	else
		assert_string_equal(value, expected);
}

/* ---- What a file says ---- */

static void test_knows_every_key(void **state)
{
	struct settings *settings = load_text(*state, "[index]\n"
												  "dir = /srv/index\n"
												  "[origin]\n"
												  "ours = registry.corp.example/*\n"
												  "third_party = mirror.corp.example/*\n"
												  "bases = complete\n"
												  "[check]\n"
												  "depth = full\n"
												  "jobs = 8\n"
												  "[network]\n"
												  "plain_http = registry.test:5000\n"
												  "ca_file = /etc/ca.pem\n"
												  "allow_net = 10.0.0.0/8\n");
	assert_setting(settings, "index", "dir", "/srv/index");
	assert_setting(settings, "origin", "ours", "registry.corp.example/*");
	assert_setting(settings, "origin", "third_party", "mirror.corp.example/*");
	assert_setting(settings, "origin", "bases", "complete");
	assert_setting(settings, "check", "depth", "full");
	assert_setting(settings, "check", "jobs", "8");
	assert_setting(settings, "network", "plain_http", "registry.test:5000");
	assert_setting(settings, "network", "ca_file", "/etc/ca.pem");
	assert_setting(settings, "network", "allow_net", "10.0.0.0/8");
	settings_free(settings);
	settings_free(NULL);
}

static void test_a_key_may_stand_several_times(void **state)
{
	struct settings *settings = load_text(*state, "[origin]\nours = a\n[check]\njobs = 1\n"
												  "[origin]\nours = b\nours = c\n"
												  "[check]\njobs = 2\n");
	assert_string_equal(settings_get_nth(settings, "origin", "ours", 0), "a");
	assert_string_equal(settings_get_nth(settings, "origin", "ours", 1), "b");
	assert_string_equal(settings_get_nth(settings, "origin", "ours", 2), "c");
	assert_null(settings_get_nth(settings, "origin", "ours", 3));
	assert_setting(settings, "check", "jobs", "2");
	settings_free(settings);
}

/* inih alone would take each of these lines for one more value of the key above it. */
static void test_an_indented_line_may_stand_for_itself(void **state)
{
	struct settings *settings = load_text(*state, "  [origin]\n"
												  "\tours = a\n"
												  "\tthird_party = b\n"
												  "  ; a comment\n"
												  " \v\tbases = complete\n");
	assert_string_equal(settings_get_nth(settings, "origin", "ours", 0), "a");
	assert_null(settings_get_nth(settings, "origin", "ours", 1));
	assert_setting(settings, "origin", "third_party", "b");
	assert_setting(settings, "origin", "bases", "complete");
	settings_free(settings);
}

static void test_a_word_on_an_indented_line_is_one_more_value(void **state)
{
	static const char *const values[] = {"a", "b", "registry.test:5000/*", "c;d", "e"};
	struct settings *settings = load_text(*state, "[origin]\n"
												  "ours = a\n"
												  "  b \r\n"
												  "\tregistry.test:5000/*  ; a comment\n"
												  "# another\n"
												  "  ; and another\n"
												  "\n"
												  "       c;d\n"
												  "third_party =\n"
												  "  x\n"
												  "ours = e\n");
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		assert_string_equal(settings_get_nth(settings, "origin", "ours", i), values[i]);
	assert_null(settings_get_nth(settings, "origin", "ours", 5));
	assert_string_equal(settings_get_nth(settings, "origin", "third_party", 0), "x");
	settings_free(settings);
}

static void test_comments_blanks_and_line_ends(void **state)
{
	struct settings *settings = load_text(*state, "\xEF\xBB\xBF# a comment\r\n"
												  "; another\r\n"
												  "\r\n"
												  "[index] ; behind a section\r\n"
												  "dir=/srv/a;b c ; behind a value\r\n"
												  "[origin] # the same\r\n"
												  "ours:registry.test:5000/*   \r\n"
												  "third_party = x");
	assert_setting(settings, "index", "dir", "/srv/a;b c");
	assert_setting(settings, "origin", "ours", "registry.test:5000/*");
	assert_setting(settings, "origin", "third_party", "x");
	settings_free(settings);
}

static void test_a_key_without_a_value_counts_as_not_there(void **state)
{
	struct settings *settings = load_text(
		*state, "[index]\ndir = /srv/index\ndir =\n[network]\nca_file = ; none\n");
	assert_setting(settings, "index", "dir", "/srv/index");
	assert_setting(settings, "network", "ca_file", NULL);
	assert_setting(settings, "check", "jobs", NULL);
	settings_free(settings);
}

struct refused {
	const char *text;
	const char *why;
};

static const struct refused REFUSED[] = {
	{"[check]\njob = 1\n", "line 2: there is no setting \"job\" in section [check]"},
	{"[check]\ndir = 1\n", "line 2: there is no setting \"dir\" in section [check]"},
	{"jobs = 1\n", "line 1: there is no setting \"jobs\" in section []"},
	{"[Check]\njobs = 1\n", "line 1: there is no section [Check]"},
	{"\n\n[netwrok]\n", "line 3: there is no section [netwrok]"},
	{"[ check ]\n", "line 1: there is no section [ check ]"},
	{"[index] dir = /srv\n", "line 1: text behind the \"]\" of a section"},
	{"[check]\n\njobs\n", "line 3: not \"key = value\" or \"[section]\""},
	{"[check\njobs = 1\n", "line 1: not \"key = value\" or \"[section]\""},
	{"[origin]\n  a\n", "line 2: not \"key = value\" or \"[section]\""},
	{"[origin]\nours = a\n  b c\n", "line 3: not \"key = value\" or \"[section]\""},
	{"[origin]\nours = a\n  our=b\n", "line 3: there is no setting \"our\" in section [origin]"},
	{"[origin]\nours = a\n  our : b\n", "line 3: there is no setting \"our\" in section [origin]"},
	{"[origin]\nours = a\n  [ab]/*\n", "line 3: there is no section [ab]"},
	/* The first of several. */
	{"[check]\njobs\njob = 1\n", "line 2: not \"key = value\" or \"[section]\""},
	{"[check]\njob = 1\njobs\n", "line 2: there is no setting \"job\" in section [check]"},
	{"[check]\njobs\n[checks]\n", "line 2: not \"key = value\" or \"[section]\""},
};

static void test_refuses_what_it_does_not_know(void **state)
{
	for (size_t i = 0; i < sizeof(REFUSED) / sizeof(REFUSED[0]); i++)
		check_refused(*state, REFUSED[i].text, strlen(REFUSED[i].text), REFUSED[i].why);
}

static void test_refuses_a_line_that_would_be_cut(void **state)
{
	struct home *home = *state;
	char text[1000];
	for (int width = 190; width <= 191; width++) {
		/* "dir = " and the value: 197 characters or one more. */
		int size = snprintf(text, sizeof(text), "[index]\ndir = /%0*d\n", width, 7);
		if (width == 190) {
			struct settings *settings = load_text(home, text);
			assert_int_equal(strlen(settings_get(settings, "index", "dir")), 191);
			settings_free(settings);
		} else {
			check_refused(home, text, (size_t)size, "line 2: longer than 197 characters");
		}
	}
	/* The same where the rest would pass for a comment, and at the end of the file. */
	int size = snprintf(text, sizeof(text), "[index]\ndir = /%0192d;%0192d", 7, 7);
	check_refused(home, text, (size_t)size, "line 2: longer than 197 characters");
	size = snprintf(text, sizeof(text), "# %0300d\n", 7);
	check_refused(home, text, (size_t)size, "line 1: longer than 197 characters");
}

static void test_refuses_a_nul_byte(void **state)
{
	static const char text[] = "[index]\ndir = /srv\0/index\n";
	check_refused(*state, text, sizeof(text) - 1, "line 2: holds a NUL byte");
}

static void test_refuses_a_file_that_is_too_large(void **state)
{
	struct home *home = *state;
	enum { SIZE = (1 << 20) + 1 };
	CLEANUP(free_at) char *text = memory_alloc(SIZE, 1);
	CLEANUP(free_at)
	char *expected = memory_format("configuration %s: more than 1048576 bytes", home->file);
	memset(text, '\n', SIZE);
	write_bytes(home->file, text, SIZE);
	assert_null(settings_load(home->file, &home->err));
	assert_int_equal(home->err.code, ERROR_OVER_LIMIT);
	assert_string_equal(home->err.text, expected);
}

/* ---- Which file ---- */

static void write_index(const char *path, const char *directory)
{
	CLEANUP(free_at) char *text = memory_format("[index]\ndir = %s\n", directory);
	write_bytes(path, text, strlen(text));
}

static void assert_loaded(const char *named, const char *expected)
{
	struct error err = ERROR_INIT;
	struct settings *settings = settings_load(named, &err);
	assert_string_equal(err.text, "");
	assert_setting(settings, "index", "dir", expected);
	settings_free(settings);
}

static char *make_folders(const char *base, const char *folders)
{
	char *path = memory_format("%s/%s", base, folders);
	for (char *slash = path + strlen(base) + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
	return path;
}

static void test_named_beats_environment_beats_default(void **state)
{
	struct home *home = *state;
	assert_loaded(NULL, NULL);
	CLEANUP(free_at) char *in_home = make_folders(home->path, ".config/layerproof/layerproof.conf");
	write_index(in_home, "/in/home");
	assert_loaded(NULL, "/in/home");
	CLEANUP(free_at) char *in_xdg = make_folders(home->path, "xdg/layerproof/layerproof.conf");
	CLEANUP(free_at) char *xdg = memory_format("%s/xdg", home->path);
	setenv("XDG_CONFIG_HOME", xdg, 1);
	assert_loaded(NULL, NULL); /* the home's is not looked for then */
	write_index(in_xdg, "/in/xdg");
	assert_loaded(NULL, "/in/xdg");
	CLEANUP(free_at) char *in_environment = make_folders(home->path, "environment.conf");
	write_index(in_environment, "/in/environment");
	setenv("LAYERPROOF_CONFIG", in_environment, 1);
	assert_loaded(NULL, "/in/environment");
	write_index(home->file, "/named");
	assert_loaded(home->file, "/named");
	/* What names nothing is as if it were not there. */
	setenv("LAYERPROOF_CONFIG", "", 1);
	assert_loaded(NULL, "/in/xdg");
	setenv("XDG_CONFIG_HOME", "", 1);
	assert_loaded(NULL, "/in/home");
	setenv("XDG_CONFIG_HOME", "relative", 1);
	assert_loaded(NULL, "/in/home");
	unsetenv("HOME");
	assert_loaded(NULL, NULL);
}

static void check_unreadable(const char *named, const char *why)
{
	struct error err = ERROR_INIT;
	assert_null(settings_load(named, &err));
	assert_int_equal(err.code, ERROR_SYSTEM);
	assert_string_equal(err.text, why);
}

static void test_a_file_that_was_named_must_be_there(void **state)
{
	(void)state;
	check_unreadable("/nowhere/a.conf", "configuration /nowhere/a.conf: No such file or directory");
	check_unreadable("", "configuration : No such file or directory");
	check_unreadable("/", "configuration /: reading: Is a directory");
	setenv("LAYERPROOF_CONFIG", "/nowhere/b.conf", 1);
	check_unreadable(NULL, "configuration /nowhere/b.conf: No such file or directory");
}

static void test_a_default_that_cannot_be_read_is_no_missing_one(void **state)
{
	struct home *home = *state;
	CLEANUP(free_at) char *loop = make_folders(home->path, ".config/layerproof/layerproof.conf");
	assert_int_equal(symlink("layerproof.conf", loop), 0);
	CLEANUP(free_at)
	char *expected = memory_format("configuration %s: Too many levels of symbolic links", loop);
	check_unreadable(NULL, expected);
	/* A file where a folder should be: there is no configuration. */
	setenv("XDG_CONFIG_HOME", "/dev/null", 1);
	assert_loaded(NULL, NULL);
}

/* ---- The index ---- */

static void assert_index(const struct settings *settings, const char *flag, const char *expected)
{
	struct error err = ERROR_INIT;
	CLEANUP(free_at) char *directory = settings_index_directory(settings, flag, &err);
	assert_string_equal(err.text, "");
	assert_string_equal(directory, expected);
}

static void test_the_index_by_flag_environment_file_and_default(void **state)
{
	struct home *home = *state;
	struct settings *none = load_text(home, "");
	struct settings *empty = load_text(home, "[index]\ndir =\n");
	struct settings *file = load_text(home, "[index]\ndir = /in/file\n");
	CLEANUP(free_at) char *in_home = memory_format("%s/.local/share/layerproof/index", home->path);
	assert_index(none, NULL, in_home);
	assert_index(empty, NULL, in_home);
	setenv("XDG_DATA_HOME", "/in/xdg", 1);
	assert_index(none, NULL, "/in/xdg/layerproof/index");
	assert_index(file, NULL, "/in/file");
	setenv("LAYERPROOF_INDEX", "/in/environment", 1);
	assert_index(file, NULL, "/in/environment");
	assert_index(file, "by/flag", "by/flag");
	setenv("LAYERPROOF_INDEX", "", 1);
	assert_index(file, NULL, "/in/file");
	setenv("XDG_DATA_HOME", "relative", 1);
	assert_index(none, NULL, in_home);
	settings_free(none);
	settings_free(empty);
	settings_free(file);
}

static void test_numbers(void **state)
{
	struct settings *settings = load_text(*state, "[network]\nidle_seconds = 7\n"
												  "connect_seconds = 10s\nrequest_seconds = 61\n");
	struct error err = ERROR_INIT;
	long number = -5;
	assert_int_equal(settings_get_number(settings, "check", "jobs", 1, 9, &number, &err), 0);
	assert_int_equal(number, -5);
	assert_int_equal(settings_get_number(settings, "network", "idle_seconds", 7, 7, &number, &err),
					 0);
	assert_int_equal(number, 7);
	assert_int_equal(
		settings_get_number(settings, "network", "request_seconds", 1, 60, &number, &err), -1);
	assert_int_equal(err.code, ERROR_USAGE);
	assert_string_equal(err.text, "configuration: [network] request_seconds is a whole number from "
								  "1 to 60, not \"61\"");
	assert_int_equal(
		settings_get_number(settings, "network", "connect_seconds", 1, 60, &number, &err), -1);
	assert_int_equal(number, 7);
	settings_free(settings);
}

static void test_an_index_that_nothing_names(void **state)
{
	struct settings *settings = load_text(*state, "");
	struct error err = ERROR_INIT;
	assert_null(settings_index_directory(settings, "", &err));
	assert_int_equal(err.code, ERROR_USAGE);
	assert_string_equal(err.text, "--index: no directory is named");
	setenv("HOME", "", 1);
	assert_null(settings_index_directory(settings, NULL, &err));
	assert_int_equal(err.code, ERROR_USAGE);
	assert_string_equal(err.text, "no home directory: name the index with --index DIR");
	unsetenv("HOME");
	assert_null(settings_index_directory(settings, NULL, &err));
	settings_free(settings);
}

#define SETTINGS_TEST(test) cmocka_unit_test_setup_teardown(test, make_home, remove_home)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SETTINGS_TEST(test_knows_every_key),
		SETTINGS_TEST(test_a_key_may_stand_several_times),
		SETTINGS_TEST(test_an_indented_line_may_stand_for_itself),
		SETTINGS_TEST(test_a_word_on_an_indented_line_is_one_more_value),
		SETTINGS_TEST(test_comments_blanks_and_line_ends),
		SETTINGS_TEST(test_a_key_without_a_value_counts_as_not_there),
		SETTINGS_TEST(test_refuses_what_it_does_not_know),
		SETTINGS_TEST(test_refuses_a_line_that_would_be_cut),
		SETTINGS_TEST(test_refuses_a_nul_byte),
		SETTINGS_TEST(test_refuses_a_file_that_is_too_large),
		SETTINGS_TEST(test_named_beats_environment_beats_default),
		SETTINGS_TEST(test_a_file_that_was_named_must_be_there),
		SETTINGS_TEST(test_a_default_that_cannot_be_read_is_no_missing_one),
		SETTINGS_TEST(test_the_index_by_flag_environment_file_and_default),
		SETTINGS_TEST(test_an_index_that_nothing_names),
		SETTINGS_TEST(test_numbers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
