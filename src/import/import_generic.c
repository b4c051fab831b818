/*
 * import_generic: files of no known tool: the fields stand in the columns or members of their own
 * names, or where --map says.
 */
#include "import_format.h"

const struct import_format import_format_json = {
	.name = "json",
	.title = "JSON: an array, objects one after the other, or a list in an object",
	.encoding = IMPORT_JSON,
};

const struct import_format import_format_csv = {
	.name = "csv",
	.title = "CSV with a header row",
	.encoding = IMPORT_CSV,
};
