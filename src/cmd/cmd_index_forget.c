/*
 * index forget: takes sources or images out of the index.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd_index.h"
#include "command.h"
#include "layerproof/clock.h"
#include "layerproof/index_forget.h"
#include "layerproof/limits.h"

int index_parse_age(const char *text, int64_t *out, struct error *err)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 604800}};
	char *end;
	errno = 0;
	long number = strtol(text, &end, 10);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (text[0] >= '0' && text[0] <= '9' && errno == 0 && number < 1000000 &&
			end[0] == units[i].unit && end[1] == '\0') {
			*out = number * units[i].seconds;
			return 0;
		}
	return error_set(err, ERROR_USAGE,
					 "--older-than is a whole number with s, m, h, d or w behind it, not \"%s\"",
					 text);
}

static int print_outcome(const struct index_request *request, const struct index_forgotten *gone)
{
	struct buffer out = BUFFER_INIT(LIMIT_KIB(64));
	struct error reason = ERROR_INIT;
	int written = buffer_add_format(
		&out, &reason,
		"%s: %llu sources, %llu images, %llu digests; %llu images stay, which others name\n",
		request->dry_run ? "would be forgotten" : "forgotten", (unsigned long long)gone->sources,
		(unsigned long long)gone->images, (unsigned long long)gone->digests,
		(unsigned long long)gone->still_named);
	int result = written != 0 ? command_fail(&reason) : command_print(&out);
	buffer_clear(&out);
	return result >= 0 ? result : EXIT_DONE;
}

/* A name that nothing has is a mistake of whoever typed it. */
static int refuse_nothing(const struct index_request *request)
{
	struct error reason = ERROR_INIT;
	error_set(&reason, ERROR_NOT_FOUND, "the index has no %s \"%s\"",
			  request->image != NULL ? "image" : "source",
			  request->image != NULL ? request->image : request->source);
	return command_fail(&reason);
}

int index_forget_from(struct index *index, const struct index_request *request)
{
	struct error reason = ERROR_INIT;
	struct digest digest;
	struct index_forgotten gone;
	struct index_selection selection = {
		.source = request->source,
		.has_before = request->has_age,
		.before = clock_now() - request->age,
		.image = request->image,
		.memory = request->memory,
	};
	struct error ignored = ERROR_INIT;
	if (request->image != NULL && digest_parse(request->image, &digest, &ignored) == 0)
		selection.digest = &digest;
	if (index_forget(index, &selection, request->dry_run, &gone, &reason) != 0)
		return command_fail(&reason);
	if (gone.sources + gone.images == 0 && !request->has_age)
		return refuse_nothing(request);
	return print_outcome(request, &gone);
}
