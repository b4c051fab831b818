/*
 * index verify: every record of the index held against the others.
 */
#include "cmd_index.h"
#include "command.h"
#include "layerproof/index_verify.h"
#include "layerproof/limits.h"
#include "print_json.h"

enum { DAMAGES_SHOWN = 1000 };

struct verifying {
	json_t *json; /* the damages as a list; NULL for people */
	uint64_t damages;
	int exit_code; /* why it ended early */
};

static int print_damage(const char *text)
{
	struct buffer out = BUFFER_INIT(LIMIT_KIB(64));
	struct error reason = ERROR_INIT;
	int result = buffer_add_format(&out, &reason, "damage: %s\n", text) != 0 ? command_fail(&reason)
																			 : command_print(&out);
	buffer_clear(&out);
	return result;
}

static int on_damage(void *context, const char *text)
{
	struct verifying *verifying = context;
	if (++verifying->damages > DAMAGES_SHOWN)
		return 0;
	if (verifying->json != NULL) {
		json_array_append_new(verifying->json, json_string(text));
		return 0;
	}
	verifying->exit_code = print_damage(text);
	return verifying->exit_code >= 0;
}

static int print_summary(const struct index_verification *found)
{
	struct buffer out = BUFFER_INIT(LIMIT_KIB(64));
	struct error reason = ERROR_INIT;
	int written = 0;
	if (found->damages > DAMAGES_SHOWN)
		written = buffer_add_format(&out, &reason, "and %llu more damages\n",
									(unsigned long long)(found->damages - DAMAGES_SHOWN));
	if (written == 0)
		written = buffer_add_format(
			&out, &reason,
			"looked at: %llu images, %llu digests, %llu postings, %llu stacks, %llu names, "
			"%llu sources\n",
			(unsigned long long)found->images, (unsigned long long)found->digests,
			(unsigned long long)found->postings, (unsigned long long)found->stacks,
			(unsigned long long)found->names, (unsigned long long)found->sources);
	if (written == 0)
		written = found->damages == 0
					  ? buffer_add_format(&out, &reason, "all sound\n")
					  : buffer_add_format(&out, &reason,
										  "%llu damages: import the exports again into a new "
										  "directory\n",
										  (unsigned long long)found->damages);
	int result = written != 0 ? command_fail(&reason) : command_print(&out);
	buffer_clear(&out);
	return result >= 0 ? result : EXIT_DONE;
}

static int print_record(const struct index_verification *found, json_t *damages)
{
	return print_json(json_pack("{sI sI sI sI sI sI sI sO}", "images", (json_int_t)found->images,
								"digests", (json_int_t)found->digests, "postings",
								(json_int_t)found->postings, "stacks", (json_int_t)found->stacks,
								"names", (json_int_t)found->names, "sources",
								(json_int_t)found->sources, "damage_count",
								(json_int_t)found->damages, "damages", damages));
}

static int verify(const char *directory, struct verifying *verifying)
{
	struct index_verification found;
	struct error reason = ERROR_INIT;
	int result = index_verify(directory, on_damage, verifying, &found, &reason);
	if (verifying->exit_code >= 0)
		return verifying->exit_code;
	if (result != 0)
		return command_fail(&reason);
	result = verifying->json != NULL ? print_record(&found, verifying->json)
									 : print_summary(&found);
	return result == EXIT_DONE && found.damages > 0 ? EXIT_HOLDS : result;
}

int index_check(const char *directory, const struct index_request *request)
{
	struct verifying verifying = {.json = request->json ? json_array() : NULL, .exit_code = -1};
	int result = verify(directory, &verifying);
	json_decref(verifying.json);
	return result;
}
