#include "json_survey.h"

#include <string.h>
#include <strings.h>

#include "json_value.h"
#include "layerproof/memory.h"
#include "layerproof/text.h"

/* A walk through the members of an object in memory; it ends early where the object is cut or
 * broken, which is for others to say. */
struct survey {
	const uint8_t *at;
	const uint8_t *end;
	const char *key; /* of the member, without quotes */
	size_t key_size;
	const char *text; /* of its value, with what encloses it */
	size_t text_size;
	struct json_value value;
};

static void skip_blanks(struct survey *survey)
{
	while (survey->at != survey->end && json_is_blank(*survey->at)) {
		survey->at++;
	}
}

/* Takes the byte if it is the next that is not blank. */
static bool take(struct survey *survey, uint8_t byte)
{
	skip_blanks(survey);
	if (survey->at == survey->end || *survey->at != byte) {
		return false;
	}
	survey->at++;
	return true;
}

/* A value that is cut off counts too: the list may be what makes the object large. */
static bool take_value(struct survey *survey, const char **text, size_t *size)
{
	struct error ignored = ERROR_INIT;
	skip_blanks(survey);
	survey->value = (struct json_value){0};
	*text = (const char *)survey->at;
	if (json_value_scan(&survey->value, survey->at, (size_t)(survey->end - survey->at), size,
						&ignored) == JSON_VALUE_BROKEN) {
		return false;
	}
	survey->at += *size;
	return survey->value.first != 0;
}

static bool next_member(struct survey *survey)
{
	if (!take_value(survey, &survey->key, &survey->key_size) || survey->value.first != '"' ||
		survey->key_size < 2 || !take(survey, ':')) {
		return false;
	}
	survey->key++;
	survey->key_size -= 2;
	return take_value(survey, &survey->text, &survey->text_size);
}

/* By default the member is the field's own; with --map, the first part of the path. */
static bool is_member_of(const struct survey *survey, const struct import_place_used *used)
{
	const char *path = used->place.path;
	if (used->kind == IMPORT_PLACE_BY_NAME) {
		return strlen(path) == survey->key_size &&
			   strncasecmp(survey->key, path, survey->key_size) == 0;
	}
	return strncmp(survey->key, path, survey->key_size) == 0 &&
		   (path[survey->key_size] == '\0' || path[survey->key_size] == '.');
}

/* A member called `name` identifies an image only with a digest in it: lists have names too. */
static bool identifies(const struct survey *survey, const struct import_places *places)
{
	for (size_t i = 0; i < places->count; i++) {
		const struct import_place_used *used = &places->items[i];
		if (!import_field_identifies(used->place.field) || !is_member_of(survey, used) ||
			(used->place.field == IMPORT_NAME &&
			 memmem(survey->text, survey->text_size, "@sha", 4) == NULL)) {
			continue;
		}
		bool holds_objects = survey->value.first == '{' || survey->value.inner == '{';
		if (used->kind == IMPORT_PLACE_MAPPED || !holds_objects) {
			return true;
		}
	}
	return false;
}

char *json_survey_list(const char *bytes, size_t size, const struct import_places *places)
{
	struct survey survey = {.at = (const uint8_t *)bytes, .end = (const uint8_t *)bytes + size};
	CLEANUP(free_at) char *list = NULL;
	CLEANUP(free_at) char *empty_list = NULL;
	size_t members = 0;
	size_t lists = 0;
	for (bool more = take(&survey, '{'); more && next_member(&survey); more = take(&survey, ',')) {
		members++;
		if (identifies(&survey, places)) {
			return NULL;
		}
		bool is_list = survey.value.first == '[';
		if (is_list && survey.value.inner == '{' && ++lists == 1) {
			list = memory_copy_span(survey.key, survey.key_size);
		} else if (is_list && members == 1) {
			empty_list = memory_copy_span(survey.key, survey.key_size);
		}
	}
	if (lists == 1) {
		return STEAL(list);
	}
	return members == 1 ? STEAL(empty_list) : NULL;
}
