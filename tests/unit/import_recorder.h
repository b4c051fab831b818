/*
 * import_recorder: what an import gave, as one text that tests compare.
 *
 * In inputs, "$1" stands for "sha256:" and 64 times the digit, "%1" for the 64 digits alone. In
 * results a digest of one repeated digit is that digit.
 */
#ifndef LAYERPROOF_IMPORT_RECORDER_H
#define LAYERPROOF_IMPORT_RECORDER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "layerproof/buffer.h"
#include "layerproof/import.h"
#include "layerproof/memory.h"

enum { RECORDED_MAX = 16 << 20 };

static inline void recorder_add(struct buffer *out, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static inline void recorder_add(struct buffer *out, const char *format, ...)
{
	char text[2048];
	struct error err = ERROR_INIT;
	va_list values;
	va_start(values, format);
	vsnprintf(text, sizeof(text), format, values);
	va_end(values);
	assert_int_equal(buffer_add(out, text, strlen(text), &err), 0);
}

static inline void recorder_add_digest(struct buffer *out, const struct digest *digest)
{
	char text[DIGEST_TEXT_SIZE];
	digest_format(digest, text);
	if (digest->algorithm == DIGEST_SHA256 && strspn(text + 7, (char[]){text[7], '\0'}) == 64) {
		recorder_add(out, "%c", text[7]);
	} else {
		recorder_add(out, "%s", text);
	}
}

static inline void recorder_add_list(struct buffer *out, const char *name,
									 const struct digest *digests, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		recorder_add(out, "%s", i == 0 ? name : ",");
		recorder_add_digest(out, &digests[i]);
	}
}

static inline void recorder_add_severities(struct buffer *out, const char *before,
										   const struct severities *severities)
{
	if (severities->os != SEVERITY_NONE) {
		recorder_add(out, "%sos=%s", before, severity_name(severities->os));
	}
	if (severities->app != SEVERITY_NONE) {
		recorder_add(out, "%sapp=%s", before, severity_name(severities->app));
	}
}

static inline int recorder_image(void *context, const struct internal_image *image, bool has_origin,
								 struct error *err)
{
	struct buffer *out = context;
	(void)err;
	recorder_add(out, "%llu \"%s\"", (unsigned long long)image->row, image->name);
	for (size_t i = 0; i < image->top_count; i++) {
		recorder_add(out, " %s=", identity_name(image->tops[i].identity));
		recorder_add_digest(out, &image->tops[i].digest);
	}
	recorder_add_list(out, " layers=", image->layers, image->layer_count);
	recorder_add_list(out, " diff_ids=", image->diff_ids, image->diff_id_count);
	if (image->platform != NULL) {
		recorder_add(out, " platform=%s", image->platform);
	}
	if (digest_is_set(&image->base_digest)) {
		recorder_add_list(out, " base=", &image->base_digest, 1);
	}
	if (image->has_boundary) {
		recorder_add(out, " boundary=%zu", image->boundary);
	}
	if (image->root_layers != 0) {
		recorder_add(out, " root=%zu", image->root_layers);
	}
	recorder_add_severities(out, " ", &image->severities);
	for (size_t i = 0; i < image->layer_severity_count; i++) {
		recorder_add_list(out, " ", &image->layer_severities[i].layer, 1);
		recorder_add_severities(out, ":", &image->layer_severities[i].greatest);
	}
	if (has_origin) {
		recorder_add(out, " origin=%s", origin_name(image->origin));
	}
	recorder_add(out, "\n");
	return 0;
}

static inline int recorder_refusal(void *context, const struct import_refusal *refusal,
								   struct error *err)
{
	(void)err;
	recorder_add(context, "%llu refused: line %llu: %s%s%s\n", (unsigned long long)refusal->row,
				 (unsigned long long)refusal->line, refusal->column == NULL ? "" : refusal->column,
				 refusal->column == NULL ? "" : ": ", refusal->reason);
	return 0;
}

