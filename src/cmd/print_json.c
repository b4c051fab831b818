#include "print_json.h"

#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "layerproof/text.h"

void print_json_set_text(json_t *object, const char *name, const char *text)
{
	if (text == NULL)
		return;
	CLEANUP(free_at) char *valid = text_utf8(text, strlen(text));
	json_object_set_new(object, name, json_string(valid));
}

int print_json_line(const json_t *value, struct buffer *out, struct error *err)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_ENSURE_ASCII);
	int result = buffer_add_format(out, err, "%s\n", text);
	free(text);
	return result;
}

int print_json(json_t *value)
{
	struct buffer out = BUFFER_INIT(LIMIT_FINDING_SIZE);
	struct error reason = ERROR_INIT;
	int written = print_json_line(value, &out, &reason);
	json_decref(value);
	int result = written != 0 ? command_fail(&reason) : command_print(&out);
	buffer_clear(&out);
	return result >= 0 ? result : EXIT_DONE;
}
