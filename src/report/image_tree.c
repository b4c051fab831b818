#include "layerproof/image_tree.h"

#include "comparison_facts.h"
#include "coverage.h"
#include "layer_flags.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "layerproof/text.h"

struct tree_writer {
	struct buffer *out;
	struct error *err;
	bool colour;
};

/* What the index says of one digest, for the end of its line. */
static const char *mark_of(const struct match_lookup *lookup)
{
	return lookup->is_known ? origin_name(lookup->entry.origin) : "";
}

/* The same where the bytes served may have been something else: then what is known of them is no
 * word on what was declared. */
static const char *mark_of_declared(const struct match_lookup *lookup,
									const struct digest *declared)
{
	return digest_equal(&lookup->digest, declared) ? mark_of(lookup) : "";
}

static int write_line(const struct tree_writer *writer, const char *indent, const char *label,
					  const char *digest, const char *detail, const char *mark)
{
	const char *on = writer->colour && *mark != '\0' ? "\033[1;31m" : "";
	return buffer_add_format(writer->out, writer->err, "%s%-8s  %s%s%s%s%s%s%s\n", indent, label,
							 digest, *detail == '\0' ? "" : "  ", detail, *mark == '\0' ? "" : "  ",
							 on, mark, *on == '\0' ? "" : "\033[0m");
}

static int write_document(const struct tree_writer *writer, const char *indent, const char *label,
						  const struct digest *digest, const char *detail,
						  const struct match_lookup *lookup)
{
	char text[DIGEST_TEXT_SIZE];
	if (!digest_is_set(digest))
		return 0;
	return write_line(writer, indent, label, digest_format(digest, text), detail, mark_of(lookup));
}

static int write_computed(const struct tree_writer *writer, const char *label,
						  const struct digest *declared, const struct match_lookup *computed,
						  enum level level)
{
	char text[DIGEST_TEXT_SIZE];
	if (level != LEVEL_HASHED || digest_equal(declared, &computed->digest))
		return 0;
	return write_line(writer, "      ", label, digest_format(&computed->digest, text),
					  "computed: NOT what was declared", mark_of(computed));
}

/* "8.3 KiB  hashed  empty  format_mismatch  unread: damaged" */
static int add_detail(const struct match_layer *layer, int64_t size, struct buffer *out,
					  struct error *err)
{
	char text[32] = "";
	const char *flags[LAYER_FLAGS];
	size_t count = layer_flags_list(layer->oddities, layer->is_other_format, flags);
	if (size >= 0)
		text_format_size(size, text, sizeof(text));
	int result = buffer_add_format(out, err, "%s%s%s", text,
								   coverage_layer_is_hashed(layer) ? "  hashed" : "",
								   layer->is_empty ? "  empty" : "");
	for (size_t i = 0; i < count && result == 0; i++)
		result = buffer_add_format(out, err, "  %s", flags[i]);
	if (result == 0 && layer->unread != UNREAD_NOT)
		result = buffer_add_format(out, err, "  unread: %s", unread_name(layer->unread));
	return result;
}

/* The layer's line, and below it that of its diff_id if it has both names. */
static int write_declared(const struct tree_writer *writer, const char *label, const char *detail,
						  const struct tree_layer *declared, const struct match_layer *layer)
{
	char text[DIGEST_TEXT_SIZE];
	bool has_blob = declared->has_blob_digest && declared->descriptor.digest_text != NULL;
	CLEANUP(free_at)
	char *digest = text_printable(has_blob ? declared->descriptor.digest_text
										   : digest_format(&declared->diff_id, text));
	const char *tar_mark = mark_of_declared(&layer->tar, &declared->diff_id);
	const char *blob_mark = mark_of_declared(&layer->blob, &declared->descriptor.digest);
	if (write_line(writer, "    ", label, digest, detail,
				   *blob_mark == '\0' ? tar_mark : blob_mark) != 0)
		return -1;
	if (!has_blob || !digest_is_set(&declared->diff_id))
		return 0;
	return write_line(writer, "      ", "diff_id", digest_format(&declared->diff_id, text), "",
					  tar_mark);
}

