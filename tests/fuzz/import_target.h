/*
 * import_target: feeds an export to a reader of one format, whole and in small steps, without and
 * with --map, and holds it to what is always true.
 */
#ifndef LAYERPROOF_IMPORT_TARGET_H
#define LAYERPROOF_IMPORT_TARGET_H

#include <stdlib.h>
#include <string.h>

#include "layerproof/import.h"

/* What came out, in few bytes: equal outcomes have equal ones. */
struct import_outcome {
	struct digest_stream *hash;
	uint64_t images;
	uint64_t refusals;
	uint64_t last_row;
};

static inline void require(bool condition)
{
	if (!condition) {
		abort();
	}
}

static inline int outcome_image(void *context, const struct internal_image *image, bool has_origin,
								struct error *err)
{
	struct import_outcome *outcome = context;
	(void)err;
	(void)has_origin;
	outcome->images++;
	require(image->row == ++outcome->last_row);
	require(image->top_count + image->layer_count + image->diff_id_count != 0);
	require(image->layer_count == 0 || image->diff_id_count == 0 ||
			image->layer_count == image->diff_id_count);
	require(image->name != NULL && strlen(image->name) <= 1024);
	digest_stream_add(outcome->hash, image->name, strlen(image->name));
	for (size_t i = 0; i < image->layer_count; i++) {
		require(digest_is_set(&image->layers[i]));
		digest_stream_add(outcome->hash, image->layers[i].bytes, DIGEST_BYTES_MAX);
	}
	return 0;
}

static inline int outcome_refusal(void *context, const struct import_refusal *refusal,
								  struct error *err)
{
	struct import_outcome *outcome = context;
	(void)err;
	outcome->refusals++;
	require(refusal->row == ++outcome->last_row);
	require(refusal->line != 0 && refusal->reason[0] != '\0');
	digest_stream_add(outcome->hash, refusal->reason, strlen(refusal->reason));
	digest_stream_add(outcome->hash, &refusal->line, sizeof(refusal->line));
	return 0;
}

/* Gives up to `step` bytes at a time, in memory of exactly their size, gone at the next call. */
struct step_reader {
	struct reader reader;
	const uint8_t *data;
	size_t size;
	size_t step;
	uint8_t *chunk;
};

static inline int step_next(struct reader *self, const uint8_t **bytes, size_t *size,
							struct error *err)
{
	struct step_reader *reader = (struct step_reader *)self;
	(void)err;
	free(reader->chunk);
	*size = reader->size < reader->step ? reader->size : reader->step;
	reader->chunk = malloc(*size + 1);
	require(reader->chunk != NULL);
	memcpy(reader->chunk, reader->data, *size);
	*bytes = reader->chunk;
	reader->data += *size;
	reader->size -= *size;
	return 0;
}

/* Rows, images, refusals and errors, hashed. */
static inline struct digest import_in_steps(const struct import_options *options,
											const uint8_t *data, size_t size, size_t step)
{
	struct step_reader reader = {.data = data, .size = size, .step = step};
	struct import_outcome outcome = {.hash = digest_stream_new()};
	const struct import_sink sink = {
		.image = outcome_image, .refusal = outcome_refusal, .context = &outcome};
	struct import_summary summary;
	struct error err = ERROR_INIT;
	struct digest digest;
	reader.reader.next = step_next;
	digest_stream_start(outcome.hash, DIGEST_SHA256);
	if (import_read(&reader.reader, options, &sink, &summary, &err) == 0) {
		require(summary.rows == outcome.images + outcome.refusals);
		require(summary.refused == outcome.refusals);
		digest_of(DIGEST_SHA256, data, size, &digest);
		require(digest_equal(&digest, &summary.sha256));
	} else {
		require(err.code != ERROR_NONE && err.code != ERROR_USAGE);
		digest_stream_add(outcome.hash, err.text, strlen(err.text));
	}
	digest_stream_finish(outcome.hash, &digest);
	digest_stream_free(outcome.hash);
	free(reader.chunk);
	return digest;
}

static inline void import_target(const char *format, const struct import_map *map, size_t map_count,
								 const uint8_t *data, size_t size)
{
	for (size_t mapped = 0; mapped < 2; mapped++) {
		struct import_options options = {
			.format = format, .file = "-", .map = map, .map_count = mapped * map_count};
		struct digest whole = import_in_steps(&options, data, size, size + 1);
		struct digest stepped = import_in_steps(&options, data, size, 3);
		require(digest_equal(&whole, &stepped));
	}
}

#endif
