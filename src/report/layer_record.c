#include "layerproof/layer_record.h"

#include <stdio.h>
#include <string.h>

#include "json_writer.h"
#include "layer_flags.h"
#include "layerproof/base64.h"
#include "layerproof/memory.h"
#include "layerproof/text.h"

static const char *format_name(enum layer_format format)
{
	static const char *const names[] = {
		[LAYER_UNKNOWN] = "unknown", [LAYER_EMPTY] = "empty", [LAYER_TAR] = "tar",
		[LAYER_GZIP] = "gzip",       [LAYER_ZSTD] = "zstd",
	};
	return names[format];
}

static bool is_decoded(const struct layer_result *result)
{
	return result->decode_error.code == ERROR_NONE && result->format != LAYER_UNKNOWN;
}

size_t layer_record_problems(const struct layer_result *result, const struct error *failure,
							 struct layer_problem out[static LAYER_PROBLEMS])
{
	const struct error *decoding = &result->decode_error;
	size_t count = 0;
	if (failure->code != ERROR_NONE)
		out[count++] = (struct layer_problem){"blob", failure};
	/* A blob that fails hands its error on to the decoder. */
	if (decoding->code != ERROR_NONE && strcmp(decoding->text, failure->text) != 0)
		out[count++] = (struct layer_problem){"blob", decoding};
	if (is_decoded(result) && result->walk_error.code != ERROR_NONE)
		out[count++] = (struct layer_problem){"tar", &result->walk_error};
	return count;
}

bool layer_record_is_damaged(const struct layer_result *result, const struct error *failure)
{
	struct layer_problem problems[LAYER_PROBLEMS];
	size_t count = layer_record_problems(result, failure, problems);
	bool is_of_another_kind = result->format == LAYER_UNKNOWN &&
							  result->decode_error.code == ERROR_UNSUPPORTED;
	return count > (is_of_another_kind ? 1U : 0U);
}

/* Only what holds for the whole is said: how far a reader came before it gave up is no property of
 * the blob. */
static void add_content(struct json_writer *writer, const struct layer_result *result)
{
	bool is_empty = layer_is_empty(result);
	if (!is_decoded(result))
		return;
	if (result->members > 0)
		json_writer_number(writer, "members", (int64_t)result->members);
	json_writer_digest(writer, "diff_id", &result->diff_id);
	json_writer_number(writer, "uncompressed", result->uncompressed);
	if (result->walk_error.code == ERROR_NONE)
		json_writer_number(writer, "entries", (int64_t)result->entries);
	if (is_empty || result->content_files > 0)
		json_writer_bool(writer, "empty", is_empty);
	layer_flags_write(writer, result->oddities, false);
}

static void add_problems(struct json_writer *writer, const struct layer_problem *problems,
						 size_t count)
{
	if (count == 0)
		return;
	json_writer_begin_array(writer, "errors");
	for (size_t i = 0; i < count; i++) {
		json_writer_begin_object(writer, NULL);
		json_writer_text(writer, "code", error_code_name(problems[i].error->code));
		json_writer_text(writer, "where", problems[i].where);
		json_writer_printable(writer, "message", problems[i].error->text);
		json_writer_end_object(writer);
	}
	json_writer_end_array(writer);
}

int layer_record_write(const struct layer_result *result, const struct error *failure,
					   struct buffer *out, struct error *err)
{
	struct json_writer writer = {.out = out, .err = err};
	struct layer_problem problems[LAYER_PROBLEMS];
	size_t count = layer_record_problems(result, failure, problems);
	json_writer_begin_object(&writer, NULL);
	json_writer_digest(&writer, "digest", &result->digest);
	if (failure->code == ERROR_NONE)
		json_writer_number(&writer, "size", result->size);
	json_writer_text(&writer, "format", format_name(result->format));
	add_content(&writer, result);
	add_problems(&writer, problems, count);
	json_writer_end_object(&writer);
	return json_writer_end_line(&writer);
}

/* Any bytes may be a path. What JSON cannot hold is shown as U+FFFD there, and then stands beside
 * it as it is: two paths are never one. */
static void add_path(struct json_writer *writer, const char *path)
{
	size_t size = strlen(path);
	CLEANUP(free_at) char *valid = text_utf8(path, size);
	json_writer_text(writer, "path", valid);
	if (strcmp(valid, path) == 0)
		return;
	CLEANUP(free_at) char *encoded = memory_alloc(BASE64_ENCODED_ROOM(size), 1);
	base64_encode(BASE64_STANDARD, path, size, encoded);
	json_writer_text(writer, "path_base64", encoded);
}

int layer_record_write_file(const struct layer_file *file, struct buffer *out, struct error *err)
{
	struct json_writer writer = {.out = out, .err = err};
	char mode[16];
	char digest[DIGEST_TEXT_SIZE];
	snprintf(mode, sizeof(mode), "%04o", (unsigned)file->mode);
	digest_format(&file->digest, digest);
	json_writer_begin_object(&writer, NULL);
	add_path(&writer, file->path);
	json_writer_number(&writer, "size", file->size);
	json_writer_text(&writer, "mode", mode);
	/* The name says the algorithm: bare hex, as sha256sum(1) prints it. */
	json_writer_text(&writer, "sha256", strchr(digest, ':') + 1);
	json_writer_end_object(&writer);
	return json_writer_end_line(&writer);
}
