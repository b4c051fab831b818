/*
 * index: looks after the index.
 */
#include "cmd_index.h"

#include <stdlib.h>
#include <string.h>

#include "rows.h"

enum {
	OPTION_JSON = OPTION_FIRST,
	OPTION_ORIGIN,
	OPTION_SOURCE,
	OPTION_NAME,
	OPTION_WITHOUT_LAYERS,
	OPTION_DIGEST,
	OPTION_IMAGE,
	OPTION_OLDER_THAN,
	OPTION_MEMORY,
	OPTION_DRY_RUN,
	OPTION_NO_WAIT,
};

static const struct option_row options[] = {
	{"json", no_argument, OPTION_JSON, NULL, "print JSON"},
	{"origin", required_argument, OPTION_ORIGIN, "ours|public|third_party|unknown",
	 "list: images of this origin"},
	{"source", required_argument, OPTION_SOURCE, "NAME", "list: images it names; forget: it"},
	{"name", required_argument, OPTION_NAME, "PATTERN", "list: images with such a name"},
	{"without-layers", no_argument, OPTION_WITHOUT_LAYERS, NULL,
	 "list: images whose layers are not known"},
	{"digest", required_argument, OPTION_DIGEST, "DIGEST", "list: images that hold this digest"},
	{"image", required_argument, OPTION_IMAGE, "NAME|DIGEST", "forget: this image"},
	{"older-than", required_argument, OPTION_OLDER_THAN, "AGE",
	 "forget: sources imported before; 90d, 12h"},
	{"memory", required_argument, OPTION_MEMORY, "N[K|M|G]",
	 "forget: hold that much (default 128M)"},
	{"dry-run", no_argument, OPTION_DRY_RUN, NULL, "forget: only say what would go"},
	{"no-wait", no_argument, OPTION_NO_WAIT, NULL, "forget: fail at once if another writes"},
};

/* One bit for each option that a subcommand takes. */
#define TAKES(id) (1u << ((id)-OPTION_FIRST))

static const struct subcommand {
	const char *name;
	const char *operand; /* NULL: it takes none */
	unsigned takes;
	int (*read)(struct index_snapshot *snapshot, const struct index_request *request);
	int (*work)(struct index *index, const struct index_request *request);
	int (*look)(const char *directory, const struct index_request *request);
} subcommands[] = {
	{"stat", NULL, TAKES(OPTION_JSON), .read = index_stat},
	{"list", NULL,
	 TAKES(OPTION_JSON) | TAKES(OPTION_ORIGIN) | TAKES(OPTION_SOURCE) | TAKES(OPTION_NAME) |
		 TAKES(OPTION_WITHOUT_LAYERS) | TAKES(OPTION_DIGEST),
	 .read = index_list},
	{"show", "DIGEST", TAKES(OPTION_JSON), .read = index_show},
	{"verify", NULL, TAKES(OPTION_JSON), .look = index_check},
	{"export", NULL, 0, .read = index_export},
	{"forget", NULL,
	 TAKES(OPTION_SOURCE) | TAKES(OPTION_IMAGE) | TAKES(OPTION_OLDER_THAN) | TAKES(OPTION_DRY_RUN) |
		 TAKES(OPTION_MEMORY) | TAKES(OPTION_NO_WAIT),
	 .work = index_forget_from},
	{"copy", "DIR", 0, .work = index_copy_to},
};

#define SUBCOMMANDS "stat, list, show, verify, export, forget and copy"

struct parsing {
	struct index_request request;
	unsigned given; /* options, a bit each */
};

static int take(void *state, int id, const char *value, struct error *err)
{
	struct parsing *parsing = state;
	struct index_request *request = &parsing->request;
	parsing->given |= TAKES(id);
	switch (id) {
	case OPTION_JSON:
		request->json = true;
		break;
	case OPTION_ORIGIN:
		request->has_origin = true;
		if (origin_parse(value, &request->origin) != 0)
			return error_set(err, ERROR_USAGE,
							 "--origin is ours, public, third_party or unknown, not \"%s\"", value);
		break;
	case OPTION_SOURCE:
		request->source = value;
		break;
	case OPTION_NAME:
		request->name = value;
		break;
	case OPTION_WITHOUT_LAYERS:
		request->without_layers = true;
		break;
	case OPTION_DIGEST:
		request->digest = value;
		break;
	case OPTION_IMAGE:
		request->image = value;
		break;
	case OPTION_OLDER_THAN:
		request->has_age = true;
		return index_parse_age(value, &request->age, err);
	case OPTION_MEMORY:
		return options_parse_batch_memory(value, &request->memory, err);
	case OPTION_DRY_RUN:
		request->dry_run = true;
		break;
	case OPTION_NO_WAIT:
		request->no_wait = true;
		break;
	default:
		break;
	}
	return 0;
}

