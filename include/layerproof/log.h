/*
 * log: the only writer of standard error. "layerproof: WHAT: WHY", one line each.
 *
 * Text that could steer a terminal is shown as \xNN (text_printable() says which), and a text of
 * more than 2047 bytes is cut. Safe from any thread: a line is written by one write(2). errno stays
 * as it was.
 */
#ifndef LAYERPROOF_LOG_H
#define LAYERPROOF_LOG_H

enum log_level {
	LOG_QUIET = -1,  /* -q: errors only */
	LOG_NORMAL = 0,  /* errors, warnings, notes */
	LOG_VERBOSE = 1, /* -v: what is being done */
	LOG_DEBUG = 2,   /* -vv: requests and answers, secrets blanked */
};

void log_set_level(enum log_level level);
enum log_level log_get_level(void);

/* What is done before and after each line, from whichever thread writes it: for who else writes to
 * the terminal. NULL: nothing. Not to be set while other threads may write. */
void log_set_frame(void (*before)(void *context), void (*after)(void *context), void *context);

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_verbose(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
