#include "import_record.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "import_scan.h"
#include "layerproof/limits.h"
#include "layerproof/media_type.h"
#include "layerproof/memory.h"
#include "layerproof/node.h"
#include "layerproof/text.h"

/* Longer names are no names: repository and tag together are under 400 bytes (registry-facts 11).
 */
enum { TEXT_SIZE_MAX = 1024 };

/* Room for LIMIT_LAYERS digests as a JSON array, with quotes and blanks. */
enum { LIST_SIZE_MAX = LIMIT_LAYERS * 2 * DIGEST_TEXT_SIZE };

void import_record_clear(struct import_record *record)
{
	internal_image_clear(&record->image);
	for (size_t i = 0; i < IMPORT_FIELD_COUNT; i++) {
		free(record->part[i]);
		record->part[i] = NULL;
	}
	free(record->source_name);
	free(record->source_file);
	free(record->files.files);
	record->files = (struct import_layer_files){.files = NULL};
	record->source_name = NULL;
	record->source_file = NULL;
}

void import_record_start(struct import_record *record)
{
	import_record_clear(record);
	record->has_origin = false;
	record->state = IMPORT_TAKEN;
	record->column = NULL;
	record->reason[0] = '\0';
}

int import_record_refuse(struct import_record *record, const char *column, const char *format, ...)
{
	if (record->state == IMPORT_TAKEN) {
		va_list values;
		va_start(values, format);
		vsnprintf(record->reason, sizeof(record->reason), format, values);
		va_end(values);
		record->column = column;
		record->state = IMPORT_REFUSED;
	}
	return -1;
}

int import_record_pass_over(struct import_record *record, const char *column, const char *what)
{
	CLEANUP(free_at) char *printable = text_printable(what);
	record->state = IMPORT_TAKEN; /* what no image is cannot be a bad one */
	import_record_refuse(record, column, "%s", printable);
	record->state = IMPORT_PASSED_OVER;
	return -1;
}

/* As nearly all names are. */
static bool is_printable_ascii(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (text[i] < ' ' || text[i] > '~') {
			return false;
		}
	}
	return true;
}

/* Text for people and for terminals: UTF-8, no control characters. NULL: refused. Owned. */
static char *take_text(struct import_record *record, const char *column, const char *text,
					   size_t size)
{
	if (size > TEXT_SIZE_MAX) {
		import_record_refuse(record, column, "%zu bytes, %d at most", size, TEXT_SIZE_MAX);
		return NULL;
	}
	if (is_printable_ascii(text, size)) {
		return memory_copy_span(text, size);
	}
	CLEANUP(free_at) char *copy = memory_copy_span(text, size);
	CLEANUP(free_at) char *printable = text_printable(copy);
	if (strlen(copy) != size || strcmp(copy, printable) != 0) {
		import_record_refuse(record, column, "not printable UTF-8 text");
		return NULL;
	}
	return STEAL(copy);
}

static int take_top(struct import_record *record, enum identity identity, const char *column,
					const char *text, size_t size)
{
	struct digest digest;
	struct error err = ERROR_INIT;
	if (import_digest_parse(text, size, &digest, &err) != 0) {
		return import_record_refuse(record, column, "%s", err.text);
	}
	internal_image_add_top(&record->image, identity, &digest);
	return 0;
}

/* Runtimes and consoles put the way to a thing before its name. */
static void strip_scheme(const char **text, size_t *size)
{
	static const char *const schemes[] = {"https://", "http://", "docker://", "docker-pullable://"};
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		size_t length = strlen(schemes[i]);
		if (*size > length && memcmp(*text, schemes[i], length) == 0) {
			*text += length;
			*size -= length;
			return;
		}
	}
}

/* What has no name is called by its digest. */
static bool is_digest_alone(const char *name)
{
	struct digest digest;
	struct error ignored = ERROR_INIT;
	return strncmp(name, "sha256:", strlen("sha256:")) == 0 &&
		   digest_parse(name, &digest, &ignored) == 0;
}

/* A name may carry the digest itself: repo@sha256:... Of several names the first stands, and the
 * digests of all are taken. */
static int take_name(struct import_record *record, const char *column, const char *text,
					 size_t size)
{
	strip_scheme(&text, &size);
	CLEANUP(free_at) char *name = take_text(record, column, text, size);
	if (name == NULL) {
		return -1;
	}
	if (is_digest_alone(name)) {
		return take_top(record, IDENTITY_IMAGE, column, name, strlen(name));
	}
	const char *at = strrchr(name, '@');
	int status = at == NULL ? 0 : take_top(record, IDENTITY_IMAGE, column, at + 1, strlen(at + 1));
	if (record->image.name == NULL) {
		record->image.name = STEAL(name);
	}
	return status;
}

