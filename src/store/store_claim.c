/*
 * store: whose turn it is to write.
 *
 * LMDB's own lock of writers cannot be waited for with a signal in mind, nor does it tell who has
 * it. So a writer that may take long first locks a file beside the data (fcntl(2), "Advisory record
 * locking"): the kernel knows the holder, and gives the lock back when it dies, however it dies.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "layerproof/memory.h"
#include "store_private.h"

enum { CLAIM_FILE_MODE = 0600 };

/* Locks the whole file: 1 done, 0 another process has it, -1 failed. */
static int lock_file(int descriptor, struct error *err)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	if (fcntl(descriptor, F_SETLK, &lock) == 0)
		return 1;
	if (errno == EACCES || errno == EAGAIN)
		return 0;
	return store_fail(errno, "cannot lock writer.lock", err);
}

/* The process that has the lock: -1 none has it any more, 0 one whose number means nothing here. */
static long find_holder(int descriptor)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	if (fcntl(descriptor, F_GETLK, &lock) != 0)
		return 0;
	if (lock.l_type == F_UNLCK)
		return -1;
	return lock.l_pid > 0 ? lock.l_pid : 0;
}

static int open_file(const char *directory, struct error *err)
{
	CLEANUP(free_at) char *path = memory_format("%s/writer.lock", directory);

	int descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, CLAIM_FILE_MODE);
	if (descriptor >= 0)
		return descriptor;
	if (errno == ENOTDIR)
		return store_fail(errno, "cannot be opened", err);
	bool is_read_only = errno == EACCES || errno == EROFS || errno == EPERM;
	return store_fail(errno, is_read_only ? "read-only" : "cannot open writer.lock", err);
}

int store_claim(const char *directory, int *claim, long *holder, struct error *err)
{
	int taken;

	int descriptor = open_file(directory, err);
	if (descriptor < 0)
		return -1;
	do {
		taken = lock_file(descriptor, err);
		*holder = taken == 0 ? find_holder(descriptor) : 0;
	} while (*holder < 0); /* it has ended in between */
	if (taken == 1)
		*claim = descriptor;
	else
		close(descriptor);
	return taken;
}

void store_unclaim(int claim)
{
	if (claim >= 0)
		close(claim);
}
