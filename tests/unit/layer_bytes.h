/*
 * layer_bytes: tars, gzip members and zstd frames made in memory, and readers that serve them in
 * awkward chunks, for the tests of src/layer/.
 */
#ifndef TESTS_LAYER_BYTES_H
#define TESTS_LAYER_BYTES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
#include <zstd.h>

#include "layerproof/buffer.h"
#include "layerproof/error.h"
#include "layerproof/memory.h"
#include "layerproof/reader.h"

enum { BYTES_MAXIMUM = 128 << 20, TAR_BLOCK = 512 };

#define BYTES BUFFER_INIT(BYTES_MAXIMUM)

static inline void bytes_add(struct buffer *out, const void *bytes, size_t size)
{
	struct error err = ERROR_INIT;
	assert_int_equal(buffer_add(out, bytes, size, &err), 0);
}

static inline void bytes_add_buffer(struct buffer *out, const struct buffer *more)
{
	if (more->size > 0)
		bytes_add(out, more->bytes, more->size);
}

static inline void bytes_add_fill(struct buffer *out, char byte, size_t size)
{
	char *fill = memory_alloc(size + 1, 1);
	memset(fill, byte, size);
	bytes_add(out, fill, size);
	free(fill);
}

/* Bytes that do not compress: a linear congruential generator (Knuth's MMIX numbers). */
static inline void bytes_add_noise(struct buffer *out, size_t size)
{
	uint64_t state = 42;
	char *noise = memory_alloc(size + 1, 1);
	for (size_t i = 0; i < size; i++) {
		state = state * 6364136223846793005u + 1442695040888963407u;
		noise[i] = (char)(state >> 56);
	}
	bytes_add(out, noise, size);
	free(noise);
}

static inline void tar_pad(struct buffer *out)
{
	bytes_add_fill(out, 0, (TAR_BLOCK - out->size % TAR_BLOCK) % TAR_BLOCK);
}

static inline void tar_sign(uint8_t header[TAR_BLOCK])
{
	unsigned sum = 0;
	memset(header + 148, ' ', 8);
	for (int i = 0; i < TAR_BLOCK; i++)
		sum += header[i];
	snprintf((char *)header + 148, 8, "%06o", sum);
}

/* One header of POSIX ustar; `size` is what it says, not what follows. */
static inline void tar_add_header(struct buffer *out, char type, const char *name, size_t size,
								  const char *link)
{
	uint8_t header[TAR_BLOCK] = {0};
	strncpy((char *)header, name, 100);
	memcpy(header + 100, "0000644\0000000000\0000000000", 24);
	snprintf((char *)header + 124, 12, "%011zo", size);
	memcpy(header + 136, "00000000000", 12);
	header[156] = (uint8_t)type;
	strncpy((char *)header + 157, link, 100);
	memcpy(header + 257, "ustar\00000", 8);
	tar_sign(header);
	bytes_add(out, header, sizeof(header));
}

static inline void tar_add(struct buffer *out, char type, const char *name, const void *content,
						   size_t size)
{
	tar_add_header(out, type, name, size, "");
	bytes_add(out, content, size);
	tar_pad(out);
}

static inline void tar_add_file(struct buffer *out, const char *name, const char *content)
{
	tar_add(out, '0', name, content, strlen(content));
}

static inline void tar_add_link(struct buffer *out, char type, const char *name, const char *target)
{
	tar_add_header(out, type, name, 0, target);
}

/* A pax record "LENGTH KEY=VALUE\n", whose length counts itself. */
static inline void pax_add(struct buffer *out, const char *key, const char *value)
{
	size_t rest = strlen(key) + strlen(value) + 3;
	size_t length = rest + 1;
	char digits[24];
	while ((size_t)snprintf(digits, sizeof(digits), "%zu", length) + rest != length)
		length++;
	struct error err = ERROR_INIT;
	assert_int_equal(buffer_add_format(out, &err, "%zu %s=%s\n", length, key, value), 0);
}