static int take_platform(struct import_record *record, const char *column, const char *text,
						 size_t size)
{
	if (record->image.platform != NULL) {
		return import_record_refuse(record, column, "more than one value");
	}
	record->image.platform = take_text(record, column, text, size);
	return record->image.platform == NULL ? -1 : 0;
}

/* The first of several stands. */
static int take_part(struct import_record *record, enum import_field field, const char *column,
					 const char *text, size_t size)
{
	if (record->part[field] != NULL) {
		return 0;
	}
	if (field == IMPORT_REGISTRY || field == IMPORT_REPOSITORY) {
		strip_scheme(&text, &size);
	}
	record->part[field] = take_text(record, column, text, size);
	return record->part[field] == NULL ? -1 : 0;
}

static int take_origin(struct import_record *record, const char *column, const char *text,
					   size_t size)
{
	if (record->has_origin) {
		return import_record_refuse(record, column, "more than one value");
	}
	CLEANUP(free_at) char *copy = memory_copy_span(text, size);
	if (strlen(copy) != size || origin_parse(copy, &record->image.origin) != 0) {
		return import_record_refuse(record, column, "none of ours, third_party, public, unknown");
	}
	record->has_origin = true;
	return 0;
}

static int take_base(struct import_record *record, const char *column, const char *text,
					 size_t size)
{
	struct error err = ERROR_INIT;
	if (digest_is_set(&record->image.base_digest)) {
		return import_record_refuse(record, column, "more than one value");
	}
	if (import_digest_parse(text, size, &record->image.base_digest, &err) != 0) {
		return import_record_refuse(record, column, "%s", err.text);
	}
	return 0;
}

static int take_boundary(struct import_record *record, const char *column, const char *text,
						 size_t size)
{
	size_t layers = 0;
	for (size_t i = 0; i < size; i++) {
		if (text[i] < '0' || text[i] > '9' || layers > LIMIT_LAYERS) {
			return import_record_refuse(record, column, "no number of layers from 0 to %d",
										LIMIT_LAYERS);
		}
		layers = 10 * layers + (size_t)(text[i] - '0');
	}
	if (layers > LIMIT_LAYERS) {
		return import_record_refuse(record, column, "no number of layers from 0 to %d",
									LIMIT_LAYERS);
	}
	record->image.has_boundary = true;
	record->image.boundary = layers;
	return 0;
}

int import_record_add_element(struct import_record *record, enum import_field field,
							  const char *column, size_t place, const char *text, size_t size)
{
	struct digest digest;
	struct error err = ERROR_INIT;
	text_trim(&text, &size);
	if (place > LIMIT_LAYERS) {
		return import_record_refuse(record, column, "more than %d layers", LIMIT_LAYERS);
	}
	if (size == 0) {
		return import_record_refuse(record, column, "element %zu: empty", place);
	}
	if (import_digest_parse(text, size, &digest, &err) != 0) {
		return import_record_refuse(record, column, "element %zu: %s", place, err.text);
	}
	if (field == IMPORT_LAYERS) {
		internal_image_add_layer(&record->image, &digest);
	} else {
		internal_image_add_diff_id(&record->image, &digest);
	}
	return 0;
}

/* A JSON array inside a cell. */
static int take_json_list(struct import_record *record, enum import_field field, const char *column,
						  const char *text, size_t size)
{
	struct error err = ERROR_INIT;
	if (size > LIST_SIZE_MAX) {
		return import_record_refuse(record, column, "%zu bytes, %d at most", size, LIST_SIZE_MAX);
	}
	json_t *value = node_parse(text, size, "list", &err);
	if (value == NULL) {
		return import_record_refuse(record, column, "%s", err.text);
	}
	struct node list = node_root(value, "list");
	int status = 0;
	for (size_t i = 0; status == 0 && i < node_count(&list); i++) {
		struct node element = node_element(&list, i);
		const char *digest;
		if (node_text(&element, &digest, &err) != 0) {
			status = import_record_refuse(record, column, "%s", err.text);
		} else {
			status = import_record_add_element(record, field, column, i + 1, digest,
											   strlen(digest));
		}
	}
	json_decref(value);
	return status;
}

static bool is_separator(char c)
{
	return text_is_blank(c) || c == ',' || c == ';';
}

