/*
 * image_maker: small images for the tests of src/source: texts that live until the test ends, JSON
 * of descriptors and documents, and files in a directory of the test's own.
 */
#ifndef LAYERPROOF_TESTS_IMAGE_MAKER_H
#define LAYERPROOF_TESTS_IMAGE_MAKER_H

#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "layerproof/digest.h"
#include "layerproof/media_type.h"
#include "layerproof/memory.h"

#define MEDIA_TYPE_OCI_LAYER "application/vnd.oci.image.layer.v1.tar+gzip"

enum { MAKER_TEXTS = 8192 };

static char *maker_texts[MAKER_TEXTS];
static size_t maker_text_count;
static char *maker_directory; /* made by maker_start() */

__attribute__((format(printf, 1, 2))) static inline char *make_text(const char *format, ...)
{
	char *text = NULL;
	va_list arguments;
	va_start(arguments, format);
	assert_true(vasprintf(&text, format, arguments) >= 0);
	va_end(arguments);
	assert_true(maker_text_count < MAKER_TEXTS);
	maker_texts[maker_text_count++] = text;
	return text;
}

static inline struct digest make_digest(const char *bytes)
{
	struct digest digest;
	digest_of(DIGEST_SHA256, bytes, strlen(bytes), &digest);
	return digest;
}

/* "sha256:HEX" of a text. */
static inline const char *make_digest_text(const char *bytes)
{
	struct digest digest = make_digest(bytes);
	char text[DIGEST_TEXT_SIZE];
	return make_text("%s", digest_format(&digest, text));
}

/* A descriptor of `bytes`; `members` are further ones, each beginning with a comma. */
static inline const char *make_descriptor(const char *media_type, const char *bytes,
										  const char *members)
{
	return make_text("{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%zu%s}", media_type,
					 make_digest_text(bytes), strlen(bytes), members);
}

/* A configuration whose layers hash, uncompressed, like the texts. */
static inline const char *make_config(const char *architecture, const char *diff_1,
									  const char *diff_2)
{
	const char *second = diff_2 == NULL ? "" : make_text(",\"%s\"", make_digest_text(diff_2));
	return make_text(
		"{\"architecture\":\"%s\",\"os\":\"linux\",\"created\":\"2026-01-02T03:04:05Z\","
		"\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"%s\"%s]},"
		"\"history\":[{\"created_by\":\"ADD one\"},"
		"{\"created_by\":\"ENV\",\"empty_layer\":true},{\"created_by\":\"COPY two\"}]}",
		architecture, make_digest_text(diff_1), second);
}

/* `layers` are descriptors with commas between them. */
static inline const char *make_manifest(const char *config, const char *layers)
{
	return make_text("{\"schemaVersion\":2,\"mediaType\":\"" MEDIA_TYPE_OCI_MANIFEST
					 "\",\"config\":%s,"
					 "\"layers\":[%s]}",
					 make_descriptor(MEDIA_TYPE_OCI_CONFIG, config, ""), layers);
}

static inline const char *make_index(const char *children)
{
	return make_text("{\"schemaVersion\":2,\"mediaType\":\"" MEDIA_TYPE_OCI_INDEX
					 "\",\"manifests\":[%s]}",
					 children);
}

static inline int maker_start(void **state)
{
	(void)state;
	char template[] = "/tmp/layerproof-test-XXXXXX";
	assert_non_null(mkdtemp(template));
	maker_directory = memory_copy_text(template);
	return 0;
}

static inline int maker_remove(const char *path, const struct stat *status, int kind,
							   struct FTW *place)
{
	(void)status;
	(void)kind;
	(void)place;
	return remove(path);
}

static inline int maker_stop(void **state)
{
	(void)state;
	for (size_t i = 0; i < maker_text_count; i++)
		free(maker_texts[i]);
	maker_text_count = 0;
	if (maker_directory != NULL)
		nftw(maker_directory, maker_remove, 8, FTW_DEPTH | FTW_PHYS);
	free(maker_directory);
	maker_directory = NULL;
	return 0;
}

/* Writes a file below the test's directory, with the directories on its way. */
static inline void make_file_of(const char *name, const void *bytes, size_t size)
{
	char *path = make_text("%s/%s", maker_directory, name);
	for (char *slash = strchr(path + strlen(maker_directory) + 1, '/'); slash != NULL;
		 slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static inline void make_file(const char *name, const char *text)
{
	make_file_of(name, text, strlen(text));
}

/* Where a layout keeps the blob of this digest text. */
static inline const char *make_blob_name(const char *directory, const char *digest_text)
{
	return make_text("%s/blobs/sha256/%s", directory, digest_text + strlen("sha256:"));
}

static inline void make_blob(const char *directory, const char *text)
{
	make_file(make_blob_name(directory, make_digest_text(text)), text);
}

static inline char *make_path(const char *name)
{
	return make_text("%s/%s", maker_directory, name);
}

/* Packs the files of a directory, named without "./", into a tar beside it. */
static inline void make_tar(const char *tar, const char *directory)
{
	char *command = make_text("cd '%s/%s' && tar -cf '../%s' -- *", maker_directory, directory,
							  tar);
	assert_int_equal(system(command), 0);
}

#endif
