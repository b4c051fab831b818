#include "tar_stream.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "layerproof/limits.h"
#include "tar_name.h"

/* Where the last byte that is not zero ends; 0 when all are. Looks from the end, and eight bytes at
 * a time, so that only runs of zeros cost anything. */
static size_t find_content_end(const uint8_t *bytes, size_t size)
{
	uint64_t word;
	while (size >= sizeof(word)) {
		memcpy(&word, bytes + size - sizeof(word), sizeof(word));
		if (word != 0)
			break;
		size -= sizeof(word);
	}
	while (size > 0 && bytes[size - 1] == 0)
		size--;
	return size;
}

/* Keeps the end of the chunk that is about to go: a header may stand half in it. */
static void keep_end(struct tar_stream *self)
{
	size_t keep = self->chunk_size < USTAR_BLOCK_SIZE ? self->chunk_size : USTAR_BLOCK_SIZE;
	if (keep == 0)
		return;
	memmove(self->before, self->before + keep, USTAR_BLOCK_SIZE - keep);
	memcpy(self->before + USTAR_BLOCK_SIZE - keep, self->chunk + self->chunk_size - keep, keep);
	self->chunk_size = 0;
}

static int too_many_headers(struct tar_stream *self)
{
	return error_set(&self->failure, ERROR_OVER_LIMIT,
					 "extended headers of more than %" PRId64 " bytes", LIMIT_TAR_HEADER);
}

static int pull(struct tar_stream *self, const uint8_t **bytes, size_t *size)
{
	keep_end(self);
	if (self->in_header && self->header_pulled > LIMIT_TAR_HEADER)
		return too_many_headers(self);
	if (reader_next(self->source, bytes, size, &self->failure) == -1)
		return -1;
	size_t content = find_content_end(*bytes, *size);
	if (content > 0)
		self->content_end = self->pulled + (int64_t)content;
	self->pulled += (int64_t)*size;
	self->chunk = *bytes;
	self->chunk_size = *size;
	if (!self->skip)
		tar_framing_add(&self->framing, *bytes, *size);
	if (self->in_header)
		self->header_pulled += (int64_t)*size;
	return 0;
}

/* archive_read_callback: after a failure libarchive is told so again, and the source left alone. */
static la_ssize_t give_chunk(struct archive *archive, void *context, const void **buffer)
{
	struct tar_stream *self = context;
	const uint8_t *bytes = NULL;
	size_t size = 0;
	if (self->failure.code != ERROR_NONE || pull(self, &bytes, &size) == -1) {
		archive_set_error(archive, EINVAL, "no more bytes");
		return -1;
	}
	*buffer = bytes;
	return (la_ssize_t)size;
}

static int set_error(const struct tar_stream *self, struct error *err)
{
	if (self->failure.code != ERROR_NONE) {
		*err = self->failure;
		if (err->code == ERROR_OVER_LIMIT && self->in_header)
			return error_add_context(err, "tar entry %" PRIu64, self->entries + 1);
		return -1;
	}
	const char *text = archive_error_string(self->archive);
	if (!text)
		text = "truncated header";
	/* It goes on with numbers that depend on how the bytes came. */
	if (strncmp(text, "Truncated input file", 20) == 0)
		text = "Truncated tar archive";
	/* libarchive's own bound on one extended header is 1 MiB, as ours. */
	enum error_code code = strcmp(text, "Special header too large") == 0 ? ERROR_OVER_LIMIT
																		 : ERROR_MALFORMED;
	return error_set(err, code, "tar entry %" PRIu64 ": %s",
					 self->in_header ? self->entries + 1 : self->entries, text);
}

/* archive_skip_callback */
static la_int64_t skip_bytes(struct archive *archive, void *context, la_int64_t size)
{
	struct tar_stream *self = context;
	(void)archive;
	return self->skip(self->source, size);
}

int tar_stream_open(struct tar_stream *self, struct reader *source, tar_stream_skip *skip,
					struct error *err)
{
	*self = (struct tar_stream){.source = source, .skip = skip, .in_header = true};
	tar_framing_begin(&self->framing);
	self->archive = archive_read_new();
	if (!self->archive)
		return error_set(err, ERROR_SYSTEM, "tar: out of memory");
	archive_read_support_format_tar(self->archive);
	archive_read_support_format_empty(self->archive);
	if (archive_read_open2(self->archive, self, NULL, give_chunk, skip ? skip_bytes : NULL, NULL) !=
		ARCHIVE_OK)
		return set_error(self, err);
	return 0;
}

void tar_stream_close(struct tar_stream *self)
{
	if (self->archive)
		archive_read_free(self->archive);
	self->archive = NULL;
	tar_framing_clear(&self->framing);
}

static int skip_content(struct tar_stream *self, struct error *err)
{
	if (self->entries == 0)
		return 0;
	self->in_header = false;
	return archive_read_data_skip(self->archive) < ARCHIVE_WARN ? set_error(self, err) : 0;
}

/* What came in a large chunk was not bounded when it was pulled. */
static int check_headers(struct tar_stream *self)
{
	int64_t start = archive_read_header_position(self->archive);
	int64_t size = archive_filter_bytes(self->archive, -1) - start;
	return size > LIMIT_TAR_HEADER + USTAR_BLOCK_SIZE ? too_many_headers(self) : 0;
}

