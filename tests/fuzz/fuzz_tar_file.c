/*
 * fuzz_tar_file: any bytes as an oci-archive or docker-archive. A member has the size that its
 * archive says, or its reading fails.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "layerproof/tar_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MEMBER_MAXIMUM = 1 << 20 };

static void require(int condition)
{
	if (!condition)
		abort();
}

static void read_member(struct tar_file *archive, const char *name)
{
	struct error err = ERROR_INIT;
	struct buffer out = BUFFER_INIT(MEMBER_MAXIMUM);
	int64_t size = tar_file_member_size(archive, name);
	struct reader *reader = tar_file_member_open(archive, name, &err);
	int result = reader ? reader_read_all(reader, &out, &err) : -1;
	reader_close(reader);
	if (result == 0)
		require((int64_t)out.size == size);
	else
		require(err.code != ERROR_NONE && (size == -1) == (err.code == ERROR_NOT_FOUND));
	buffer_clear(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"a", "manifest.json", "index.json", "blobs/sha256/a",
										"b/layer.tar"};
	char path[64];
	struct error err = ERROR_INIT;
	int descriptor = memfd_create("archive", MFD_CLOEXEC);
	require(descriptor != -1 && write(descriptor, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", descriptor);
	struct tar_file *archive = tar_file_open(path, &err);
	require(archive || err.code != ERROR_NONE);
	if (archive)
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			read_member(archive, names[i]);
	tar_file_close(archive);
	close(descriptor);
	return 0;
}
