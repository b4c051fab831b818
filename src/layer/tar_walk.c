#include "tar_walk.h"

#include <inttypes.h>
#include <string.h>

#include "layerproof/limits.h"
#include "tar_stream.h"

static bool is_os_release(struct archive_entry *entry, const char *name)
{
	if (strcmp(name, "etc/os-release") != 0 && strcmp(name, "usr/lib/os-release") != 0)
		return false;
	return archive_entry_filetype(entry) == AE_IFREG || archive_entry_filetype(entry) == AE_IFLNK;
}

static int look_at(struct archive_entry *entry, struct tar_walk *out, struct error *err)
{
	out->entries++;
	const char *name = tar_stream_name(entry);
	if (strlen(name) > LIMIT_TAR_PATH)
		return error_set(err, ERROR_OVER_LIMIT,
						 "tar entry %" PRIu64 ": path of more than %" PRId64 " bytes", out->entries,
						 LIMIT_TAR_PATH);
	if (tar_stream_is_file(entry) && archive_entry_size(entry) > 0)
		out->content_files++;
	if (is_os_release(entry, name))
		out->has_os_release = true;
	return 0;
}

static int walk(struct tar_stream *stream, uint64_t entry_limit, struct tar_walk *out,
				struct error *err)
{
	struct archive_entry *entry;
	enum tar_stream_result result;
	while ((result = tar_stream_next(stream, &entry, err)) == TAR_STREAM_ENTRY) {
		if (out->entries == entry_limit)
			return error_set(err, ERROR_OVER_LIMIT, "tar: more than %" PRIu64 " entries",
							 entry_limit);
		if (look_at(entry, out, err) == -1)
			return -1;
	}
	return result == TAR_STREAM_END ? tar_stream_finish(stream, err) : -1;
}

int tar_walk_run(struct reader *tar, uint64_t entry_limit, struct tar_walk *out, struct error *err)
{
	struct tar_stream stream;
	*out = (struct tar_walk){.entries = 0};
	int result = tar_stream_open(&stream, tar, NULL, err);
	if (result == 0)
		result = walk(&stream, entry_limit, out, err);
	tar_stream_close(&stream);
	return result;
}
