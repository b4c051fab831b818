#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "child_process.h"
#include "layerproof/log.h"

/* A socket of packets in the place of standard error: each write(2) is one packet. */
struct capture {
	int ends[2];
	int standard_error;
	char packet[8192];
};

static void capture_begin(struct capture *capture)
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, capture->ends), 0);
	assert_int_equal(fcntl(capture->ends[0], F_SETFL, O_NONBLOCK), 0);
	capture->standard_error = dup(STDERR_FILENO);
	dup2(capture->ends[1], STDERR_FILENO);
	close(capture->ends[1]);
}

static void capture_end(struct capture *capture)
{
	dup2(capture->standard_error, STDERR_FILENO);
	close(capture->standard_error);
	close(capture->ends[0]);
}

/* What the next write(2) wrote; "" when there was none. */
static const char *next_packet(struct capture *capture)
{
	ssize_t size = recv(capture->ends[0], capture->packet, sizeof(capture->packet) - 1, 0);
	capture->packet[size < 0 ? 0 : size] = '\0';
	return capture->packet;
}

static void say_around(void *context)
{
	const char *text = context;
	ssize_t written = write(STDERR_FILENO, text, strlen(text));
	assert_int_equal(written, strlen(text));
}

static void test_a_frame_stands_around_each_line(void **state)
{
	(void)state;
	char around[] = "around";
	struct capture capture;
	capture_begin(&capture);
	log_set_frame(say_around, say_around, around);
	log_error("one");
	log_verbose("not said");
	log_set_frame(NULL, NULL, NULL);
	log_error("two");
	assert_string_equal(next_packet(&capture), "around");
	assert_string_equal(next_packet(&capture), "layerproof: one\n");
	assert_string_equal(next_packet(&capture), "around");
	assert_string_equal(next_packet(&capture), "layerproof: two\n");
	assert_string_equal(next_packet(&capture), "");
	capture_end(&capture);
}

static void say_everything(void)
{
	log_error("%s", "error");
	log_warning("%s", "warned");
	log_note("%s", "note");
	log_verbose("%s", "verbose");
	log_debug("%s", "debugged");
}

static const char *const LINES[] = {
	"layerproof: error\n",   "layerproof: warning: warned\n", "layerproof: note\n",
	"layerproof: verbose\n", "layerproof: debug: debugged\n",
};

struct level {
	enum log_level level;
	size_t lines; /* the first so many of LINES */
};

static const struct level LEVELS[] = {
	{LOG_QUIET, 1}, {LOG_NORMAL, 3}, {LOG_VERBOSE, 4}, {LOG_DEBUG, 5}, {(enum log_level)3, 5},
};

static void test_says_what_the_level_asks_for(void **state)
{
	(void)state;
	struct capture capture;
	assert_int_equal(log_get_level(), LOG_NORMAL);
	for (size_t i = 0; i < sizeof(LEVELS) / sizeof(LEVELS[0]); i++) {
		capture_begin(&capture);
		log_set_level(LEVELS[i].level);
		assert_int_equal(log_get_level(), LEVELS[i].level);
		say_everything();
		for (size_t line = 0; line < LEVELS[i].lines; line++)
			assert_string_equal(next_packet(&capture), LINES[line]);
		assert_string_equal(next_packet(&capture), "");
		capture_end(&capture);
	}
	log_set_level(LOG_NORMAL);
}

struct shown {
	const char *text;
	const char *line;
};

static const struct shown SHOWN[] = {
	{"", "layerproof: \n"},
	{"a\nlayerproof: b\n", "layerproof: a\\x0alayerproof: b\\x0a\n"},
	{"\x1b]0;title\x07\t\x7f", "layerproof: \\x1b]0;title\\x07\\x09\\x7f\n"},
	{"\xC2\x9B"
	 "31m",
	 "layerproof: \\xc2\\x9b31m\n"},
	{"\x9B"
	 "31m",
	 "layerproof: \\x9b31m\n"},
	{"\xE2\x80\xAEgnp.exe", "layerproof: \\xe2\\x80\\xaegnp.exe\n"},
	{"na\xC3\xAFve", "layerproof: na\xC3\xAFve\n"},
};

static void test_shows_nothing_that_steers_a_terminal(void **state)
{
	(void)state;
	struct capture capture;
	capture_begin(&capture);
	for (size_t i = 0; i < sizeof(SHOWN) / sizeof(SHOWN[0]); i++) {
		log_note("%s", SHOWN[i].text);
		assert_string_equal(next_packet(&capture), SHOWN[i].line);
	}
	capture_end(&capture);
}

static void test_a_line_is_one_write_however_long(void **state)
{
	(void)state;
	enum { ROOM = 5000, KEPT = 2047, PREFIX = sizeof("layerproof: ") - 1 };
	char text[ROOM];
	struct capture capture;
	capture_begin(&capture);
	memset(text, 'a', ROOM - 1);
	text[ROOM - 1] = '\0';
	log_error("%s", text);
	assert_int_equal(strlen(next_packet(&capture)), PREFIX + KEPT + 1);
	assert_int_equal(capture.packet[PREFIX + KEPT], '\n');
	/* Not within a character. */
	memcpy(text + KEPT - 1, "\xC3\xA9", 2);
	log_error("%s", text);
	assert_int_equal(strlen(next_packet(&capture)), PREFIX + KEPT - 1 + 1);
	/* Escaped, it would be four times as long: what a pipe takes whole is the most. */
	memset(text, '\x1b', ROOM - 1);
	log_error("%s", text);
	size_t size = strlen(next_packet(&capture));
	assert_in_range(size, 4090, 4096);
	assert_string_equal(capture.packet + size - 5, "\\x1b\n");
	assert_string_equal(next_packet(&capture), "");
	capture_end(&capture);
}

static void test_leaves_errno_alone(void **state)
{
	(void)state;
	int standard_error = dup(STDERR_FILENO);
	close(STDERR_FILENO);
	errno = ENOENT;
	log_error("nobody hears this");
	int after = errno;
	dup2(standard_error, STDERR_FILENO);
	close(standard_error);
	assert_int_equal(after, ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_frame_stands_around_each_line),
		cmocka_unit_test(test_says_what_the_level_asks_for),
		cmocka_unit_test(test_shows_nothing_that_steers_a_terminal),
		cmocka_unit_test(test_a_line_is_one_write_however_long),
		cmocka_unit_test(test_leaves_errno_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