static int take_list(struct import_record *record, enum import_field field, const char *column,
					 const char *text, size_t size)
{
	if (text[0] == '[') {
		return take_json_list(record, field, column, text, size);
	}
	size_t place = 0;
	for (size_t at = 0; at < size;) {
		size_t end = at;
		while (end < size && !is_separator(text[end])) {
			end++;
		}
		if (end != at &&
			import_record_add_element(record, field, column, ++place, text + at, end - at) != 0) {
			return -1;
		}
		at = end + 1;
	}
	return 0;
}

/* What tools write where they have nothing to say. */
static bool is_nothing(const char *text, size_t size)
{
	static const char *const words[] = {"<none>", "<none>:<none>", "<none>@<none>", "null"};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strlen(words[i]) == size && memcmp(words[i], text, size) == 0) {
			return true;
		}
	}
	return size == 0;
}

int import_record_add(struct import_record *record, enum import_field field, const char *column,
					  const char *text, size_t size)
{
	text_trim(&text, &size);
	if (is_nothing(text, size)) {
		return 0;
	}
	switch (field) {
	case IMPORT_NAME:
		return take_name(record, column, text, size);
	case IMPORT_DIGEST:
		return take_top(record, IDENTITY_IMAGE, column, text, size);
	case IMPORT_INDEX:
		return take_top(record, IDENTITY_INDEX, column, text, size);
	case IMPORT_MANIFEST:
		return take_top(record, IDENTITY_MANIFEST, column, text, size);
	case IMPORT_CONFIG:
		return take_top(record, IDENTITY_CONFIG, column, text, size);
	case IMPORT_LAYER:
		return take_top(record, IDENTITY_LAYER, column, text, size);
	case IMPORT_DIFF_ID:
		return take_top(record, IDENTITY_DIFF_ID, column, text, size);
	case IMPORT_LAYERS:
	case IMPORT_DIFF_IDS:
		return take_list(record, field, column, text, size);
	case IMPORT_PLATFORM:
		return take_platform(record, column, text, size);
	case IMPORT_BASE:
		return take_base(record, column, text, size);
	case IMPORT_BOUNDARY:
		return take_boundary(record, column, text, size);
	case IMPORT_ORIGIN:
		return take_origin(record, column, text, size);
	case IMPORT_REGISTRY:
	case IMPORT_REPOSITORY:
	case IMPORT_TAG:
	case IMPORT_MEDIA_TYPE:
	case IMPORT_OS:
	case IMPORT_ARCHITECTURE:
	case IMPORT_SEVERITY:
	case IMPORT_SEVERITY_CLASS:
	case IMPORT_SEVERITY_LAYER:
		return take_part(record, field, column, text, size);
	case IMPORT_SEVERITY_COUNTS:
	case IMPORT_FIELD_COUNT:
		break;
	}
	return 0;
}

int import_record_add_severity(struct import_record *record, const char *column,
							   const char *severity, const char *class, const char *layer)
{
	enum severity value = severity_parse(severity);
	bool is_os = class != NULL && strncasecmp(class, "os", 2) == 0;
	struct severities found = {.os = is_os ? value : SEVERITY_NONE,
							   .app = is_os ? SEVERITY_NONE : value};
	struct digest digest;
	struct error err = ERROR_INIT;
	if (value == SEVERITY_NONE) {
		return 0;
	}
	severities_raise(&record->image.severities, &found);
	if (layer == NULL || *layer == '\0') {
		return 0;
	}
	if (import_digest_parse(layer, strlen(layer), &digest, &err) != 0) {
		return import_record_refuse(record, column, "%s", err.text);
	}
	internal_image_raise_layer(&record->image, &digest, &found);
	return 0;
}

static bool is_known(const struct internal_image *image, const struct digest *digest)
{
	for (size_t i = 0; i < image->top_count; i++) {
		if (digest_equal(&image->tops[i].digest, digest)) {
			return true;
		}
	}
	for (size_t i = 0; i < image->layer_count; i++) {
		if (digest_equal(&image->layers[i], digest)) {
			return true;
		}
	}
	for (size_t i = 0; i < image->diff_id_count; i++) {
		if (digest_equal(&image->diff_ids[i], digest)) {
			return true;
		}
	}
	return false;
}

void import_record_add_scanned(struct import_record *record, const char *text, size_t size)
{
	struct digest digest;
	for (size_t at = 0; import_scan(text, size, &at, &digest);) {
		if (!is_known(&record->image, &digest)) {
			internal_image_add_top(&record->image, IDENTITY_IMAGE, &digest);
		}
	}
}

/* ---- What the whole record tells ---- */