static inline int recorder_passed_over(void *context, const struct import_refusal *other,
									   struct error *err)
{
	(void)err;
	recorder_add(context, "%llu passed over: line %llu: %s%s%s\n", (unsigned long long)other->row,
				 (unsigned long long)other->line, other->column == NULL ? "" : other->column,
				 other->column == NULL ? "" : ": ", other->reason);
	return 0;
}

/* The input with its digests written out. Free with free(). */
static inline char *recorder_expand(const char *text)
{
	struct buffer out = BUFFER_INIT(RECORDED_MAX);
	for (; *text != '\0'; text++) {
		bool digest = (*text == '$' || *text == '%') && text[1] != '\0';
		if (!digest) {
			recorder_add(&out, "%c", *text);
			continue;
		}
		recorder_add(&out, "%s", *text == '$' ? "sha256:" : "");
		text++;
		for (int i = 0; i < 64; i++) {
			recorder_add(&out, "%c", *text);
		}
	}
	return buffer_steal(&out);
}

/* A reader that gives `step` bytes at a time. */
struct stepping_reader {
	struct reader reader;
	const uint8_t *bytes;
	size_t size;
	size_t step;
	uint8_t chunk[4096]; /* overwritten by each call: nobody may look back */
};

static inline int stepping_next(struct reader *self, const uint8_t **bytes, size_t *size,
								struct error *err)
{
	struct stepping_reader *reader = (struct stepping_reader *)self;
	(void)err;
	size_t taken = reader->size < reader->step ? reader->size : reader->step;
	memset(reader->chunk, 'Z', sizeof(reader->chunk));
	memcpy(reader->chunk, reader->bytes, taken);
	reader->bytes += taken;
	reader->size -= taken;
	*bytes = reader->chunk;
	*size = taken;
	return 0;
}

/* What importing the bytes gives: a line for each record, and then the error, if there is one. Free
 * with free(). */
static inline char *recorder_import(const char *bytes, size_t size, size_t step, const char *format,
									const char *const *maps)
{
	struct stepping_reader reader = {.bytes = (const uint8_t *)bytes, .size = size, .step = step};
	struct import_map map[8] = {{0}};
	struct error err = ERROR_INIT;
	struct import_options options = {.format = format, .file = "export", .map = map};
	reader.reader.next = stepping_next;
	for (; maps != NULL && maps[options.map_count] != NULL; options.map_count++) {
		const char *text = maps[options.map_count];
		assert_int_equal(import_map_parse(text, &map[options.map_count], &err), 0);
	}
	struct buffer out = BUFFER_INIT(RECORDED_MAX);
	const struct import_sink sink = {
		.image = recorder_image,
		.refusal = recorder_refusal,
		.passed_over = recorder_passed_over,
		.context = &out,
	};
	struct import_summary summary = {0};
	recorder_add(&out, "%s", "");
	if (import_read(&reader.reader, &options, &sink, &summary, &err) != 0) {
		recorder_add(&out, "%s: %s\n", error_code_name(err.code), err.text);
	} else {
		struct digest expected;
		digest_of(DIGEST_SHA256, bytes, size, &expected);
		assert_true(digest_equal(&summary.sha256, &expected));
	}
	for (size_t i = 0; i < options.map_count; i++) {
		import_map_clear(&map[i]);
	}
	return buffer_steal(&out);
}

/* Imports in steps of several sizes: the result must not depend on where the chunks end. */
static inline void assert_import(const char *input, size_t size, const char *const *maps,
								 const char *expected)
{
	static const size_t steps[] = {4096, 1, 2, 3, 7, 64};
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		CLEANUP(free_at) char *actual = recorder_import(input, size, steps[i], NULL, maps);
		assert_string_equal(actual, expected);
	}
}

/* A case of a table. */
struct import_case {
	const char *input;
	const char *expected;
	const char *maps[4];
};

static inline void assert_import_case(const struct import_case *tried)
{
	CLEANUP(free_at) char *input = recorder_expand(tried->input);
	assert_import(input, strlen(input), tried->maps, tried->expected);
}

#endif
