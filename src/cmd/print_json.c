#include "print_json.h"

#include "command.h"
#include "layerproof/limits.h"

int print_json(json_t *value)
{
	struct buffer out = BUFFER_INIT(LIMIT_FINDING_SIZE);
	struct error reason = ERROR_INIT;
	int written = json_build_write(value, &out, &reason);
	json_decref(value);
	int result = written != 0 ? command_fail(&reason) : command_print(&out);
	buffer_clear(&out);
	return result >= 0 ? result : EXIT_DONE;
}
