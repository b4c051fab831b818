#include "command.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>

#include "layerproof/interrupt.h"
#include "layerproof/log.h"

int command_fail(const struct error *err)
{
	/* Who pressed the key knows why it ended. */
	if (err->code == ERROR_INTERRUPTED && interrupt_exit_code() != 0)
		return interrupt_exit_code();
	log_error("%s", err->text);
	return EXIT_FAILED;
}

int command_usage(const struct command *command, const char *format, ...)
{
	char text[ERROR_TEXT_SIZE];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (command == NULL)
		log_error("%s (see layerproof --help)", text);
	else
		log_error("%s: %s (see layerproof %s --help)", command->name, text, command->name);
	return EXIT_FAILED;
}

int command_flush(void)
{
	struct error reason = ERROR_INIT;
	if (fflush(stdout) == 0 && ferror(stdout) == 0)
		return -1;
	if (errno == EPIPE) {
		/* The reader has gone: end as a pipe's writer does. */
		signal(SIGPIPE, SIG_DFL);
		raise(SIGPIPE);
	}
	error_set_errno(&reason, "standard output");
	return command_fail(&reason);
}

int command_print(const struct buffer *buffer)
{
	if (buffer->size > 0)
		fwrite(buffer->bytes, 1, buffer->size, stdout);
	return command_flush();
}
