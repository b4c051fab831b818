/*
 * import_json: an array of objects, objects one after the other, or one list in an object; streamed
 * record by record.
 *
 * The walk below follows only the outer brackets, as far as records are; each record is collected
 * into a bounded buffer and parsed alone.
 */
#include <stdio.h>
#include <string.h>

#include "import_format.h"
#include "json_member.h"
#include "json_survey.h"
#include "json_value.h"
#include "layerproof/buffer.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"

/* What may come next. */
enum place {
	PLACE_TOP,           /* a value, or the end */
	PLACE_FIRST_ELEMENT, /* a record, or the list's end */
	PLACE_ELEMENT,       /* a record */
	PLACE_AFTER_ELEMENT, /* a comma, or the list's end */
	PLACE_FIRST_MEMBER,  /* a member's name, or the page's end */
	PLACE_MEMBER,        /* a member's name */
	PLACE_COLON,
	PLACE_MEMBER_VALUE,
	PLACE_AFTER_MEMBER, /* a comma, or the page's end */
};

/* What a value is read for. */
enum purpose {
	FOR_SURVEY, /* the first object: record, or page with a list */
	FOR_RECORD,
	FOR_NAME, /* of a member of a page */
	FOR_NOTHING,
};

struct walk {
	struct import_job *job;
	struct import_record record;
	struct buffer text; /* of the value, unless it is read for nothing */
	struct json_value value;
	enum purpose purpose;
	bool in_value;
	enum place place; /* in a value: behind it */
	bool surveyed;    /* what the first value is has been decided */
	char *list;       /* the member that holds the records of each page; NULL: there are no pages */
	bool in_page;     /* between the page's braces */
	bool has_list;    /* this page had its list */
	uint64_t line;    /* of the byte to come */
	uint64_t value_line; /* where the value began */
};

static int broken(const struct walk *walk, const char *expected, uint8_t byte, struct error *err)
{
	if (byte > 0x20 && byte < 0x7F) {
		return error_set(err, ERROR_MALFORMED, "line %llu: expected %s, not '%c'",
						 (unsigned long long)walk->line, expected, byte);
	}
	return error_set(err, ERROR_MALFORMED, "line %llu: expected %s, not byte 0x%02x",
					 (unsigned long long)walk->line, expected, byte);
}

/* The byte at hand is the value's first. */
static int begin_value(struct walk *walk, enum purpose purpose, enum place behind)
{
	walk->value = (struct json_value){0};
	walk->value_line = walk->line;
	walk->purpose = purpose;
	walk->place = behind;
	walk->in_value = true;
	buffer_reset(&walk->text);
	return 0;
}

static int take_top(struct walk *walk, uint8_t byte, struct error *err)
{
	if (byte == '[') {
		walk->place = PLACE_FIRST_ELEMENT;
		walk->surveyed = true;
		return 0;
	}
	if (byte != '{') {
		return broken(walk, "an object or an array of objects", byte, err);
	}
	if (walk->list != NULL) {
		walk->place = PLACE_FIRST_MEMBER;
		walk->in_page = true;
		walk->has_list = false;
		return 0;
	}
	return begin_value(walk, walk->surveyed ? FOR_RECORD : FOR_SURVEY, PLACE_TOP);
}

static int take_element(struct walk *walk, uint8_t byte, struct error *err)
{
	if (byte == ']' && walk->place != PLACE_ELEMENT) {
		walk->place = walk->in_page ? PLACE_AFTER_MEMBER : PLACE_TOP;
		return 0;
	}
	if (walk->place == PLACE_AFTER_ELEMENT) {
		walk->place = PLACE_ELEMENT;
		return byte == ',' ? 0 : broken(walk, "a comma or ]", byte, err);
	}
	if (byte == ',' || byte == ':' || byte == '}' || byte == ']') {
		return broken(walk, "a record", byte, err);
	}
	return begin_value(walk, FOR_RECORD, PLACE_AFTER_ELEMENT);
}

static int end_page(struct walk *walk, struct error *err)
{
	if (!walk->has_list) {
		return error_set(err, ERROR_MALFORMED, "line %llu: an object without the list \"%s\"",
						 (unsigned long long)walk->line, walk->list);
	}
	walk->place = PLACE_TOP;
	walk->in_page = false;
	return 0;
}