/* "registry/repository:tag", of what there is. */
static char *compose_name(char *const *part)
{
	const char *repository = part[IMPORT_REPOSITORY];
	const char *registry = part[IMPORT_REGISTRY] == NULL ? "" : part[IMPORT_REGISTRY];
	const char *tag = part[IMPORT_TAG] == NULL ? "" : part[IMPORT_TAG];
	if (repository == NULL) {
		return memory_copy_text("");
	}
	size_t length = strlen(registry);
	while (length > 0 && registry[length - 1] == '/') {
		length--;
	}
	while (*repository == '/') {
		repository++;
	}
	bool has_registry = length == 0 ||
						(strncmp(repository, registry, length) == 0 && repository[length] == '/');
	size_t size = length + strlen(repository) + strlen(tag) + 3;
	char *name = memory_alloc(size, 1);
	snprintf(name, size, "%.*s%s%s%s%s", has_registry ? 0 : (int)length, registry,
			 has_registry ? "" : "/", repository, *tag == '\0' ? "" : ":", tag);
	return name;
}

static char *compose_platform(char *const *part)
{
	const char *os = part[IMPORT_OS];
	const char *architecture = part[IMPORT_ARCHITECTURE];
	if (architecture == NULL) {
		return NULL;
	}
	if (os == NULL) {
		os = "linux";
	}
	size_t size = strlen(os) + strlen(architecture) + 2;
	char *platform = memory_alloc(size, 1);
	snprintf(platform, size, "%s/%s", os, architecture);
	return platform;
}

static void name_kind(struct internal_image *image, enum identity identity)
{
	for (size_t i = 0; i < image->top_count; i++) {
		if (image->tops[i].identity == IDENTITY_IMAGE) {
			image->tops[i].identity = identity;
		}
	}
}

/* What the media type says of the digest. */
static int apply_media_type(struct import_record *record, const char *media_type)
{
	if (media_type == NULL) {
		return 0;
	}
	switch (media_type_kind(media_type)) {
	case MEDIA_INDEX:
		name_kind(&record->image, IDENTITY_INDEX);
		return 0;
	case MEDIA_MANIFEST:
	case MEDIA_SCHEMA1:
		name_kind(&record->image, IDENTITY_MANIFEST);
		return 0;
	case MEDIA_CONFIG:
		name_kind(&record->image, IDENTITY_CONFIG);
		return 0;
	case MEDIA_LAYER:
	case MEDIA_LAYER_FOREIGN:
	case MEDIA_LAYER_ENCRYPTED:
	case MEDIA_OTHER:
		break;
	}
	return import_record_pass_over(record, import_field_name(IMPORT_MEDIA_TYPE), media_type);
}

/* cosign keeps signatures and attestations of an image under a tag made of its digest. */
static bool is_companion(const char *name)
{
	static const char *const endings[] = {".sig", ".att", ".sbom"};
	const char *tag = strstr(name, ":sha256-");
	for (size_t i = 0; tag != NULL && i < sizeof(endings) / sizeof(endings[0]); i++) {
		if (text_ends_with(tag, endings[i])) {
			return true;
		}
	}
	return false;
}

static int apply_parts(struct import_record *record)
{
	struct internal_image *image = &record->image;
	char *const *part = record->part;
	if (image->name == NULL) {
		image->name = compose_name(part);
	}
	if (is_companion(image->name)) {
		return import_record_pass_over(record, import_field_name(IMPORT_TAG),
									   "a signature or attestation of cosign");
	}
	if (image->platform == NULL) {
		image->platform = compose_platform(part);
	}
	if (apply_media_type(record, part[IMPORT_MEDIA_TYPE]) != 0) {
		return -1;
	}
	if (part[IMPORT_SEVERITY] == NULL) {
		return 0;
	}
	return import_record_add_severity(record, import_field_name(IMPORT_SEVERITY_LAYER),
									  part[IMPORT_SEVERITY], part[IMPORT_SEVERITY_CLASS],
									  part[IMPORT_SEVERITY_LAYER]);
}

int import_record_finish(struct import_record *record)
{
	struct internal_image *image = &record->image;
	if (record->state != IMPORT_TAKEN || apply_parts(record) != 0) {
		return -1;
	}
	if (image->top_count + image->layer_count + image->diff_id_count == 0) {
		return import_record_refuse(record, NULL, "no digest");
	}
	if (image->layer_count != 0 && image->diff_id_count != 0 &&
		image->layer_count != image->diff_id_count) {
		return import_record_refuse(record, NULL, "%zu layers but %zu diff_ids", image->layer_count,
									image->diff_id_count);
	}
	return 0;
}
