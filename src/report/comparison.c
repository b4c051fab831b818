#include "comparison.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "layerproof/memory.h"
#include "layerproof/text.h"

enum {
	DIGITS_SHOWN = 12, /* of a digest: as many as docker shows */
	CREATED_BY_WIDTH = 60,
	SIZE_TEXT = 32,
};

void comparison_begin(struct comparison *comparison, size_t count)
{
	*comparison = (struct comparison){
		.here = memory_alloc(count, sizeof(*comparison->here)),
		.layers = memory_alloc(count, sizeof(*comparison->layers)),
		.layer_count = count,
	};
	for (size_t i = 0; i < count; i++)
		comparison->layers[i].size = -1;
}

void comparison_clear(struct comparison *comparison)
{
	free(comparison->here);
	free(comparison->layers);
	free(comparison->there);
	*comparison = (struct comparison){.here = NULL};
}

/* ---- Whose a layer is ---- */

static bool is_disclaimed(const struct comparison_layer *layer)
{
	return layer->has_origin && layer->origin >= ORIGIN_THIRD_PARTY;
}

/* A layer of the candidate. "base" is known by the internal image alone: what is below its
 * boundary. What the index gives to others is theirs, base or not. */
static const char *whose_here(const struct comparison *comparison,
							  const struct alignment_line *line)
{
	const struct comparison_layer *layer = &comparison->layers[line->here];
	if (line->relation == ALIGNMENT_EMPTY)
		return "";
	if (layer->is_ours)
		return "ours";
	if (layer->has_origin && layer->origin != ORIGIN_OURS)
		return origin_name(layer->origin);
	if (line->there != SIZE_MAX && line->there < comparison->boundary)
		return "base";
	return layer->has_origin ? "shared" : "";
}

static const char *whose(const struct comparison *comparison, const struct alignment_line *line)
{
	if (line->here != SIZE_MAX)
		return whose_here(comparison, line);
	return line->there < comparison->boundary ? "base" : origin_name(comparison->origin);
}

/* ---- Lines ---- */

static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xC0) == 0x80;
}

/* As much of a command as may be shown, each run of blanks as one. */
static char *take_begin(const char *text, bool *is_whole)
{
	enum { MOST = 4 * CREATED_BY_WIDTH };
	char *begin = memory_alloc(MOST + 1, 1);
	size_t size = 0;
	for (; *text != '\0' && size < MOST; text++) {
		bool is_blank = text_is_blank(*text);
		if (!is_blank || (size > 0 && begin[size - 1] != ' '))
			begin[size++] = is_blank ? ' ' : *text;
	}
	*is_whole = *text == '\0';
	if (is_continuation(*text))
		while (size > 0 && is_continuation(begin[--size]))
			continue;
	begin[size] = '\0';
	return begin;
}

static char *shorten(const char *text)
{
	bool is_whole;
	CLEANUP(free_at) char *begin = take_begin(text, &is_whole);
	CLEANUP(free_at) char *shown = text_printable(begin);
	bool is_cut = !is_whole || text_width(shown) > CREATED_BY_WIDTH;
	if (is_cut)
		text_cut(shown, CREATED_BY_WIDTH - 3);
	return memory_format("%s%s", shown, is_cut ? "..." : "");
}

static int add_place(size_t place, int width, struct buffer *out, struct error *err)
{
	if (place == SIZE_MAX)
		return buffer_add_format(out, err, "%*s  ", width, "-");
	return buffer_add_format(out, err, "%*zu  ", width, place + 1);
}

static const struct digest *digest_of_line(const struct comparison *comparison,
										   const struct alignment_line *line)
{
	if (line->here != SIZE_MAX)
		return &comparison->layers[line->here].digest;
	const struct alignment_layer *there = &comparison->there[line->there];
	return digest_is_set(&there->blob) ? &there->blob : &there->tar;
}

/* "sha256:0123456789ab"; "-" for none. */
static const char *format_short(const struct digest *digest, char text[static DIGEST_TEXT_SIZE])
{
	if (!digest_is_set(digest))
		return "-";
	digest_format(digest, text);
	char *colon = strchr(text, ':');
	if (colon != NULL)
		colon[1 + DIGITS_SHOWN] = '\0';
	return text;
}

