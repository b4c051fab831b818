/*
 * fuzz_tar_walk: any bytes as the tar of a layer, each file hashed. What is found must not depend
 * on how the bytes come, and must be consistent with itself.
 */
#include <string.h>

#include "chunk_target.h"
#include "layer/tar_walk.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FILES_MOST = 64, ENTRIES_MOST = 1000, HASHED_MOST = 1 << 20 };

struct found {
	struct tar_walk walk;
	struct error err;
	struct digest files[FILES_MOST];
	uint64_t file_count;
	uint64_t content_count;
	int64_t bytes;
};

static int note_file(void *context, const struct layer_file *file, struct error *err)
{
	struct found *found = context;
	(void)err;
	require(file->size >= 0 && strlen(file->path) <= LIMIT_TAR_PATH);
	require(file->path[0] != '/' && strncmp(file->path, "./", 2) != 0);
	require((file->mode & ~07777u) == 0);
	if (found->file_count < FILES_MOST)
		found->files[found->file_count] = file->digest;
	found->file_count++;
	found->content_count += file->size > 0;
	found->bytes += file->size;
	return 0;
}

static void walk(struct found *found, const uint8_t *data, size_t size, size_t chunk)
{
	struct chunk_reader tar = chunk_reader_over(data, size, chunk);
	const struct tar_walk_options options = {
		.entry_limit = ENTRIES_MOST,
		.size_limit = HASHED_MOST,
		.on_file = note_file,
		.context = found,
	};
	*found = (struct found){.err = ERROR_INIT};
	int result = tar_walk_run(&tar.reader, &options, &found->walk, &found->err);
	require((result == 0) == (found->err.code == ERROR_NONE));
	reader_close(&tar.reader);
}

static void check_itself(const struct found *found)
{
	const struct tar_walk *walk = &found->walk;
	require(walk->entries <= ENTRIES_MOST && found->bytes <= HASHED_MOST);
	require(walk->content_files <= walk->entries && found->file_count <= walk->entries);
	require(!walk->is_refused);
	/* the last file may have been met, and then not read to its end */
	require(walk->content_files - found->content_count <= (found->err.code != ERROR_NONE));
}

static void check_same(const struct found *a, const struct found *b)
{
	require(a->err.code == b->err.code && strcmp(a->err.text, b->err.text) == 0);
	require(a->walk.entries == b->walk.entries);
	require(a->walk.content_files == b->walk.content_files);
	require(a->walk.oddities == b->walk.oddities);
	require(a->walk.has_os_release == b->walk.has_os_release);
	require(a->file_count == b->file_count && a->bytes == b->bytes);
	for (uint64_t i = 0; i < a->file_count && i < FILES_MOST; i++)
		require(digest_equal(&a->files[i], &b->files[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct found whole;
	static struct found chunks;
	size_t chunk = size > 0 ? 1 + data[size - 1] % 64u * 16u : 1;
	walk(&whole, data, size, size);
	walk(&chunks, data, size, chunk);
	check_itself(&whole);
	check_same(&whole, &chunks);
	return 0;
}
