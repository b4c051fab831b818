/*
 * replay: main() of a fuzz target that runs as a normal test. Feeds it each file of its corpus
 * and prints TAP. A file that makes the target crash is named by the last line on the output.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fail(const char *what, const char *path)
{
	printf("Bail out! %s: %s\n", what, path);
	exit(1);
}

/* The file's bytes in memory of exactly their size, so that a read past the end is seen. */
static uint8_t *read_file(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
		fail("cannot read", path);
	}
	long length = ftell(file);
	rewind(file);
	*size = (size_t)length;
	uint8_t *data = malloc(*size);
	if ((data == NULL && *size > 0) || fread(data, 1, *size, file) != *size) {
		fail("cannot read", path);
	}
	fclose(file);
	return data;
}

static int is_seed(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

int main(int argc, char **argv)
{
	struct dirent **seeds = NULL;
	int count = argc == 2 ? scandir(argv[1], &seeds, is_seed, alphasort) : -1;
	if (count < 0) {
		fail("no corpus", argc == 2 ? argv[1] : "(usage: fuzz_PARSER CORPUS-FOLDER)");
	}
	printf("1..%d\n", count);
	for (int i = 0; i < count; i++) {
		char path[4096];
		size_t size = 0;
		snprintf(path, sizeof path, "%s/%s", argv[1], seeds[i]->d_name);
		printf("# %s\n", path);
		fflush(stdout);
		uint8_t *data = read_file(path, &size);
		LLVMFuzzerTestOneInput(data, size);
		printf("ok %d - %s\n", i + 1, seeds[i]->d_name);
		free(data);
		free(seeds[i]);
	}
	free(seeds);
	return 0;
}
