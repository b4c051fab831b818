/*
 * index copy: the index as it is now, into another directory.
 */
#include "cmd_index.h"
#include "command.h"

int index_copy_to(struct index *index, const struct index_request *request)
{
	struct error reason = ERROR_INIT;

	return index_copy(index, request->operand, &reason) != 0 ? command_fail(&reason) : EXIT_DONE;
}
