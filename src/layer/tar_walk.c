#include "tar_walk.h"

#include <inttypes.h>
#include <string.h>

#include "layerproof/interrupt.h"
#include "layerproof/limits.h"
#include "path_set.h"
#include "tar_content.h"
#include "tar_stream.h"

struct walker {
	const struct tar_walk_options *options;
	struct tar_stream stream;
	struct path_set paths;
	struct digest_stream *file; /* NULL: files are not hashed */
	int64_t hashed;             /* bytes of files */
	int64_t holes;              /* of them, that the tar does not hold */
	struct tar_walk *out;
};

static bool is_os_release(struct archive_entry *entry, const char *name)
{
	if (strcmp(name, "etc/os-release") != 0 && strcmp(name, "usr/lib/os-release") != 0)
		return false;
	return archive_entry_filetype(entry) == AE_IFREG || archive_entry_filetype(entry) == AE_IFLNK;
}

static void note_oddities(struct walker *self, struct archive_entry *entry, const char *name)
{
	bool is_directory = archive_entry_filetype(entry) == AE_IFDIR;
	if (path_set_is_repeated(&self->paths, name, is_directory))
		self->out->oddities |= LAYER_DUPLICATE_PATH;
	if (tar_stream_is_in_conflict(&self->stream, entry))
		self->out->oddities |= LAYER_SIZE_CONFLICT;
}

static bool has_too_many_holes(struct walker *self, const struct tar_content *content)
{
	int64_t limit = self->options->hole_limit;
	return limit > 0 && content->holes > 0 && content->holes > limit - self->holes;
}

/* The holes of a sparse file cost no bytes of the tar: this is where a signal and the bounds take
 * hold of them. 1 when there are too many. */
static int hash_content(struct walker *self, struct tar_content *content, struct error *err)
{
	const uint8_t *bytes;
	size_t size;
	for (;;) {
		if (interrupt_requested())
			return error_set(err, ERROR_INTERRUPTED, "interrupted in tar entry %" PRIu64,
							 self->out->entries);
		if (tar_content_next(content, &bytes, &size, err) == -1)
			return -1;
		if (size == 0)
			break;
		if (has_too_many_holes(self, content))
			return 1;
		if ((int64_t)size > self->options->size_limit - self->hashed)
			return error_set(err, ERROR_OVER_LIMIT,
							 "tar entry %" PRIu64 ": files of more than %" PRId64 " bytes",
							 self->out->entries, self->options->size_limit);
		self->hashed += (int64_t)size;
		digest_stream_add(self->file, bytes, size);
	}
	self->holes += content->holes;
	return 0;
}

static int hash_file(struct walker *self, struct archive_entry *entry, const char *name,
					 struct error *err)
{
	struct tar_content content;
	struct layer_file file = {
		.path = name, .size = archive_entry_size(entry), .mode = archive_entry_perm(entry) & 07777};
	tar_content_begin(&content, &self->stream, file.size);
	digest_stream_start(self->file, DIGEST_SHA256);
	int left_out = hash_content(self, &content, err);
	if (left_out != 0) {
		self->out->unhashed_files += left_out == 1;
		return left_out == 1 ? 0 : -1;
	}
	digest_stream_finish(self->file, &file.digest);
	self->out->is_refused = self->options->on_file(self->options->context, &file, err) == -1;
	return self->out->is_refused ? -1 : 0;
}

static int look_at(struct walker *self, struct archive_entry *entry, struct error *err)
{
	struct tar_walk *out = self->out;
	out->entries++;
	const char *name = tar_stream_name(&self->stream, entry);
	if (strlen(name) > LIMIT_TAR_PATH)
		return error_set(err, ERROR_OVER_LIMIT,
						 "tar entry %" PRIu64 ": path of more than %" PRId64 " bytes", out->entries,
						 LIMIT_TAR_PATH);
	note_oddities(self, entry, name);
	if (is_os_release(entry, name))
		out->has_os_release = true;
	if (!tar_stream_is_file(entry))
		return 0;
	if (archive_entry_size(entry) > 0)
		out->content_files++;
	return self->file != NULL ? hash_file(self, entry, name, err) : 0;
}

static int walk(struct walker *self, struct error *err)
{
	struct archive_entry *entry;
	enum tar_stream_result result;
	while ((result = tar_stream_next(&self->stream, &entry, err)) == TAR_STREAM_ENTRY) {
		if (self->out->entries == self->options->entry_limit)
			return error_set(err, ERROR_OVER_LIMIT, "tar: more than %" PRIu64 " entries",
							 self->options->entry_limit);
		if (look_at(self, entry, err) == -1)
			return -1;
	}
	return result == TAR_STREAM_END ? tar_stream_finish(&self->stream, err) : -1;
}

int tar_walk_run(struct reader *tar, const struct tar_walk_options *options, struct tar_walk *out,
				 struct error *err)
{
	struct walker self = {.options = options, .out = out};
	*out = (struct tar_walk){.entries = 0};
	if (options->on_file != NULL)
		self.file = digest_stream_new();
	int result = tar_stream_open(&self.stream, tar, NULL, err);
	if (result == 0)
		result = walk(&self, err);
	if (self.stream.readers_differ)
		out->oddities |= LAYER_SIZE_CONFLICT;
	tar_stream_close(&self.stream);
	path_set_clear(&self.paths);
	digest_stream_free(self.file);
	return result;
}
