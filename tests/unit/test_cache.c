#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "layerproof/cache.h"
#include "layerproof/clock.h"
#include "layerproof/limits.h"
#include "layerproof/log.h"

static char directory[] = "/tmp/layerproof-cache-XXXXXX";

static int set_up(void **state)
{
	(void)state;
	memcpy(directory + strlen(directory) - 6, "XXXXXX", 6);
	log_set_level(LOG_QUIET);
	return mkdtemp(directory) == NULL;
}

static int tear_down(void **state)
{
	CLEANUP(free_at) char *command = memory_format("rm -rf %s", directory);
	(void)state;
	return system(command);
}

static struct cache *open_cache(int64_t size)
{
	struct error err = ERROR_INIT;
	struct cache *cache = cache_open(directory, size, &err);
	if (cache == NULL)
		fail_msg("%s", err.text);
	return cache;
}

static void make_document(const char *text, const char *media_type, const struct digest *asked,
						  struct document *out)
{
	document_init(out, memory_copy_text(text), strlen(text), media_type, asked);
}

static void keep_text(struct cache *cache, const char *text, const char *media_type)
{
	struct document document;
	make_document(text, media_type, NULL, &document);
	cache_keep_document(cache, &document);
	document_clear(&document);
}

static bool holds(struct cache *cache, const char *text, const char *media_type)
{
	struct document document;
	struct digest digest;
	digest_of(DIGEST_SHA256, text, strlen(text), &digest);
	if (!cache_get_document(cache, &digest, &document))
		return false;
	assert_int_equal(document.size, strlen(text));
	assert_string_equal(document.bytes, text);
	assert_true(digest_equal(&document.digest, &digest));
	if (media_type == NULL)
		assert_null(document.media_type);
	else
		assert_string_equal(document.media_type, media_type);
	document_clear(&document);
	return true;
}

static struct digest name_of(const char *text)
{
	struct digest name;
	digest_of(DIGEST_SHA256, text, strlen(text), &name);
	return name;
}

static void test_documents_come_back_in_the_next_run(void **state)
{
	(void)state;
	struct cache *cache = open_cache(LIMIT_MIB(1));
	keep_text(cache, "{}", "application/json");
	keep_text(cache, "", NULL);
	keep_text(cache, "no type", NULL);
	cache_close(cache);
	cache = open_cache(LIMIT_MIB(1));
	assert_true(holds(cache, "{}", "application/json"));
	assert_true(holds(cache, "", NULL));
	assert_true(holds(cache, "no type", NULL));
	assert_false(holds(cache, "never kept", NULL));
	cache_close(cache);
}

static void test_a_document_by_sha512(void **state)
{
	struct digest asked;
	struct document document;
	(void)state;
	digest_of(DIGEST_SHA512, "text", 4, &asked);
	struct cache *cache = open_cache(LIMIT_MIB(1));
	make_document("text", NULL, &asked, &document);
	cache_keep_document(cache, &document);
	document_clear(&document);
	cache_close(cache);
	cache = open_cache(LIMIT_MIB(1));
	assert_true(cache_get_document(cache, &asked, &document));
	assert_true(digest_equal(&document.digest, &asked));
	document_clear(&document);
	assert_false(holds(cache, "text", NULL));
	cache_close(cache);
}

static void test_large_documents_are_not_kept(void **state)
{
	size_t limit = (size_t)LIMIT_CACHE_DOCUMENT_SIZE;
	CLEANUP(free_at) char *text = memory_alloc(limit + 2, 1);
	(void)state;
	struct cache *cache = open_cache(LIMIT_MIB(4));
	memset(text, 'x', limit + 1);
	keep_text(cache, text, NULL);
	text[limit] = '\0';
	keep_text(cache, text, NULL);
	cache_close(cache);
	cache = open_cache(LIMIT_MIB(4));
	assert_true(holds(cache, text, NULL));
	text[limit] = 'x';
	assert_false(holds(cache, text, NULL));
	cache_close(cache);
}