static void compare_entry(struct tar_stream *self, struct archive_entry *entry)
{
	bool is_file = archive_entry_filetype(entry) == AE_IFREG && !archive_entry_hardlink(entry);
	struct tar_frame frame = {
		.start = archive_read_header_position(self->archive),
		.size = is_file ? archive_entry_size(entry) : 0,
		.is_sparse = archive_entry_sparse_count(entry) > 0,
		.content = archive_filter_bytes(self->archive, -1),
	};
	if (!self->skip && !tar_framing_has_entry(&self->framing, &frame))
		self->readers_differ = true;
}

static void compare_end(struct tar_stream *self)
{
	if (!self->skip &&
		!tar_framing_has_end(&self->framing, archive_read_header_position(self->archive),
							 archive_filter_bytes(self->archive, -1)))
		self->readers_differ = true;
}

/* A damaged header (ARCHIVE_RETRY) ends the walk too: to look for the next one would take the
 * headers of a tar inside the tar for its own. */
enum tar_stream_result tar_stream_next(struct tar_stream *self, struct archive_entry **entry,
									   struct error *err)
{
	if (skip_content(self, err) == -1)
		return TAR_STREAM_ERROR;
	self->in_header = true;
	self->header_pulled = 0;
	int result = archive_read_next_header(self->archive, entry);
	if (result == ARCHIVE_EOF) {
		compare_end(self);
		return TAR_STREAM_END;
	}
	if (result != ARCHIVE_OK && result != ARCHIVE_WARN) {
		set_error(self, err);
		return TAR_STREAM_ERROR;
	}
	if (check_headers(self) == -1) {
		set_error(self, err);
		return TAR_STREAM_ERROR;
	}
	compare_entry(self, *entry);
	self->in_header = false;
	self->entries++;
	return TAR_STREAM_ENTRY;
}

int tar_stream_content(struct tar_stream *self, const uint8_t **bytes, size_t *size,
					   int64_t *offset, struct error *err)
{
	const void *block = NULL;
	int result;
	do {
		*size = 0;
		result = archive_read_data_block(self->archive, &block, size, offset);
		if (result < ARCHIVE_WARN)
			return set_error(self, err);
	} while (result != ARCHIVE_EOF && *size == 0);
	if (result == ARCHIVE_EOF)
		*size = 0;
	*bytes = block;
	return 0;
}

int tar_stream_finish(struct tar_stream *self, struct error *err)
{
	int64_t end = archive_filter_bytes(self->archive, -1);
	const uint8_t *bytes;
	size_t size = 1;
	self->in_header = false;
	while (self->content_end <= end && size > 0) {
		if (pull(self, &bytes, &size) == -1)
			return set_error(self, err);
	}
	if (self->content_end <= end)
		return 0;
	return error_set(err, ERROR_MALFORMED,
					 "tar: more than zeros behind the end of the archive at byte %" PRId64, end);
}

/* Copies the plain header of the entry at hand, which stands right before its content. False where
 * it is no longer there. */
static bool get_header(const struct tar_stream *self, uint8_t header[static USTAR_BLOCK_SIZE])
{
	int64_t end = archive_filter_bytes(self->archive, -1);
	int64_t in_chunk = end - (self->pulled - (int64_t)self->chunk_size);
	if (in_chunk < 0 || in_chunk > (int64_t)self->chunk_size)
		return false;
	size_t late = in_chunk < USTAR_BLOCK_SIZE ? (size_t)in_chunk : USTAR_BLOCK_SIZE;
	memcpy(header, self->before + late, USTAR_BLOCK_SIZE - late);
	if (late > 0)
		memcpy(header + USTAR_BLOCK_SIZE - late, self->chunk + in_chunk - late, late);
	return true;
}

bool tar_stream_is_in_conflict(const struct tar_stream *self, struct archive_entry *entry)
{
	uint8_t header[USTAR_BLOCK_SIZE];
	bool is_hardlink = archive_entry_hardlink(entry) != NULL;
	/* The map of a sparse file may stand between the two, and its sizes differ by nature. */
	if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_sparse_count(entry) > 0 ||
		!get_header(self, header))
		return is_hardlink && archive_entry_size(entry) > 0;
	int64_t plain = ustar_size(header);
	if (is_hardlink || ustar_type(header) == '1')
		return plain > 0 || archive_entry_size(entry) > 0;
	return plain >= 0 && archive_entry_size(entry) <= USTAR_SIZE_MOST &&
		   plain != archive_entry_size(entry);
}

const char *tar_stream_name(const struct tar_stream *self, struct archive_entry *entry)
{
	const char *name = tar_framing_path(&self->framing);
	if (!name)
		name = archive_entry_pathname(entry);
	if (!name)
		name = archive_entry_pathname_utf8(entry);
	return name ? tar_name_strip(name) : "";
}

bool tar_stream_is_file(struct archive_entry *entry)
{
	return archive_entry_filetype(entry) == AE_IFREG &&
		   (!archive_entry_hardlink(entry) || archive_entry_size(entry) > 0);
}