/* What stands at the end: "in debian:12  tampered  unread: damaged  RUN make". */
static int add_remarks(const struct comparison *comparison, const struct comparison_layer *layer,
					   struct buffer *out, struct error *err)
{
	bool is_elsewhere = layer->holder != NULL && *layer->holder != '\0' &&
						(!comparison->has_nearest || strcmp(layer->holder, comparison->name) != 0);
	CLEANUP(free_at) char *holder = text_printable(is_elsewhere ? layer->holder : "");
	CLEANUP(free_at) char *unread = text_printable(layer->unread == NULL ? "" : layer->unread);
	CLEANUP(free_at) char *created = shorten(layer->created_by == NULL ? "" : layer->created_by);
	return buffer_add_format(out, err, "%s%s%s%s%s%s%s", *holder == '\0' ? "" : "  in ", holder,
							 layer->is_tampered ? "  tampered" : "",
							 *unread == '\0' ? "" : "  unread: ", unread,
							 *created == '\0' ? "" : "  ", created);
}

static int write_line(const struct comparison *comparison, const struct alignment_line *line,
					  bool colour, struct buffer *out, struct error *err)
{
	char size[SIZE_TEXT] = "-";
	char digest[DIGEST_TEXT_SIZE];
	const char *level = "-";
	const struct comparison_layer *layer = NULL;
	if (line->here != SIZE_MAX) {
		layer = &comparison->layers[line->here];
		level = layer->is_hashed ? "hashed" : "declared";
		if (layer->size >= 0)
			text_format_size(layer->size, size, sizeof(size));
	}
	bool is_marked = colour && layer != NULL && layer->is_ours;
	const char *owner = whose(comparison, line);
	if (buffer_add_format(out, err, "    %s", is_marked ? "\033[1;31m" : "") != 0 ||
		add_place(line->here, 4, out, err) != 0 || add_place(line->there, 5, out, err) != 0 ||
		buffer_add_format(out, err, "%-12s  %-11s  %-8s  %10s  %s",
						  comparison->there_count > 0 || line->relation == ALIGNMENT_EMPTY
							  ? alignment_relation_name(line->relation)
							  : "-",
						  *owner == '\0' ? "-" : owner, level, size,
						  format_short(digest_of_line(comparison, line), digest)) != 0 ||
		(layer != NULL && add_remarks(comparison, layer, out, err) != 0))
		return -1;
	return buffer_add_format(out, err, "%s\n", is_marked ? "\033[0m" : "");
}

/* ---- Above the lines ---- */

static int write_nearest(const struct comparison *comparison, struct buffer *out, struct error *err)
{
	CLEANUP(free_at)
	char *name = text_printable(*comparison->name == '\0' ? "an internal image without a name"
														  : comparison->name);
	CLEANUP(free_at)
	char *source = text_printable(comparison->source == NULL ? "" : comparison->source);
	CLEANUP(free_at)
	char *platform = text_printable(
		comparison->there_platform == NULL ? "" : comparison->there_platform);
	CLEANUP(free_at) char *reason = text_printable(comparison->boundary_reason);
	if (buffer_add_format(out, err, "beside %s (%s%s%s%s%s", name, origin_name(comparison->origin),
						  *platform == '\0' ? "" : ", ", platform, *source == '\0' ? "" : ", ",
						  source) != 0)
		return -1;
	if (comparison->row > 0 && buffer_add_format(out, err, " row %" PRId64, comparison->row) != 0)
		return -1;
	if (buffer_add_format(out, err, ")\n") != 0)
		return -1;
	if (comparison->there_count == 0)
		return buffer_add_format(out, err, "    the index does not know its layers\n");
	if (comparison->left_out > 0 &&
		buffer_add_format(out, err, "    %zu more layers of it are not compared\n",
						  comparison->left_out) != 0)
		return -1;
	return buffer_add_format(out, err, "    its base: %zu layer%s, %s\n", comparison->boundary,
							 comparison->boundary == 1 ? "" : "s", reason);
}

/* "layers of linux/amd64 beside debian:12 (public, cspm row 2)", as far as that is known. */
static int write_head(const struct comparison *comparison, bool colour, struct buffer *out,
					  struct error *err)
{
	CLEANUP(free_at)
	char *platform = text_printable(comparison->platform == NULL ? "" : comparison->platform);
	if (buffer_add_format(out, err, "    layers%s%s%s", *platform == '\0' ? "" : " of ", platform,
						  comparison->has_nearest ? " " : "\n") != 0 ||
		(comparison->has_nearest && write_nearest(comparison, out, err) != 0))
		return -1;
	if (comparison->is_without_nearest &&
		buffer_add_format(out, err,
						  "    the finding does not say what layers the internal image has\n") != 0)
		return -1;
	return buffer_add_format(out, err,
							 "    %sHERE  THERE  %-12s  %-11s  %-8s  %10s  %-19s  CREATED BY%s\n",
							 colour ? "\033[1m" : "", "LAYER", "WHOSE", "LEVEL", "SIZE", "DIGEST",
							 colour ? "\033[0m" : "");
}