static int take_member(struct walk *walk, uint8_t byte, struct error *err)
{
	if (byte == '}' && walk->place != PLACE_MEMBER) {
		return end_page(walk, err);
	}
	if (walk->place == PLACE_AFTER_MEMBER) {
		walk->place = PLACE_MEMBER;
		return byte == ',' ? 0 : broken(walk, "a comma or }", byte, err);
	}
	if (byte != '"') {
		return broken(walk, "a member's name", byte, err);
	}
	return begin_value(walk, FOR_NAME, PLACE_COLON);
}

/* The text of FOR_NAME still stands in the buffer, with its quotes. */
static bool is_list_name(const struct walk *walk)
{
	size_t size = strlen(walk->list);
	return walk->text.size == size + 2 && memcmp(walk->text.bytes + 1, walk->list, size) == 0;
}

static int take_member_value(struct walk *walk, uint8_t byte, struct error *err)
{
	if (is_list_name(walk)) {
		walk->has_list = true;
		walk->place = PLACE_FIRST_ELEMENT;
		return byte == '[' ? 0 : broken(walk, "the list of records", byte, err);
	}
	if (byte == ',' || byte == ':' || byte == '}' || byte == ']') {
		return broken(walk, "a value", byte, err);
	}
	return begin_value(walk, FOR_NOTHING, PLACE_AFTER_MEMBER);
}

/* Takes one byte that is not blank, outside of values. */
static int take_byte(struct walk *walk, uint8_t byte, struct error *err)
{
	switch (walk->place) {
	case PLACE_TOP:
		return take_top(walk, byte, err);
	case PLACE_FIRST_ELEMENT:
	case PLACE_ELEMENT:
	case PLACE_AFTER_ELEMENT:
		return take_element(walk, byte, err);
	case PLACE_FIRST_MEMBER:
	case PLACE_MEMBER:
	case PLACE_AFTER_MEMBER:
		return take_member(walk, byte, err);
	case PLACE_COLON:
		walk->place = PLACE_MEMBER_VALUE;
		return byte == ':' ? 0 : broken(walk, "a colon", byte, err);
	case PLACE_MEMBER_VALUE:
		return take_member_value(walk, byte, err);
	}
	return -1;
}

static int walk_bytes(struct walk *walk, const uint8_t *bytes, size_t size, struct error *err);

static int too_large(const struct walk *walk, struct error *err)
{
	return error_set(err, ERROR_OVER_LIMIT, "line %llu: a record larger than %lld MiB",
					 (unsigned long long)walk->value_line, (long long)(LIMIT_IMPORT_RECORD >> 20));
}

/* The count is held before the parser sees the record: an empty object of two bytes takes over 200
 * in its memory. */
static int deliver(struct walk *walk, struct error *err)
{
	if (walk->value.values > LIMIT_JSON_VALUES) {
		import_record_refuse(&walk->record, NULL, "more than %d values", LIMIT_JSON_VALUES);
	} else {
		json_record_read(walk->text.bytes, walk->text.size, &walk->job->columns, &walk->record);
	}
	int status = import_job_deliver(walk->job, &walk->record, walk->value_line, err);
	import_record_start(&walk->record);
	return status;
}

/* The first object, or as much of it as a record may be long, is in the buffer. A page is walked
 * again, record by record. */
static int decide(struct walk *walk, bool whole, struct error *err)
{
	walk->surveyed = true;
	walk->list = json_survey_list(walk->text.bytes, walk->text.size, &walk->job->columns);
	if (walk->list == NULL) {
		return whole ? deliver(walk, err) : too_large(walk, err);
	}
	size_t size = walk->text.size;
	CLEANUP(free_at) char *bytes = buffer_steal(&walk->text);
	walk->line = walk->value_line;
	return walk_bytes(walk, (const uint8_t *)bytes, size, err);
}

/* Other lists of objects may hold records too: they are not passed over in silence. */
static int check_single_list(const struct walk *walk, struct error *err)
{
	if (walk->value.first == '[' && walk->value.inner == '{') {
		return error_set(err, ERROR_MALFORMED,
						 "line %llu: a second list of objects beside \"%s\": which holds the "
						 "images?",
						 (unsigned long long)walk->value_line, walk->list);
	}
	return 0;
}

