#include "layerproof/json_build.h"

#include <string.h>

#include "layerproof/memory.h"
#include "layerproof/text.h"

void json_build_text(json_t *object, const char *name, const char *text)
{
	if (text == NULL)
		return;
	json_t *value = json_string(text);
	if (value == NULL) {
		CLEANUP(free_at) char *valid = text_utf8(text, strlen(text));
		value = json_string(valid);
	}
	json_object_set_new(object, name, value);
}

void json_build_count(json_t *object, const char *name, json_int_t count)
{
	json_object_set_new(object, name, json_integer(count));
}

struct writing {
	struct buffer *out;
	struct error *err;
};

static int write_piece(const char *bytes, size_t size, void *context)
{
	struct writing *writing = context;
	return buffer_add(writing->out, bytes, size, writing->err);
}

int json_build_write(const json_t *value, struct buffer *out, struct error *err)
{
	struct writing writing = {.out = out, .err = err};
	if (json_dump_callback(value, write_piece, &writing, JSON_COMPACT | JSON_ENSURE_ASCII) != 0)
		return -1;
	return buffer_add(out, "\n", 1, err);
}
