#include "summary.h"

#include <inttypes.h>

#include "layerproof/memory.h"

/* "layer 3 of 5 (linux/amd64)": people count from 1. */
static char *describe_place(const struct finding *finding, const struct evidence *evidence)
{
	if (evidence->image == SIZE_MAX)
		return memory_copy_text("the index");
	const struct tree_image *image = finding->facts->images[evidence->image].tree;
	const char *open = image->platform == NULL ? "" : " (";
	const char *platform = image->platform == NULL ? "" : image->platform;
	const char *close = image->platform == NULL ? "" : ")";
	if (evidence->layer == SIZE_MAX)
		return memory_format("the %s%s%s%s", identity_name(evidence->identity), open, platform,
							 close);
	return memory_format("layer %zu of %zu%s%s%s", evidence->layer + 1, image->layer_count, open,
						 platform, close);
}

static const char *internal_name(const struct evidence *evidence)
{
	if (evidence->internal == NULL)
		return "an internal image";
	const char *name = evidence->internal->image.name;
	return name == NULL || *name == '\0' ? "an internal image without a name" : name;
}

static const char *basis_sentence(enum basis basis, enum level level)
{
	switch (basis) {
	case BASIS_WHOLE_IMAGE:
		return level == LEVEL_HASHED ? "; every layer of that image is here, in order"
									 : "; every layer of that image is listed, in order";
	case BASIS_KNOWN_BOUNDARY:
		return "; it lies above the known base of that image";
	case BASIS_OUTSIDE_COMMON_BASE:
		return "; it lies above the base of that image and outside what the two have in common "
			   "below";
	case BASIS_TOP_LAYER:
		return "; it lies in the topmost layer of that image";
	case BASIS_NONE:
	case BASIS_COMMON_BASE:
		break;
	}
	return "";
}

/* What of ours is found where the company itself publishes. */
static char *summarise_authorized(const char *place, const char *name)
{
	return memory_format(
		"%s is content of %s, where the company itself publishes: the place is authorized", place,
		name);
}

static bool is_public_by_place(const struct finding *finding, const struct evidence *evidence)
{
	return finding->judgement->reason == REASON_PUBLIC && finding->facts->is_authorized &&
		   evidence->origin != ORIGIN_PUBLIC;
}

static char *summarise_match(const struct finding *finding, const struct evidence *evidence)
{
	CLEANUP(free_at) char *place = describe_place(finding, evidence);
	const char *name = internal_name(evidence);
	if (is_public_by_place(finding, evidence))
		return summarise_authorized(place, name);
	switch (finding->judgement->reason) {
	case REASON_LAYER:
	case REASON_DIFF_ID:
		return memory_format("%s, hashed from the bytes served, is a layer of %s%s", place, name,
							 basis_sentence(evidence->basis, evidence->level));
	case REASON_FILES:
		return memory_format("%zu file%s of ours, %" PRId64
							 " bytes in all, hashed from the bytes served: %s holds one of %s%s",
							 finding->judgement->files.files,
							 finding->judgement->files.files == 1 ? "" : "s",
							 finding->judgement->files.bytes, place, name,
							 basis_sentence(evidence->basis, evidence->level));
	case REASON_LAYER_DECLARED:
	case REASON_DIFF_ID_DECLARED:
		if (evidence->level == LEVEL_HASHED)
			return memory_format(
				"%s, hashed from the bytes served, is a layer of %s; whether it is "
				"that image's own work hangs on the topmost layer of it, which is "
				"listed too, but was not hashed",
				place, name);
		return memory_format("%s is declared to be a layer of %s%s; its bytes were not hashed",
							 place, name, basis_sentence(evidence->basis, evidence->level));
	case REASON_MANIFEST:
	case REASON_CONFIG:
	case REASON_INDEX:
		return memory_format("%s served is that of %s, byte for byte; %s", place, name,
							 finding->judgement->is_anchored ? "no layer was hashed yet"
															 : "a layer of it was hashed too");
	case REASON_SHARED_BASE:
		return memory_format("%s is also in %s, but may belong to a base that both stand on", place,
							 name);
	case REASON_THIRD_PARTY:
	case REASON_PUBLIC:
		return memory_format("%s is known, as %s content of %s", place,
							 evidence->origin == ORIGIN_PUBLIC ? "public" : "third-party", name);
	default:
		return memory_format("%s is in %s, whose owner is not known", place, name);
	}
}