static int write_layer(const struct tree_writer *writer, size_t number,
					   const struct tree_layer *declared, const struct match_layer *layer)
{
	struct buffer detail CLEANUP(buffer_clear) = BUFFER_INIT(LIMIT_KIB(1));
	CLEANUP(free_at) char *label = memory_format("layer %zu", number + 1);
	if (add_detail(layer, declared->descriptor.size, &detail, writer->err) != 0 ||
		write_declared(writer, label, detail.bytes, declared, layer) != 0)
		return -1;
	if (!layer->is_tampered)
		return 0;
	if (declared->has_blob_digest && write_computed(writer, "layer", &declared->descriptor.digest,
													&layer->blob, layer->blob_level) != 0)
		return -1;
	return write_computed(writer, "diff_id", &declared->diff_id, &layer->tar, layer->tar_level);
}

static int write_image(const struct tree_writer *writer, const struct match_image *image)
{
	const struct tree_image *tree = image->tree;
	CLEANUP(free_at) char *platform = text_printable(tree->platform == NULL ? "" : tree->platform);
	CLEANUP(free_at)
	char *detail = memory_format("%s%s", platform,
								 tree->is_attestation ? "  attestation"
								 : tree->is_artifact  ? "  artifact"
													  : "");
	const struct digest *manifest = digest_is_set(&tree->manifest) ? &tree->manifest
																   : &tree->manifest_declared;
	if (write_document(writer, "  ", "manifest", manifest, detail, &image->manifest) != 0 ||
		write_document(writer, "    ", "config", &tree->config, "", &image->config) != 0)
		return -1;
	for (size_t i = 0; !image->is_ignored && i < tree->layer_count; i++)
		if (write_layer(writer, i, &tree->layers[i], &image->layers[i]) != 0)
			return -1;
	return 0;
}

static int write_errors(const struct tree_writer *writer, const struct finding *finding)
{
	for (size_t i = 0; i < finding->error_count; i++) {
		const struct finding_error *error = &finding->errors[i];
		CLEANUP(free_at) char *where = text_printable(error->where == NULL ? "" : error->where);
		CLEANUP(free_at) char *message = text_printable(error->message);
		if (buffer_add_format(writer->out, writer->err, "  error     %s: %s%s%s\n",
							  error_code_name(error->code), where, *where == '\0' ? "" : ": ",
							  message) != 0)
			return -1;
	}
	return 0;
}

static int write_tree(const struct tree_writer *writer, const struct match_facts *facts)
{
	CLEANUP(free_at)
	char *media_type = text_printable(facts->tree->media_type == NULL ? ""
																	  : facts->tree->media_type);
	for (size_t i = 0; i < facts->index_count; i++)
		if (write_document(writer, "  ", "index", &facts->indexes[i].digest,
						   i == 0 ? media_type : "", &facts->indexes[i]) != 0)
			return -1;
	for (size_t i = 0; i < facts->image_count; i++)
		if (write_image(writer, &facts->images[i]) != 0)
			return -1;
	return 0;
}

int image_tree_write(const struct finding *finding, bool colour, struct buffer *out,
					 struct error *err)
{
	struct tree_writer writer = {.out = out, .err = err, .colour = colour};
	struct comparison comparison;
	CLEANUP(free_at) char *name = reference_format(finding->reference);
	CLEANUP(free_at) char *printable = text_printable(name);
	if (buffer_add_format(out, err, "%s\n", printable) != 0 ||
		write_tree(&writer, finding->facts) != 0 || write_errors(&writer, finding) != 0)
		return -1;
	if (!comparison_of_facts(finding->facts, finding->judgement, &comparison))
		return 0;
	int result = comparison_write(&comparison, colour, out, err);
	comparison_clear(&comparison);
	return result;
}
