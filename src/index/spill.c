#include "spill.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static const char *directory(void)
{
	const char *named = getenv("TMPDIR");
	return named && *named ? named : "/var/tmp";
}

/* File systems without O_TMPFILE (NFS, some overlays) get a file that loses its name at once. */
static int open_named(void)
{
	CLEANUP(free_at) char *path = memory_format("%s/layerproof-XXXXXX", directory());
	int file = mkostemp(path, O_CLOEXEC);

	if (file >= 0)
		unlink(path);
	return file;
}

static int open_file(struct spill *spill)
{
	int file = open(directory(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (file < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT))
		file = open_named();
	if (file < 0)
		return error_set_errno(&spill->failure, "a temporary file in %s", directory());
	spill->file = file + 1;
	return 0;
}

void spill_write(struct spill *spill, const void *bytes, size_t size)
{
	const uint8_t *at = bytes;

	if (spill->failure.code != ERROR_NONE || (spill->file == 0 && open_file(spill) < 0))
		return;
	while (size > 0) {
		ssize_t written = pwrite(spill->file - 1, at, size, (off_t)spill->size);
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0) {
			error_set_errno(&spill->failure, "a temporary file in %s", directory());
			return;
		}
		at += written;
		size -= (size_t)written;
		spill->size += (uint64_t)written;
	}
}

size_t spill_read(struct spill *spill, uint64_t offset, void *bytes, size_t size)
{
	uint8_t *at = bytes;
	size_t done = 0;

	if (offset >= spill->size)
		return 0;
	if (size > spill->size - offset)
		size = (size_t)(spill->size - offset);
	while (done < size) {
		ssize_t got = pread(spill->file - 1, at + done, size - done, (off_t)(offset + done));
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			if (got == 0)
				errno = EIO;
			error_set_errno(&spill->failure, "a temporary file in %s", directory());
			return 0;
		}
		done += (size_t)got;
	}
	return done;
}

int spill_check(const struct spill *spill, struct error *err)
{
	if (spill->failure.code == ERROR_NONE)
		return 0;
	*err = spill->failure;
	return -1;
}

void spill_close(struct spill *spill)
{
	if (spill->file > 0)
		close(spill->file - 1);
	*spill = (struct spill){.file = 0};
}