static void expect_tag(struct cache *cache, const char *name, const char *text, const char *etag)
{
	struct digest key = name_of(name);
	struct digest expected = name_of(text);
	struct digest digest;
	CLEANUP(free_at) char *found = NULL;
	assert_true(cache_get_tag(cache, &key, &digest, &found));
	assert_true(digest_equal(&digest, &expected));
	if (etag == NULL)
		assert_null(found);
	else
		assert_string_equal(found, etag);
}

static void keep_tag(struct cache *cache, const char *name, const char *text, const char *etag)
{
	struct digest key = name_of(name);
	struct digest digest = name_of(text);
	cache_keep_tag(cache, &key, &digest, etag);
}

static void test_a_tag_is_what_was_kept_last(void **state)
{
	char longest[LIMIT_ETAG_SIZE + 3];
	(void)state;
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	struct cache *cache = open_cache(LIMIT_MIB(1));
	keep_tag(cache, "a", "first", "\"1\"");
	keep_tag(cache, "a", "second", NULL);
	keep_tag(cache, "b", "first", longest);
	cache_close(cache);
	cache = open_cache(LIMIT_MIB(1));
	expect_tag(cache, "a", "second", NULL);
	expect_tag(cache, "b", "first", longest);
	struct digest never = name_of("c");
	struct digest digest;
	char *etag = NULL;
	assert_false(cache_get_tag(cache, &never, &digest, &etag));
	assert_null(etag);
	cache_close(cache);
}

static struct layer_result make_result(enum digest_algorithm tar)
{
	struct layer_result result = {
		.size = 5,
		.format = LAYER_ZSTD,
		.members = 2,
		.uncompressed = 9,
		.entries = 3,
		.content_files = 1,
		.has_os_release = true,
		.oddities = LAYER_SIZE_CONFLICT,
	};
	result.digest = name_of("blob");
	digest_of(tar, "tar", 3, &result.diff_id);
	digest_of(DIGEST_SHA512, "blob", 4, &result.other_digest);
	digest_of(DIGEST_SHA256, "tar", 3, &result.other_diff_id);
	return result;
}

static void test_blobs_in_each_algorithm_of_the_diff_id(void **state)
{
	struct layer_result result;
	struct layer_result kept = make_result(DIGEST_SHA512);
	int64_t before = clock_now();
	(void)state;
	struct cache *cache = open_cache(LIMIT_MIB(1));
	cache_keep_blob(cache, &kept);
	cache_close(cache);
	cache = open_cache(LIMIT_MIB(1));
	assert_false(cache_get_blob(cache, &kept.digest, DIGEST_SHA256, &result));
	assert_true(cache_get_blob(cache, &kept.digest, DIGEST_SHA512, &result));
	cache_close(cache);
	assert_in_range(result.hashed_at, before, clock_now());
	kept.hashed_at = result.hashed_at;
	assert_true(digest_equal(&result.digest, &kept.digest));
	assert_true(digest_equal(&result.diff_id, &kept.diff_id));
	assert_true(digest_equal(&result.other_digest, &kept.other_digest));
	assert_true(digest_equal(&result.other_diff_id, &kept.other_diff_id));
	assert_int_equal(result.oddities, LAYER_SIZE_CONFLICT);
	assert_int_equal(result.size, 5);
	assert_int_equal(result.format, LAYER_ZSTD);
	assert_int_equal(result.members, 2);
	assert_int_equal(result.uncompressed, 9);
	assert_int_equal(result.entries, 3);
	assert_int_equal(result.content_files, 1);
	assert_true(result.has_os_release);
	assert_int_equal(result.decode_error.code, ERROR_NONE);
	assert_int_equal(result.walk_error.code, ERROR_NONE);
}

static void test_blobs_that_could_not_be_read_whole_are_not_kept(void **state)
{
	struct layer_result result;
	struct layer_result first = make_result(DIGEST_SHA256);
	(void)state;
	struct cache *cache = open_cache(LIMIT_MIB(1));
	error_set(&first.walk_error, ERROR_MALFORMED, "tar");
	cache_keep_blob(cache, &first);
	struct layer_result second = make_result(DIGEST_SHA256);
	error_set(&second.decode_error, ERROR_UNSUPPORTED, "bzip2");
	cache_keep_blob(cache, &second);
	cache_close(cache);
	cache = open_cache(LIMIT_MIB(1));
	assert_false(cache_get_blob(cache, &first.digest, DIGEST_SHA256, &result));
	cache_close(cache);
}

