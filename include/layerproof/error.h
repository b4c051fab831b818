/*
 * error: why a call failed, in a fixed-size value owned by the caller.
 *
 * Contract of every function of the project that takes a `struct error *` (always the last
 * parameter, never NULL): on success it returns 0 (or a pointer) and leaves the error untouched;
 * on failure it returns -1 (or NULL) and sets it. Callers add context on the way up, so the text
 * reads from the outermost thing to the innermost reason: "FILE: line 3: digest: not hexadecimal".
 */
#ifndef LAYERPROOF_ERROR_H
#define LAYERPROOF_ERROR_H

#include <stdint.h>

enum error_code {
	ERROR_NONE = 0,
	ERROR_USAGE,         /* the user asked for something that cannot be meant */
	ERROR_SYSTEM,        /* the operating system refused: file, permission, disk */
	ERROR_MALFORMED,     /* bytes that break the rules of their format */
	ERROR_BAD_REFERENCE, /* text that is no image reference */
	ERROR_NOT_FOUND,     /* the other side answered that it has no such thing */
	ERROR_DENIED,        /* the other side answered that we may not have it */
	ERROR_RATE_LIMITED,  /* the other side asked us to come back later */
	ERROR_UNREACHABLE,   /* no usable answer: name, connection, TLS, time-out, 5xx */
	ERROR_OVER_LIMIT,    /* a bound of limits.h was passed */
	ERROR_UNSUPPORTED,   /* legal, but of a kind that is not read */
	ERROR_TAMPERED,      /* bytes that do not hash to what was declared */
	ERROR_INTERRUPTED,   /* a signal asked the run to end */
	ERROR_CODE_COUNT
};

enum { ERROR_TEXT_SIZE = 512 };

struct error {
	enum error_code code;
	char text[ERROR_TEXT_SIZE]; /* always terminated; cut at the end when too long */
	int64_t retry_at; /* seconds since 1970 from which on another try may do better; 0: not known */
};

#define ERROR_INIT                                                                                 \
	{                                                                                              \
		.code = ERROR_NONE, .text = ""                                                             \
	}

/* Sets code and text, and forgets `retry_at`; returns -1, so that a caller can `return
 * error_set(...)`. */
int error_set(struct error *err, enum error_code code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same with ": strerror(errno)" behind the text and the code ERROR_SYSTEM. */
int error_set_errno(struct error *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Puts "context: " before the text; keeps the rest; returns -1. */
int error_add_context(struct error *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The code as findings print it: "not_found", "over_limit"... Never NULL. */
const char *error_code_name(enum error_code code);

#endif
