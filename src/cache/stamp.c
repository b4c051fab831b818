#include "stamp.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "layerproof/memory.h"

enum { STAMP_SIZE = 128 };

static bool describe(const char *directory, char text[static STAMP_SIZE])
{
	struct stat status;
	CLEANUP(free_at) char *path = memory_format("%s/data.mdb", directory);
	if (lstat(path, &status) != 0 || !S_ISREG(status.st_mode))
		return false;
	(void)snprintf(text, STAMP_SIZE, "%lld %lld.%09ld", (long long)status.st_size,
				   (long long)status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
	return true;
}

bool stamp_fits(const char *directory)
{
	char is[STAMP_SIZE];
	char was[STAMP_SIZE] = "";
	CLEANUP(free_at) char *path = memory_format("%s/" STAMP_NAME, directory);
	FILE *file = fopen(path, "re");
	if (file == NULL)
		return false;
	size_t size = fread(was, 1, sizeof(was) - 1, file);
	(void)fclose(file);
	was[size] = '\0';
	return describe(directory, is) && strcmp(is, was) == 0;
}

void stamp_write(const char *directory)
{
	char text[STAMP_SIZE];
	CLEANUP(free_at) char *path = memory_format("%s/" STAMP_NAME, directory);
	if (!describe(directory, text))
		return;
	(void)unlink(path);
	FILE *file = fopen(path, "wxe");
	if (file == NULL)
		return;
	(void)fchmod(fileno(file), 0600);
	(void)fputs(text, file);
	(void)fclose(file);
}
