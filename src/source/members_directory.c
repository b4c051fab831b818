#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "members.h"

struct directory_members {
	struct members members;
	int descriptor;
};

static int set_open_error(int reason, struct error *err)
{
	if (reason == ENOENT || reason == ENOTDIR)
		return error_set(err, ERROR_NOT_FOUND, "no such file or directory");
	char why[128];
	return error_set(err, ERROR_SYSTEM, "%s", strerror_r(reason, why, sizeof(why)));
}

/* Opens one part of a name. No link is followed: a layout from a stranger must not lead out of its
 * directory. O_NONBLOCK: a FIFO must not make the open wait. */
static int open_part(int parent, const char *part, size_t size, int flags, struct error *err)
{
	char name[NAME_MAX + 1];
	if (size > NAME_MAX)
		return error_set(err, ERROR_NOT_FOUND, "no such file or directory");
	memcpy(name, part, size);
	name[size] = '\0';
	int opened = openat(parent, name, flags | O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (opened >= 0)
		return opened;
	int reason = errno;
	struct stat status;
	if (fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(status.st_mode))
		return error_set(err, ERROR_UNSUPPORTED, "a symbolic link, which is not followed");
	return set_open_error(reason, err);
}

/* Walks `name` part by part below the directory; -1 on failure. */
static int open_below(int directory, const char *name, struct error *err)
{
	int parent = directory;
	for (;;) {
		size_t size = strcspn(name, "/");
		bool is_last = name[size] == '\0';
		int opened = open_part(parent, name, size, is_last ? 0 : O_DIRECTORY, err);
		if (parent != directory)
			close(parent);
		if (opened < 0 || is_last)
			return opened;
		parent = opened;
		name += size + 1;
	}
}

static struct reader *directory_open(struct members *self, const char *name, int64_t *size,
									 struct error *err)
{
	struct directory_members *held = (struct directory_members *)self;
	int descriptor = open_below(held->descriptor, name, err);
	if (descriptor < 0) {
		error_add_context(err, "%s: %s", self->path, name);
		return NULL;
	}
	struct stat status;
	if (fstat(descriptor, &status) != 0)
		error_set_errno(err, "%s: %s", self->path, name);
	else if (!S_ISREG(status.st_mode))
		error_set(err, ERROR_MALFORMED, "%s: %s: not a regular file", self->path, name);
	else {
		*size = status.st_size;
		return reader_from_file(descriptor, 1, name);
	}
	close(descriptor);
	return NULL;
}

static void directory_close(struct members *self)
{
	struct directory_members *held = (struct directory_members *)self;
	close(held->descriptor);
	free(held);
}

struct members *members_open_directory(const char *path, struct error *err)
{
	int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
	if (descriptor < 0) {
		if (errno == ENOTDIR)
			error_set(err, ERROR_MALFORMED, "not a directory");
		else
			set_open_error(errno, err);
		error_add_context(err, "%s", path);
		return NULL;
	}
	struct directory_members *held = memory_alloc(1, sizeof(*held));
	held->members = (struct members){
		.path = path, .open = directory_open, .close = directory_close};
	held->descriptor = descriptor;
	return &held->members;
}