/* While another process is alone at the cache, to remove what did not end well, nobody begins a
 * generation that it would remove too. */
static void test_who_opens_waits_for_who_is_alone(void **state)
{
	CLEANUP(free_at) char *root = memory_format("%s/v1", directory);
	CLEANUP(free_at) char *path = memory_format("%s/v1/users", directory);
	CLEANUP(free_at) char *generation = memory_format("%s/v1/1", directory);
	const struct timespec while_alone = {.tv_nsec = 300 * 1000 * 1000};
	int ready[2];
	int status = -1;
	char byte;
	(void)state;
	assert_int_equal(pipe(ready), 0);
	assert_int_equal(mkdir(root, 0700), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		int users = open(path, O_RDWR | O_CREAT, 0600);
		bool is_alone = flock(users, LOCK_EX) == 0 && write(ready[1], "x", 1) == 1;
		nanosleep(&while_alone, NULL);
		_exit(!is_alone || access(generation, F_OK) == 0);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	cache_close(open_cache(LIMIT_MIB(1)));
	assert_int_equal(access(generation, F_OK), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	close(ready[0]);
	close(ready[1]);
}

/* What must not be mistaken for each other where it has the same key. */
static void test_the_three_kinds_are_apart(void **state)
{
	struct digest key = name_of("text");
	struct digest digest;
	struct layer_result result;
	char *etag = NULL;
	(void)state;
	struct cache *cache = open_cache(LIMIT_MIB(1));
	keep_text(cache, "text", NULL);
	cache_close(cache);
	cache = open_cache(LIMIT_MIB(1));
	assert_false(cache_get_tag(cache, &key, &digest, &etag));
	assert_false(cache_get_blob(cache, &key, DIGEST_SHA256, &result));
	cache_close(cache);
}

static int64_t bytes_on_disk(void)
{
	int64_t bytes = 0;
	for (unsigned number = 1; number < 1000; number++) {
		struct stat status;
		CLEANUP(free_at) char *path = memory_format("%s/v1/%u/data.mdb", directory, number);
		if (stat(path, &status) == 0)
			bytes += status.st_size;
	}
	return bytes;
}

static void test_it_stays_in_its_size(void **state)
{
	CLEANUP(free_at) char *text = memory_alloc(30001, 1);
	(void)state;
	memset(text, 'x', 30000);
	for (unsigned run = 0; run < 4; run++) {
		struct cache *cache = open_cache(LIMIT_MIB(1));
		for (unsigned i = 0; i < 200; i++) {
			(void)snprintf(text, 16, "%u.%u", run, i);
			text[strlen(text)] = ' ';
			keep_text(cache, text, NULL);
			if (i % 20 == 0)
				assert_true(bytes_on_disk() <= LIMIT_MIB(1));
		}
		cache_close(cache);
		assert_true(bytes_on_disk() <= LIMIT_MIB(1));
		cache = open_cache(LIMIT_MIB(1));
		assert_true(holds(cache, text, NULL));
		cache_close(cache);
	}
}

static void write_over(const char *path, long offset, const void *bytes, size_t size)
{
	FILE *file = fopen(path, "r+be");
	assert_non_null(file);
	assert_int_equal(fseek(file, offset, SEEK_SET), 0);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	(void)fclose(file);
}

static void test_a_damaged_one_is_begun_anew(void **state)
{
	CLEANUP(free_at) char *path = memory_format("%s/v1/1/data.mdb", directory);
	const char zeros[4096] = "";
	(void)state;
	struct cache *cache = open_cache(LIMIT_MIB(1));
	keep_text(cache, "text", NULL);
	cache_close(cache);
	write_over(path, 0, zeros, sizeof(zeros));
	write_over(path, 4096, zeros, sizeof(zeros));
	cache = open_cache(LIMIT_MIB(1));
	assert_false(holds(cache, "text", NULL));
	keep_text(cache, "text", NULL);
	cache_close(cache);
	cache = open_cache(LIMIT_MIB(1));
	assert_true(holds(cache, "text", NULL));
	cache_close(cache);
}

static void test_none_where_there_can_be_none(void **state)
{
	struct error err = ERROR_INIT;
	CLEANUP(free_at) char *path = memory_format("%s/file", directory);
	FILE *file = fopen(path, "we");
	(void)state;
	(void)fclose(file);
	assert_null(cache_open(path, LIMIT_MIB(1), &err));
	assert_int_equal(err.code, ERROR_SYSTEM);
	assert_string_equal(err.text, "cannot make the directory: Not a directory");
	cache_close(NULL);
}

/* ---- Several threads ---- */

enum { THREADS = 8, TURNS = 300, TEXTS = 500 };

struct thread {
	pthread_t id;
	struct cache *cache;
	unsigned number;
};

/* Writes one of the texts, of 4,000 bytes, and gives its digest. */
static struct digest name_text(char *text, unsigned number)
{
	memset(text, 'y', 4000);
	(void)snprintf(text, 16, "%u", number);
	text[strlen(text)] = ' ';
	return name_of(text);
}

static void *keep_and_get(void *context)
{
	struct thread *thread = context;
	CLEANUP(free_at) char *text = memory_alloc(4001, 1);
	for (unsigned turn = 0; turn < TURNS; turn++) {
		struct document document;
		const struct digest digest = name_text(text, (turn * 7 + thread->number) % TEXTS);
		if (!cache_get_document(thread->cache, &digest, &document)) {
			make_document(text, NULL, NULL, &document);
			cache_keep_document(thread->cache, &document);
		}
		document_clear(&document);
	}
	return NULL;
}

/* The size makes generations go while they are read. */
static unsigned count_kept(struct cache *cache)
{
	unsigned kept = 0;
	char *text = memory_alloc(4001, 1);
	for (unsigned number = 0; number < TEXTS; number++) {
		struct document document;
		const struct digest digest = name_text(text, number);
		if (!cache_get_document(cache, &digest, &document))
			continue;
		document_clear(&document);
		kept++;
	}
	free(text);
	return kept;
}

/* Whether a thread meets what another keeps at the same time is chance; that something of it is
 * there in the next run is not. */
static void test_threads(void **state)
{
	struct thread threads[THREADS];
	(void)state;
	for (int run = 0; run < 2; run++) {
		struct cache *cache = open_cache(LIMIT_MIB(1));
		for (unsigned i = 0; i < THREADS; i++) {
			threads[i] = (struct thread){.cache = cache, .number = i};
			assert_int_equal(pthread_create(&threads[i].id, NULL, keep_and_get, &threads[i]), 0);
		}
		for (unsigned i = 0; i < THREADS; i++)
			pthread_join(threads[i].id, NULL);
		cache_close(cache);
		assert_true(bytes_on_disk() <= LIMIT_MIB(1));
		cache = open_cache(LIMIT_MIB(1));
		assert_true(count_kept(cache) > 0);
		cache_close(cache);
	}
}

#define CACHE_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CACHE_TEST(test_documents_come_back_in_the_next_run),
		CACHE_TEST(test_a_document_by_sha512),
		CACHE_TEST(test_large_documents_are_not_kept),
		CACHE_TEST(test_a_tag_is_what_was_kept_last),
		CACHE_TEST(test_blobs_in_each_algorithm_of_the_diff_id),
		CACHE_TEST(test_blobs_that_could_not_be_read_whole_are_not_kept),
		CACHE_TEST(test_who_opens_waits_for_who_is_alone),
		CACHE_TEST(test_the_three_kinds_are_apart),
		CACHE_TEST(test_it_stays_in_its_size),
		CACHE_TEST(test_a_damaged_one_is_begun_anew),
		CACHE_TEST(test_none_where_there_can_be_none),
		CACHE_TEST(test_threads),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