static const struct subcommand *find_subcommand(const char *name)
{
	for (size_t i = 0; i < sizeof(subcommands) / sizeof(subcommands[0]); i++)
		if (strcmp(subcommands[i].name, name) == 0)
			return &subcommands[i];
	return NULL;
}

/* The name of an option that was given and is not the subcommand's; NULL when there is none. */
static const char *find_stranger(const struct subcommand *subcommand, unsigned given)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if ((given & ~subcommand->takes & TAKES(options[i].id)) != 0)
			return options[i].name;
	return NULL;
}

/* Without opening it. */
static int look_at(const struct context *context, const struct subcommand *subcommand,
				   const struct index_request *request)
{
	struct error reason = ERROR_INIT;
	CLEANUP(free_at) char *directory = context_index_directory(context, &reason);
	return directory == NULL ? command_fail(&reason) : subcommand->look(directory, request);
}

static int run_subcommand(const struct context *context, const struct subcommand *subcommand,
						  struct index_request *request)
{
	struct error reason = ERROR_INIT;
	if (context_complete_bases(context, &request->complete_bases, &reason) != 0)
		return command_fail(&reason);
	if (subcommand->look != NULL)
		return look_at(context, subcommand, request);
	enum index_mode mode = INDEX_READ;
	if (subcommand->work == index_forget_from)
		mode = request->no_wait ? INDEX_WRITE_NOW : INDEX_WRITE;
	CLEANUP(index_close_at) struct index *index = context_open_index(context, mode, &reason);
	if (index == NULL)
		return command_fail(&reason);
	if (subcommand->work != NULL)
		return subcommand->work(index, request);
	CLEANUP(index_snapshot_end_at)
	struct index_snapshot *snapshot = index_snapshot_begin(index, &reason);
	return snapshot == NULL ? command_fail(&reason) : subcommand->read(snapshot, request);
}

static int run(struct context *context, const struct command *command, int argc, char **argv)
{
	struct parsing parsing = {.given = 0};
	int first;
	int parsed = options_parse(context, command, argc, argv, take, &parsing, &first);
	if (parsed >= 0)
		return parsed;
	if (first == argc)
		return command_usage(command, "one of " SUBCOMMANDS " is needed");
	const struct subcommand *subcommand = find_subcommand(argv[first]);
	if (subcommand == NULL)
		return command_usage(command, "there is no \"%s\"; there are " SUBCOMMANDS, argv[first]);
	int operands = argc - first - 1;
	if (operands != (subcommand->operand != NULL ? 1 : 0))
		return command_usage(command, "%s takes %s%s", subcommand->name,
							 subcommand->operand != NULL ? "one " : "no argument",
							 subcommand->operand != NULL ? subcommand->operand : "");
	const char *stranger = find_stranger(subcommand, parsing.given);
	if (stranger != NULL)
		return command_usage(command, "%s does not take --%s", subcommand->name, stranger);
	const struct index_request *asked = &parsing.request;
	bool has_source = asked->source != NULL || asked->has_age;
	if (subcommand->work == index_forget_from && has_source == (asked->image != NULL))
		return command_usage(command, "forget takes --source, --older-than or both, or --image");
	parsing.request.operand = subcommand->operand != NULL ? argv[first + 1] : NULL;
	return run_subcommand(context, subcommand, &parsing.request);
}

const struct command command_index = {
	.name = "index",
	.arguments = "stat|list|show|verify|export|forget|copy [DIGEST|DIR]",
	.summary = "Look after the index of internal images",
	.details = "stat        what is in it, counted\n"
			   "list        its images, one a line\n"
			   "show DIGEST all it knows of one digest; exit code 1 if that is nothing\n"
			   "verify      its records held against each other; exit code 1 names the damage\n"
			   "export      all that is in it, as JSON lines that import takes\n"
			   "forget      takes sources or an image out of it\n"
			   "copy DIR    the index as it is now, into a directory that has none",
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = run,
};
