#include <errno.h>
#include <unistd.h>

#include "layerproof/tar_file.h"
#include "members.h"

struct tar_members {
	struct members members;
	struct tar_file *archive;
};

static struct reader *tar_open(struct members *self, const char *name, int64_t *size,
							   struct error *err)
{
	struct tar_members *held = (struct tar_members *)self;
	int64_t stated = tar_file_member_size(held->archive, name);
	if (stated < 0) {
		error_set(err, ERROR_NOT_FOUND, "%s: %s: no such member", self->path, name);
		return NULL;
	}
	*size = stated;
	return tar_file_member_open(held->archive, name, err);
}

static void tar_close(struct members *self)
{
	struct tar_members *held = (struct tar_members *)self;
	tar_file_close(held->archive);
	free(held);
}

struct members *members_open_tar(const char *path, struct error *err)
{
	struct tar_file *archive = tar_file_open(path, err);
	if (archive == NULL) {
		if (err->code == ERROR_SYSTEM && access(path, F_OK) != 0 && errno == ENOENT)
			err->code = ERROR_NOT_FOUND;
		return NULL;
	}
	struct tar_members *held = memory_alloc(1, sizeof(*held));
	held->members = (struct members){.path = path, .open = tar_open, .close = tar_close};
	held->members.is_sequential = tar_file_is_compressed(archive);
	held->archive = archive;
	return &held->members;
}