/* ---- Below the lines ---- */

/* Layers with content, and the bytes they take as stored here. */
struct share {
	size_t layers;
	int64_t bytes;
	bool is_at_least; /* the size of one is not stated */
};

struct shares {
	struct share all;
	struct share ours;
	struct share others;  /* public or third-party */
	struct share found;   /* of the internal image's layers */
	size_t found_above;   /* of them, above its boundary */
	size_t missing_above; /* its layers above that are not here */
};

static void add_to(struct share *share, int64_t size)
{
	share->layers++;
	if (size < 0)
		share->is_at_least = true;
	else
		share->bytes = size > INT64_MAX - share->bytes ? INT64_MAX : share->bytes + size;
}

static void count_line(const struct comparison *comparison, const struct alignment_line *line,
					   struct shares *out)
{
	bool is_above = line->there != SIZE_MAX && line->there >= comparison->boundary;
	if (line->relation == ALIGNMENT_EMPTY)
		return;
	if (line->here == SIZE_MAX) {
		out->missing_above += is_above;
		return;
	}
	const struct comparison_layer *layer = &comparison->layers[line->here];
	add_to(&out->all, layer->size);
	if (layer->is_ours)
		add_to(&out->ours, layer->size);
	else if (is_disclaimed(layer))
		add_to(&out->others, layer->size);
	if (line->there == SIZE_MAX)
		return;
	add_to(&out->found, layer->size);
	out->found_above += is_above;
}

/* "1.5 MiB", "at least 1.5 MiB" */
static const char *format_share(const struct share *share, char text[static SIZE_TEXT])
{
	char size[SIZE_TEXT];
	snprintf(text, SIZE_TEXT, "%s%s", share->is_at_least ? "at least " : "",
			 text_format_size(share->bytes, size, sizeof(size)));
	return text;
}

static int write_found(const struct comparison *comparison, const struct alignment *alignment,
					   const struct shares *shares, struct buffer *out, struct error *err)
{
	char bytes[SIZE_TEXT];
	if (!comparison->has_nearest || comparison->there_count == 0)
		return 0;
	return buffer_add_format(
		out, err,
		"    of that image %zu of %zu layer%s %s here, %zu of %zu above its base; %s as stored "
		"here%s\n",
		shares->found.layers, alignment->there_count, alignment->there_count == 1 ? "" : "s",
		alignment->there_count == 1 ? "is" : "are", shares->found_above,
		shares->found_above + shares->missing_above, format_share(&shares->found, bytes),
		shares->found.layers < alignment->there_count
			? "; the index knows no sizes of those that are missing"
			: "");
}

static int write_ours(const struct shares *shares, struct buffer *out, struct error *err)
{
	char ours[SIZE_TEXT];
	char all[SIZE_TEXT];
	char others[SIZE_TEXT];
	return buffer_add_format(
		out, err,
		"    of this image %zu of %zu layer%s %s ours, %s of %s; public or third-party: %zu, %s\n",
		shares->ours.layers, shares->all.layers, shares->all.layers == 1 ? "" : "s",
		shares->all.layers == 1 ? "is" : "are", format_share(&shares->ours, ours),
		format_share(&shares->all, all), shares->others.layers,
		format_share(&shares->others, others));
}

int comparison_write(const struct comparison *comparison, bool colour, struct buffer *out,
					 struct error *err)
{
	struct alignment alignment CLEANUP(alignment_clear) = {.lines = NULL};
	struct shares shares = {.found_above = 0};
	alignment_make(comparison->here, comparison->layer_count, comparison->there,
				   comparison->there_count, &alignment);
	if (write_head(comparison, colour, out, err) != 0)
		return -1;
	for (size_t i = 0; i < alignment.count; i++) {
		if (write_line(comparison, &alignment.lines[i], colour, out, err) != 0)
			return -1;
		count_line(comparison, &alignment.lines[i], &shares);
	}
	if (write_found(comparison, &alignment, &shares, out, err) != 0)
		return -1;
	return write_ours(&shares, out, err);
}