static inline void tar_end(struct buffer *out)
{
	bytes_add_fill(out, 0, 2 * TAR_BLOCK);
}

/* One member (RFC 1952), level 1 of ISA-L. */
static inline void gzip_add(struct buffer *out, const void *bytes, size_t size)
{
	uint8_t level_buffer[ISAL_DEF_LVL1_DEFAULT];
	struct isal_zstream stream;
	isal_deflate_init(&stream);
	stream.level = 1;
	stream.level_buf = level_buffer;
	stream.level_buf_size = sizeof(level_buffer);
	stream.end_of_stream = 1;
	stream.gzip_flag = IGZIP_GZIP;
	stream.next_in = (uint8_t *)(uintptr_t)bytes;
	stream.avail_in = (uint32_t)size;
	stream.avail_out = (uint32_t)(size + size / 8 + 1024);
	uint8_t *made = memory_alloc(stream.avail_out, 1);
	stream.next_out = made;
	assert_int_equal(isal_deflate(&stream), COMP_OK);
	bytes_add(out, made, stream.total_out);
	free(made);
}

/* One frame (RFC 8878) with its checksum. */
static inline void zstd_add(struct buffer *out, const void *bytes, size_t size)
{
	ZSTD_CCtx *context = ZSTD_createCCtx();
	size_t room = ZSTD_compressBound(size);
	void *made = memory_alloc(room, 1);
	ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
	size_t got = ZSTD_compress2(context, made, room, bytes, size);
	assert_false(ZSTD_isError(got));
	bytes_add(out, made, got);
	free(made);
	ZSTD_freeCCtx(context);
}

static inline void zstd_add_skippable(struct buffer *out, const void *bytes, uint8_t size)
{
	const uint8_t header[] = {0x53, 0x2a, 0x4d, 0x18, size, 0, 0, 0};
	bytes_add(out, header, sizeof(header));
	bytes_add(out, bytes, size);
}

/* Serves `size` bytes, `chunk` at a time, each chunk in memory of its own, so that a borrow kept
 * too long is seen; then ends, or fails with ERROR_UNREACHABLE. */
struct chunk_reader {
	struct reader reader;
	const char *bytes;
	size_t size;
	size_t chunk;
	int fails;
	int ended; /* a failure was told: nobody may pull again */
	uint8_t *held;
};

static inline int chunk_reader_next(struct reader *reader, const uint8_t **bytes, size_t *size,
									struct error *err)
{
	struct chunk_reader *self = (struct chunk_reader *)reader;
	assert_false(self->ended);
	free(STEAL(self->held));
	if (self->size == 0 && self->fails) {
		self->ended = 1;
		return error_set(err, ERROR_UNREACHABLE, "connection lost");
	}
	*size = self->size < self->chunk ? self->size : self->chunk;
	if (*size == 0)
		return 0;
	self->held = memory_alloc(*size, 1);
	memcpy(self->held, self->bytes, *size);
	*bytes = self->held;
	self->bytes += *size;
	self->size -= *size;
	return 0;
}

static inline void chunk_reader_close(struct reader *reader)
{
	struct chunk_reader *self = (struct chunk_reader *)reader;
	free(self->held);
	free(self);
}

static inline struct reader *chunk_reader_new(const void *bytes, size_t size, size_t chunk)
{
	struct chunk_reader *self = memory_alloc(1, sizeof(*self));
	self->reader = (struct reader){.next = chunk_reader_next, .close = chunk_reader_close};
	self->bytes = bytes;
	self->size = size;
	self->chunk = chunk;
	return &self->reader;
}

static inline struct reader *failing_reader_new(const void *bytes, size_t size, size_t chunk)
{
	struct reader *reader = chunk_reader_new(bytes, size, chunk);
	((struct chunk_reader *)reader)->fails = 1;
	return reader;
}

static inline void check_error(const struct error *err, enum error_code code, const char *text)
{
	assert_string_equal(err->text, text);
	assert_int_equal(err->code, code);
}

#endif
