#include "layerproof/tar_file.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "blob_format.h"
#include "decoder.h"
#include "file_reader.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "member_table.h"
#include "prefix_reader.h"
#include "tar_content.h"
#include "tar_stream.h"

struct tar_file {
	char *path;
	int descriptor;
	enum layer_format format;
	struct member_table table;
};

/* One way through the archive. */
struct passage {
	struct reader *file;
	struct decoder *decoder; /* NULL for a plain tar */
	struct tar_stream tar;
};

struct member_reader {
	struct reader reader;
	struct passage passage;
	struct tar_content content;
};

static void passage_close(struct passage *passage)
{
	tar_stream_close(&passage->tar);
	if (passage->decoder)
		reader_close(&passage->decoder->reader);
	reader_close(passage->file);
}

static int passage_open(struct passage *passage, const struct tar_file *archive, int64_t start,
						struct error *err)
{
	passage->file = file_reader_new(archive->descriptor, start, archive->path);
	if (archive->format == LAYER_GZIP)
		passage->decoder = gzip_decoder_new(passage->file);
	else if (archive->format == LAYER_ZSTD)
		passage->decoder = zstd_decoder_new(passage->file);
	if (passage->decoder)
		return tar_stream_open(&passage->tar, &passage->decoder->reader, NULL, err);
	return tar_stream_open(&passage->tar, passage->file, file_reader_skip, err);
}

/* Finds out the format by the first bytes. */
static int tell_format(struct tar_file *archive, struct error *err)
{
	uint8_t first[PREFIX_SIZE];
	ssize_t got = pread(archive->descriptor, first, sizeof(first), 0);
	if (got == -1)
		return error_set_errno(err, "%s", archive->path);
	archive->format = blob_format_tell(first, (size_t)got);
	if (archive->format == LAYER_UNKNOWN || archive->format == LAYER_EMPTY)
		return error_set(err, ERROR_MALFORMED, "%s: not a tar file", archive->path);
	return 0;
}

static int open_file(struct tar_file *archive, struct error *err)
{
	struct stat status;
	archive->descriptor = open(archive->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (archive->descriptor == -1 || fstat(archive->descriptor, &status) == -1)
		return error_set_errno(err, "%s", archive->path);
	if (!S_ISREG(status.st_mode))
		return error_set(err, ERROR_SYSTEM, "%s: not a regular file", archive->path);
	return tell_format(archive, err);
}

static int add_entry(struct tar_file *archive, const struct tar_stream *tar,
					 struct archive_entry *entry, struct error *err)
{
	const char *hardlink = archive_entry_hardlink(entry);
	const char *symlink = archive_entry_symlink(entry);
	struct member member = {
		.name = (char *)(uintptr_t)tar_stream_name(tar, entry), /* the table makes a copy */
		.link = (char *)(uintptr_t)(hardlink ? hardlink : symlink),
		.kind = hardlink  ? MEMBER_HARDLINK
				: symlink ? MEMBER_SYMLINK
						  : MEMBER_FILE,
		.size = archive_entry_size(entry),
		.position = archive_read_header_position(tar->archive),
		.entry = tar->entries,
	};
	if (member.kind == MEMBER_FILE && !tar_stream_is_file(entry))
		return 0;
	if (strlen(member.name) > LIMIT_TAR_PATH ||
		(member.link && strlen(member.link) > LIMIT_TAR_PATH))
		return error_set(err, ERROR_OVER_LIMIT,
						 "tar entry %" PRIu64 ": path of more than %" PRId64 " bytes", member.entry,
						 LIMIT_TAR_PATH);
	return member_table_add(&archive->table, &member, err);
}

static int read_table(struct tar_file *archive, struct error *err)
{
	struct passage passage = {.file = NULL};
	struct archive_entry *entry;
	enum tar_stream_result result = TAR_STREAM_ERROR;
	if (passage_open(&passage, archive, 0, err) == 0)
		while ((result = tar_stream_next(&passage.tar, &entry, err)) == TAR_STREAM_ENTRY)
			if (add_entry(archive, &passage.tar, entry, err) == -1)
				break;
	passage_close(&passage);
	if (result != TAR_STREAM_END)
		return error_add_context(err, "%s", archive->path);
	member_table_finish(&archive->table);
	return 0;
}

DEFINE_CLEANUP(struct tar_file, tar_file_close)

struct tar_file *tar_file_open(const char *path, struct error *err)
{
	CLEANUP(tar_file_close_at) struct tar_file *archive = memory_alloc(1, sizeof(*archive));
	archive->path = memory_copy_text(path);
	if (open_file(archive, err) == -1 || read_table(archive, err) == -1)
		return NULL;
	return STEAL(archive);
}

void tar_file_close(struct tar_file *archive)
{
	if (!archive)
		return;
	if (archive->descriptor != -1)
		close(archive->descriptor);
	member_table_clear(&archive->table);
	free(archive->path);
	free(archive);
}

bool tar_file_is_compressed(const struct tar_file *archive)
{
	return archive->format != LAYER_TAR;
}

int64_t tar_file_member_size(const struct tar_file *archive, const char *name)
{
	const struct member *member = member_table_find(&archive->table, name);
	return member ? member->size : -1;
}

static int member_next(struct reader *reader, const uint8_t **bytes, size_t *size,
					   struct error *err)
{
	struct member_reader *self = (struct member_reader *)reader;
	return tar_content_next(&self->content, bytes, size, err);
}

static void member_close(struct reader *reader)
{
	struct member_reader *self = (struct member_reader *)reader;
	passage_close(&self->passage);
	free(self);
}

/* Goes to the member: straight in a plain tar, entry by entry in a compressed one. */
static int go_to(struct member_reader *self, const struct tar_file *archive,
				 const struct member *member, struct error *err)
{
	struct tar_stream *tar = &self->passage.tar;
	struct archive_entry *entry = NULL;
	bool plain = archive->format == LAYER_TAR;
	if (passage_open(&self->passage, archive, plain ? member->position : 0, err) == -1)
		return -1;
	enum tar_stream_result result;
	do
		result = tar_stream_next(tar, &entry, err);
	while (result == TAR_STREAM_ENTRY && !plain && tar->entries < member->entry);
	if (result == TAR_STREAM_ERROR)
		return -1;
	if (result == TAR_STREAM_END || !tar_stream_is_file(entry) ||
		archive_entry_size(entry) != member->size)
		return error_set(err, ERROR_SYSTEM, "the file changed while it was read");
	tar_content_begin(&self->content, tar, member->size);
	return 0;
}

struct reader *tar_file_member_open(struct tar_file *archive, const char *name, struct error *err)
{
	const struct member *member = member_table_find(&archive->table, name);
	if (!member) {
		error_set(err, ERROR_NOT_FOUND, "%s: no member %s", archive->path, name);
		return NULL;
	}
	struct member_reader *self = memory_alloc(1, sizeof(*self));
	self->reader.next = member_next;
	self->reader.close = member_close;
	if (go_to(self, archive, member, err) == 0)
		return &self->reader;
	error_add_context(err, "%s: %s", archive->path, name);
	member_close(&self->reader);
	return NULL;
}
