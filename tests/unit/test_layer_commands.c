/* The layer engine beside the commands that everybody has: tar, gzip, zstd and sha256sum. */
#include "layer_bytes.h"

#include <stdlib.h>
#include <unistd.h>

#include "layerproof/layer.h"

static char folder[] = "/tmp/layerproof-commands-XXXXXX";

/* Three files with content, one of them sparse, among others that hold none. */
static const char FIXTURE[] =
	"set -e; cd \"$1\"; mkdir -p root/etc root/app/empty\n"
	"echo NAME=x >root/etc/os-release; seq 1 50000 >root/app/numbers; : >root/app/.wh.gone\n"
	"truncate -s 3M root/app/sparse; echo end >>root/app/sparse\n"
	"ln -s numbers root/app/soft; ln root/app/numbers root/app/hard\n"
	"for f in v7 ustar; do tar -C root --format=$f -cf $f.tar . ; done\n"
	"for f in oldgnu gnu posix; do tar -C root -S --format=$f -cf $f.tar . ; done\n"
	"long=root/$(printf '%0120d/%0120d' 0 0); mkdir -p $long; echo x >$long/$(printf '%0200d' 0)\n"
	"for f in gnu posix; do tar -C root --format=$f -cf long-$f.tar . ; done\n"
	"for t in *.tar; do gzip -k $t; zstd -q --long=24 $t; gzip -1c $t >$t.twice.gz\n"
	"gzip -c </dev/null >>$t.twice.gz; done\n";

static int make_fixture(void **state)
{
	(void)state;
	char command[sizeof(FIXTURE) + 100];
	assert_non_null(mkdtemp(folder));
	snprintf(command, sizeof(command), "set -- %s\n%s", folder, FIXTURE);
	return system(command);
}

static int remove_fixture(void **state)
{
	(void)state;
	char command[100];
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

/* The first word that the command prints. */
static void ask(const char *command, const char *file, char answer[static 100])
{
	char line[300];
	snprintf(line, sizeof(line), "cd %s; f=%s; %s", folder, file, command);
	FILE *pipe = popen(line, "r");
	assert_non_null(pipe);
	assert_int_equal(fscanf(pipe, "%99s", answer), 1);
	assert_int_equal(pclose(pipe), 0);
}

static struct layer_result read_file(const char *file)
{
	const struct layer_options options = {.blob_algorithm = DIGEST_NONE};
	struct error err = ERROR_INIT;
	struct layer_result result;
	char path[200];
	snprintf(path, sizeof(path), "%s/%s", folder, file);
	struct reader *blob = reader_open(path, &err);
	assert_non_null(blob);
	assert_int_equal(layer_read(blob, &options, &result, &err), 0);
	reader_close(blob);
	check_error(&result.decode_error, ERROR_NONE, "");
	check_error(&result.walk_error, ERROR_NONE, "");
	return result;
}

static void check_hex(const struct digest *digest, const char *hex)
{
	char text[DIGEST_TEXT_SIZE];
	digest_format(digest, text);
	assert_string_equal(text + strlen("sha256:"), hex);
}

static void check_file(const char *file, const char *decompress, enum layer_format format,
					   uint64_t members)
{
	char answer[100];
	char command[100];
	struct layer_result result = read_file(file);
	assert_int_equal(result.format, format);
	assert_int_equal(result.members, members);
	ask("sha256sum $f", file, answer);
	check_hex(&result.digest, answer);
	snprintf(command, sizeof(command), "%s $f | sha256sum", decompress);
	ask(command, file, answer);
	check_hex(&result.diff_id, answer);
	snprintf(command, sizeof(command), "%s $f | wc -c", decompress);
	ask(command, file, answer);
	assert_int_equal(result.uncompressed, atoll(answer));
	snprintf(command, sizeof(command), "%s $f | tar -t | wc -l", decompress);
	ask(command, file, answer);
	assert_int_equal(result.entries, atoll(answer));
	snprintf(command, sizeof(command), "%s $f | tar -tv | awk '/^-/ && $3 > 0' | wc -l",
			 decompress);
	ask(command, file, answer);
	assert_int_equal(result.content_files, atoll(answer));
	assert_true(result.has_os_release);
}

static void test_commands(void **state)
{
	(void)state;
	const char *const tars[] = {"v7", "ustar", "oldgnu", "gnu", "posix", "long-gnu", "long-posix"};
	for (size_t i = 0; i < sizeof(tars) / sizeof(tars[0]); i++) {
		char file[100];
		snprintf(file, sizeof(file), "%s.tar", tars[i]);
		check_file(file, "cat", LAYER_TAR, 0);
		snprintf(file, sizeof(file), "%s.tar.gz", tars[i]);
		check_file(file, "gzip -dc", LAYER_GZIP, 1);
		snprintf(file, sizeof(file), "%s.tar.zst", tars[i]);
		check_file(file, "zstd -dcq", LAYER_ZSTD, 1);
		snprintf(file, sizeof(file), "%s.tar.twice.gz", tars[i]);
		check_file(file, "gzip -dc", LAYER_GZIP, 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commands),
	};
	return cmocka_run_group_tests(tests, make_fixture, remove_fixture);
}
