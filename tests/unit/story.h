/*
 * story: findings for the tests of the report, from facts to what is printed.
 */
#ifndef LAYERPROOF_TESTS_STORY_H
#define LAYERPROOF_TESTS_STORY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <locale.h>

#include "facts_maker.h"
#include "layerproof/finding.h"
#include "layerproof/finding_table.h"
#include "layerproof/memory.h"
#include "report/summary.h"

/* A finding in each output format, byte for byte. */

/* The facts of one finding and what surrounds them; its texts are borrowed. */
struct story {
	struct world world;
	struct candidate_facts candidate;
	struct judgement judgement;
	struct reference reference;
	struct finding finding;
};

/* Of this candidate nothing is known yet; `input` is parsed as its reference. */
static inline void begin_story(struct story *story, const char *input)
{
	struct error err = ERROR_INIT;
	*story = (struct story){.finding = {.input = input}};
	if (reference_parse(input, &story->reference, &err) == 0)
		story->finding.reference = &story->reference;
	begin_candidate(&story->candidate);
}

/* Judges what was put into the story. */
static inline void end_story(struct story *story)
{
	struct tree *tree = &story->candidate.tree;
	story->judgement = judge(&story->world, &story->candidate);
	story->finding.facts = &story->candidate.facts;
	story->finding.judgement = &story->judgement;
	tree->digest = tree->image_count > 0 ? tree->images[0].manifest : (struct digest){0};
	story->finding.digest = &tree->digest;
	story->finding.media_type = "application/vnd.oci.image.manifest.v1+json";
}

static inline void fail_story(struct story *story, const struct finding_error *error)
{
	match_judge_failure(error->code, &story->judgement);
	story->finding.judgement = &story->judgement;
	story->finding.errors = error;
	story->finding.error_count = 1;
}

static inline void clear_story(struct story *story)
{
	judgement_clear(&story->judgement);
	if (story->finding.reference != NULL)
		reference_clear(&story->reference);
}

static inline void expect_json(const struct finding *finding, bool reproducible,
							   const char *expected)
{
	struct buffer out = BUFFER_INIT(65536);
	struct error err = ERROR_INIT;
	assert_int_equal(finding_write_json(finding, reproducible, &out, &err), 0);
	assert_string_equal(out.bytes, expected);
	buffer_clear(&out);
}

static inline void expect_table(const struct finding *finding, const struct finding_table *table,
								const char *expected)
{
	struct buffer out = BUFFER_INIT(65536);
	struct error err = ERROR_INIT;
	assert_int_equal(finding_write_table(finding, table, &out, &err), 0);
	assert_string_equal(out.bytes, expected);
	buffer_clear(&out);
}

static inline void expect_summary(const struct finding *finding, const char *expected)
{
	CLEANUP(free_at) char *summary = summary_of(finding);
	assert_string_equal(summary, expected);
}

static const struct finding_table plain_table = {.columns = 0};

/* ---- JSON ---- */

static inline void make_proof(struct story *story)
{
	begin_story(story, "quay.example/team/tools/app:1.2");
	add_ours(&story->world, "registry.acme.example/payments/api:1.4.2", "abc");
	add_ours(&story->world, "registry.acme.example/payments/worker:1", "abd");
	add(&story->world, "debian:12", ORIGIN_PUBLIC, "a");
	struct match_image *image = add_image(&story->candidate, NULL, NULL, "ab.cx");
	hash_layer(image, 3);
	story->candidate.tree_images[0].created = (char *)(uintptr_t) "2024-02-29T12:00:00Z";
	story->candidate.tree_layers[0][0].created_by = (char *)(uintptr_t) "ADD rootfs /";
	story->candidate.tree_layers[0][0].descriptor.media_type =
		(char *)(uintptr_t) "application/vnd.oci.image.layer.v1.tar+gzip";
	end_story(story);
	story->finding.index_id = "0123456789abcdef0123456789abcdef";
	story->finding.index_updated_at = 1709208000;
	story->finding.requests = 4;
	story->finding.bytes = 5000;
	story->finding.layer_bytes = 100;
	story->finding.milliseconds = 12;
	story->finding.checked_at = 1709208001;
}

/* A terminal's own commands, a bidirectional override, C1, and bytes that are not UTF-8. */
#define HOSTILE                                                                                    \
	"a\033[2Jb\xE2\x80\xAE"                                                                        \
	"c\xC2\x9B"                                                                                    \
	"d\xFF\xC3(\r\n\"\\"

static inline void make_hostile(struct story *story)
{
	begin_story(story, "quay.example/app");
	set_boundary(add_ours(&story->world, HOSTILE, "ab"), 1, true);
	struct match_image *image = add_image(&story->candidate, NULL, NULL, "xb");
	hash_layer(image, 1);
	story->candidate.tree_images[0].platform = (char *)(uintptr_t)HOSTILE;
	story->candidate.tree_images[0].created = (char *)(uintptr_t)HOSTILE;
	story->candidate.tree_layers[0][0].created_by = (char *)(uintptr_t)HOSTILE;
	story->candidate.tree_layers[0][0].descriptor.media_type = (char *)(uintptr_t)HOSTILE;
	end_story(story);
	story->finding.media_type = HOSTILE;
}

static inline void expect_printable(const struct buffer *text)
{
	for (size_t i = 0; i < text->size; i++) {
		unsigned char byte = (unsigned char)text->bytes[i];
		if ((byte < 0x20 && byte != '\n') || byte >= 0x7F)
			fail_msg("byte 0x%02x at %zu: %s", byte, i, text->bytes);
	}
	/* One line, however many a stranger wrote. */
	assert_ptr_equal(strchr(text->bytes, '\n'), text->bytes + text->size - 1);
}

static inline void make_anything(struct story *story, const char *input)
{
	begin_story(story, input);
	add_image(&story->candidate, NULL, NULL, "x");
	end_story(story);
}

static inline int set_locale(void **state)
{
	(void)state;
	return setlocale(LC_CTYPE, "C.UTF-8") == NULL ? -1 : 0; /* as main() does, for widths */
}

#endif