static int value_ended(struct walk *walk, struct error *err)
{
	walk->in_value = false;
	switch (walk->purpose) {
	case FOR_SURVEY:
		return decide(walk, true, err);
	case FOR_RECORD:
		return deliver(walk, err);
	case FOR_NAME:
		return 0;
	case FOR_NOTHING:
		return check_single_list(walk, err);
	}
	return -1;
}

static void count_lines(struct walk *walk, const uint8_t *bytes, size_t size)
{
	const uint8_t *end = bytes + size;
	while ((bytes = memchr(bytes, '\n', (size_t)(end - bytes))) != NULL) {
		walk->line++;
		bytes++;
	}
}

/* Keeps what belongs to the value, up to the bound: only for the survey is the beginning enough. */
static int collect(struct walk *walk, const uint8_t *bytes, size_t *used, bool *full,
				   struct error *err)
{
	size_t room = walk->text.maximum - walk->text.size;
	*full = walk->purpose != FOR_NOTHING && *used > room;
	if (*full && walk->purpose != FOR_SURVEY) {
		return too_large(walk, err);
	}
	if (*full) {
		*used = room;
	}
	return walk->purpose == FOR_NOTHING ? 0 : buffer_add(&walk->text, bytes, *used, err);
}

/* Goes on with the value begun; `*used` bytes belong to it. */
static int take_value(struct walk *walk, const uint8_t *bytes, size_t size, size_t *used,
					  struct error *err)
{
	bool full;
	enum json_value_state state = json_value_scan(&walk->value, bytes, size, used, err);
	if (state == JSON_VALUE_BROKEN) {
		return error_add_context(err, "line %llu: in the value that begins here",
								 (unsigned long long)walk->value_line);
	}
	if (collect(walk, bytes, used, &full, err) != 0) {
		return -1;
	}
	if (full) {
		walk->in_value = false;
		return decide(walk, false, err);
	}
	count_lines(walk, bytes, *used);
	return state == JSON_VALUE_END ? value_ended(walk, err) : 0;
}

static int walk_bytes(struct walk *walk, const uint8_t *bytes, size_t size, struct error *err)
{
	for (size_t at = 0; at < size;) {
		size_t used = 1;
		int status = 0;
		if (walk->in_value) {
			status = take_value(walk, bytes + at, size - at, &used, err);
		} else if (json_is_blank(bytes[at])) {
			walk->line += bytes[at] == '\n';
		} else {
			status = take_byte(walk, bytes[at], err);
			used = walk->in_value ? 0 : 1;
		}
		if (status != 0) {
			return -1;
		}
		at += used;
	}
	return 0;
}

static int end_walk(const struct walk *walk, struct error *err)
{
	if (walk->in_value) {
		return error_set(err, ERROR_MALFORMED,
						 "line %llu: the file ends inside the value that begins here",
						 (unsigned long long)walk->value_line);
	}
	if (walk->place != PLACE_TOP) {
		return error_set(err, ERROR_MALFORMED, "line %llu: the file ends before its list does",
						 (unsigned long long)walk->line);
	}
	return 0;
}

static int read_walk(struct walk *walk, struct error *err)
{
	for (;;) {
		const uint8_t *bytes;
		size_t size;
		if (reader_next(walk->job->bytes, &bytes, &size, err) != 0) {
			return -1;
		}
		if (size == 0) {
			return end_walk(walk, err);
		}
		if (walk_bytes(walk, bytes, size, err) != 0) {
			return -1;
		}
	}
}

static int json_read(struct import_job *job, struct error *err)
{
	struct walk walk = {.job = job, .text = BUFFER_INIT(LIMIT_IMPORT_RECORD), .line = 1};
	int status = read_walk(&walk, err);
	buffer_clear(&walk.text);
	import_record_clear(&walk.record);
	free(walk.list);
	return status;
}

static bool json_told_by(const uint8_t *head, size_t size)
{
	return size != 0 && (head[0] == '{' || head[0] == '[');
}

const struct import_format import_format_json = {"json", json_told_by, json_read};
