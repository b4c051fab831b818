/*
 * Exports of every format, told by their content: what comes out must not depend on where the
 * chunks end, and is always an image with a digest, of a row that there is.
 */
#include "import_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct format_outcome {
	struct digest_stream *hash;
	uint64_t refusals;
	uint64_t passed_over;
	uint64_t last_row;
};

static void add_text(struct format_outcome *outcome, const char *text)
{
	digest_stream_add(outcome->hash, text, strlen(text) + 1);
}

static void add_digests(struct format_outcome *outcome, const struct digest *digests, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		require(digest_is_set(&digests[i]));
		digest_stream_add(outcome->hash, digests[i].bytes, DIGEST_BYTES_MAX);
	}
}

static int take_image(void *context, const struct internal_image *image, bool has_origin,
					  struct error *err)
{
	struct format_outcome *outcome = context;
	(void)err;
	(void)has_origin;
	require(image->row != 0);
	require(image->top_count + image->layer_count + image->diff_id_count != 0);
	require(image->layer_count == 0 || image->diff_id_count == 0 ||
			image->layer_count == image->diff_id_count);
	require(image->root_layers <= image->layer_count + image->diff_id_count);
	require(image->name != NULL);
	add_text(outcome, image->name);
	add_text(outcome, image->platform == NULL ? "" : image->platform);
	add_digests(outcome, image->layers, image->layer_count);
	add_digests(outcome, image->diff_ids, image->diff_id_count);
	for (size_t i = 0; i < image->top_count; i++) {
		add_text(outcome, identity_name(image->tops[i].identity));
		add_digests(outcome, &image->tops[i].digest, 1);
	}
	outcome->last_row = image->row > outcome->last_row ? image->row : outcome->last_row;
	return 0;
}

static int take_other(struct format_outcome *outcome, const struct import_refusal *other)
{
	require(other->line != 0 && other->row != 0 && other->reason[0] != '\0');
	add_text(outcome, other->reason);
	digest_stream_add(outcome->hash, &other->line, sizeof(other->line));
	outcome->last_row = other->row > outcome->last_row ? other->row : outcome->last_row;
	return 0;
}

static int take_refusal(void *context, const struct import_refusal *refusal, struct error *err)
{
	struct format_outcome *outcome = context;
	(void)err;
	outcome->refusals++;
	return take_other(outcome, refusal);
}

static int take_passed_over(void *context, const struct import_refusal *other, struct error *err)
{
	struct format_outcome *outcome = context;
	(void)err;
	outcome->passed_over++;
	return take_other(outcome, other);
}

static struct digest import_told(const uint8_t *data, size_t size, size_t step)
{
	struct step_reader reader = {.data = data, .size = size, .step = step};
	struct format_outcome outcome = {.hash = digest_stream_new()};
	const struct import_options options = {.file = "-"};
	const struct import_sink sink = {.image = take_image,
									 .refusal = take_refusal,
									 .passed_over = take_passed_over,
									 .context = &outcome};
	struct import_summary summary;
	struct error err = ERROR_INIT;
	struct digest digest;
	reader.reader.next = step_next;
	digest_stream_start(outcome.hash, DIGEST_SHA256);
	if (import_read(&reader.reader, &options, &sink, &summary, &err) == 0) {
		require(outcome.last_row <= summary.rows && summary.refused <= outcome.refusals);
		require(summary.passed_over == outcome.passed_over);
		add_text(&outcome, summary.format);
	} else {
		require(err.code != ERROR_NONE && err.code != ERROR_USAGE);
		add_text(&outcome, err.text);
	}
	digest_stream_finish(outcome.hash, &digest);
	digest_stream_free(outcome.hash);
	free(reader.chunk);
	return digest;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct digest whole = import_told(data, size, size + 1);
	struct digest stepped = import_told(data, size, 3);
	require(digest_equal(&whole, &stepped));
	return 0;
}