static const struct finding_error *first_tampered(const struct finding *finding)
{
	for (size_t i = 0; i < finding->error_count; i++)
		if (finding->errors[i].code == ERROR_TAMPERED)
			return &finding->errors[i];
	return NULL;
}

static char *summarise_tampered(const struct finding *finding)
{
	const struct finding_error *error = first_tampered(finding);
	if (error == NULL)
		return memory_copy_text("what was served is not what was declared");
	return memory_format("what was served is not what was declared: %s%s%s",
						 error->where == NULL ? "" : error->where, error->where == NULL ? "" : ": ",
						 error->message);
}

/* `vendor of the image says "Acme" (pattern acme)` */
static char *describe_hint(const struct match_hint *hint)
{
	if (hint->text == NULL)
		return memory_format("%s (pattern %s)", hint->place, hint->pattern);
	return memory_format("%s says \"%s\" (pattern %s)", hint->place, hint->text, hint->pattern);
}

static char *summarise_names(const struct finding *finding)
{
	size_t more = finding->name_hint_count + finding->facts->hint_count - 1;
	const struct match_hint *first = finding->facts->hint_count > 0 ? finding->facts->hints
																	: finding->name_hints;
	CLEANUP(free_at) char *hint = describe_hint(first);
	CLEANUP(free_at)
	char *others = more > 0 ? memory_format(" and %zu more", more) : memory_copy_text("");
	return memory_format("only names point to us: %s%s%s", hint, others,
						 finding->error_count > 0 ? "; not all of it could be read" : "");
}

static char *summarise_no_match(const struct finding *finding)
{
	size_t layers = 0;
	size_t images = 0;
	for (size_t i = 0; i < finding->facts->image_count; i++) {
		if (finding->facts->images[i].is_ignored)
			continue;
		images++;
		layers += finding->facts->images[i].tree->layer_count;
	}
	return memory_format(
		"nothing matches: the manifests and configurations of %zu image%s with %zu "
		"layer%s were read",
		images, images == 1 ? "" : "s", layers, layers == 1 ? "" : "s");
}

/* Files below the bar are evidence of nothing. */
static bool is_told_by_evidence(enum reason reason)
{
	return reason > REASON_PARTIAL && reason < REASON_NOT_FOUND;
}

static char *summarise_few_files(const struct judgement *judgement)
{
	return memory_format("nothing matches but %zu file%s of ours, %" PRId64
						 " bytes in all: too little to rest a verdict on",
						 judgement->files.files, judgement->files.files == 1 ? "" : "s",
						 judgement->files.bytes);
}

char *summary_of(const struct finding *finding)
{
	const struct judgement *judgement = finding->judgement;
	if (judgement->reason == REASON_TAMPERED)
		return summarise_tampered(finding);
	if (judgement->reason == REASON_NAMES_ONLY)
		return summarise_names(finding);
	if (judgement->evidence_count > 0 && is_told_by_evidence(judgement->reason))
		return summarise_match(finding, &judgement->evidence[0]);
	if (judgement->reason == REASON_NO_MATCH && judgement->files.files > 0)
		return summarise_few_files(judgement);
	if (judgement->reason == REASON_NO_MATCH)
		return summarise_no_match(finding);
	const char *message = finding->error_count > 0 ? finding->errors[0].message : NULL;
	if (judgement->reason == REASON_PARTIAL)
		return memory_format("nothing matches in what could be read, but not all could be: %s",
							 message == NULL ? "some layers cannot be read" : message);
	return memory_copy_text(message == NULL ? "could not be read" : message);
}
