#include "confirm.h"

/* Nothing is asked twice in a run. */
static bool confirm(struct source *source, const struct recall *recall, enum source_item item,
					const struct digest *digest, int64_t size)
{
	if (recall_is_shown(recall, digest))
		return true;
	if (!source_confirms(source, item, digest, size))
		return false;
	recall_note_shown(recall, digest);
	return true;
}

/* Nothing is remembered of a blob that has no digest, or was served under a false one. */
static bool confirm_layer(struct source *source, const struct recall *recall,
						  const struct match_image *image, size_t place)
{
	const struct tree_layer *layer = &image->tree->layers[place];
	const struct descriptor *descriptor = &layer->descriptor;
	return !layer->has_blob_digest || descriptor_has_content(descriptor) ||
		   digest_differs(&descriptor->digest, &image->layers[place].blob.digest) ||
		   confirm(source, recall, SOURCE_BLOB, &descriptor->digest, descriptor->size);
}

static bool confirm_document(struct source *source, const struct recall *recall,
							 const struct evidence *evidence)
{
	enum source_item item = evidence->identity == IDENTITY_CONFIG ? SOURCE_BLOB : SOURCE_MANIFEST;
	const struct recalled *recalled = recall_find_document(recall, &evidence->digest);
	return recalled == NULL || confirm(source, recall, item, &recalled->digest, recalled->size);
}

static bool confirm_evidence(struct source *source, const struct recall *recall,
							 const struct assessment *assessment)
{
	const struct judgement *judgement = &assessment->judgement;
	const struct match_image *images = assessment->book.facts.images;
	for (size_t i = 0; i < judgement->evidence_count; i++) {
		const struct evidence *evidence = &judgement->evidence[i];
		if (evidence->level != LEVEL_HASHED)
			continue;
		bool is_confirmed = evidence->layer == SIZE_MAX
								? confirm_document(source, recall, evidence)
								: confirm_layer(source, recall, &images[evidence->image],
												evidence->layer);
		if (!is_confirmed)
			return false;
	}
	return true;
}

static bool confirm_hashed_layers(struct source *source, const struct recall *recall,
								  const struct match_image *image)
{
	for (size_t i = 0; i < image->tree->layer_count; i++) {
		const struct match_layer *layer = &image->layers[i];
		bool is_hashed = layer->blob_level == LEVEL_HASHED || layer->tar_level == LEVEL_HASHED;
		if (is_hashed && !confirm_layer(source, recall, image, i))
			return false;
	}
	return true;
}

bool confirm_assessment(struct source *source, const struct recall *recall,
						const struct assessment *assessment)
{
	const struct match_facts *facts = &assessment->book.facts;
	if (!assessment->has_facts)
		return true;
	if (assessment->judgement.verdict == VERDICT_TRUE_POSITIVE)
		return confirm_evidence(source, recall, assessment);
	for (size_t i = 0; i < facts->image_count; i++)
		if (!confirm_hashed_layers(source, recall, &facts->images[i]))
			return false;
	return true;
}
