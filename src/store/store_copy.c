/*
 * store: a copy of an environment that others go on to read and write.
 *
 * LMDB writes the copy from a snapshot, and cannot be asked to end: so it writes into a pipe, on a
 * thread of its own, and here the pipe is read for as long as no signal comes.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "layerproof/interrupt.h"
#include "layerproof/memory.h"
#include "store_private.h"

enum { CHUNK_SIZE = 64 << 10, FILE_MODE = 0600 };

struct source {
	MDB_env *env;
	int pipe; /* the end that is written to */
	int code;
};

static void *write_copy(void *context)
{
	struct source *source = context;

	source->code = mdb_env_copyfd2(source->env, source->pipe, MDB_CP_COMPACT);
	close(source->pipe);
	return NULL;
}

/* 0, or a code of errno. */
static int write_all(int file, const uint8_t *bytes, size_t size)
{
	while (size > 0) {
		ssize_t written = write(file, bytes, size);
		if (written < 0 && errno != EINTR)
			return errno;
		if (written > 0) {
			bytes += written;
			size -= (size_t)written;
		}
	}
	return 0;
}

/* Moves all that comes out of the pipe into the file. */
static int drain(int pipe, int file, struct error *err)
{
	CLEANUP(free_at) uint8_t *chunk = memory_alloc(CHUNK_SIZE, 1);

	for (;;) {
		if (!interrupt_wait_for_input(pipe))
			return error_set(err, ERROR_INTERRUPTED, "interrupted");
		ssize_t got = read(pipe, chunk, CHUNK_SIZE);
		if (got == 0)
			return 0;
		if (got < 0 && errno == EINTR)
			continue;
		int code = got < 0 ? errno : write_all(file, chunk, (size_t)got);
		if (code != 0)
			return store_fail(code, "cannot write", err);
	}
}

/* One try: 0, -1, or 1 when another process made the map larger, and nothing was written. Closing
 * the pipe's other end is what ends the thread where reading ended early. */
static int try_copy(struct store *store, int file, struct error *err)
{
	int ends[2];
	pthread_t thread;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return store_fail(errno, "cannot make a pipe", err);
	struct source source = {.env = store->env, .pipe = ends[1]};
	int code = pthread_create(&thread, NULL, write_copy, &source);
	if (code != 0) {
		close(ends[0]);
		close(ends[1]);
		return store_fail(code, "cannot start a thread", err);
	}
	int result = drain(ends[0], file, err);
	close(ends[0]);
	pthread_join(thread, NULL);
	if (result < 0 || source.code == 0)
		return result;
	return source.code == MDB_MAP_RESIZED ? 1 : store_fail(source.code, "cannot read", err);
}

static int copy_into(struct store *store, int file, struct error *err)
{
	int result;

	while ((result = try_copy(store, file, err)) == 1)
		if (store_resize(store, 0, err) < 0)
			return -1;
	if (result == 0 && fsync(file) < 0)
		return store_fail(errno, "cannot write", err);
	return result;
}

/* A file gets its name when all of it is there, and takes the place of none. */
static int give_name(const char *temporary, const char *path, struct error *err)
{
	if (renameat2(AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno == EEXIST)
		return error_set(err, ERROR_SYSTEM, "there is one already");
	return store_fail(errno, "cannot name the copy", err);
}

static int copy_as(struct store *store, const char *path, struct error *err)
{
	CLEANUP(free_at) char *temporary = memory_format("%s.%ld", path, (long)getpid());

	if (access(path, F_OK) == 0) /* said before the work, and seen to again behind it */
		return error_set(err, ERROR_SYSTEM, "there is one already");
	int file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
	if (file < 0)
		return store_fail(errno, "cannot make a file", err);
	int result = copy_into(store, file, err);
	close(file);
	if (result == 0)
		result = give_name(temporary, path, err);
	if (result < 0)
		unlink(temporary);
	return result;
}

int store_copy(struct store *store, const char *directory, struct error *err)
{
	CLEANUP(free_at) char *path = memory_format("%s/data.mdb", directory);

	if (store_make_directory(directory, err) < 0)
		return -1;
	return copy_as(store, path, err);
}
