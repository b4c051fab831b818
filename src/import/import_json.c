/*
 * import_json: an array of objects, objects one after the other, or a list in an object; streamed
 * record by record.
 *
 * The walk below follows only the outer brackets, as far as records are; each record is collected
 * into a bounded buffer and parsed alone.
 */
#include <stdio.h>
#include <string.h>

#include "import_job.h"
#include "json_filter.h"
#include "json_pool.h"
#include "json_survey.h"
#include "json_value.h"
#include "layerproof/buffer.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"

/* What may come next. */
enum place {
	PLACE_TOP,           /* a value, or the end */
	PLACE_FIRST_ELEMENT, /* a record or page, or the list's end */
	PLACE_ELEMENT,       /* a record or page */
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

/* A bracket around records. On the way to a list "a.b", `step` counts the members passed. */
enum { BRACKETS_MAX = 16 };
struct bracket {
	bool is_list;
	size_t step;
};

struct walk {
	struct import_job *job;
	struct json_pool *pool;
	struct import_record record; /* only what the walk refuses itself */
	struct json_wanted wanted;
	struct json_filter filter; /* of the record at hand */
	struct json_same same;
	struct buffer text; /* of the value, unless it is read for nothing */
	struct json_value value;
	enum purpose purpose;
	bool in_value;
	enum place place; /* in a value: behind it */
	bool surveyed;    /* what the first value is has been decided */
	char
		*list; /* the path of the list that holds the records; NULL: each value is one, or a list */
	bool is_guess; /* nobody named the list: another one beside it may hold records too */
	struct bracket open[BRACKETS_MAX];
	size_t depth;
	bool on_path;        /* the member at hand leads to the list */
	bool has_list;       /* this page had its list */
	uint64_t line;       /* of the byte to come */
	uint64_t value_line; /* where the value began */
};

/* The part of the path after `step` members; NULL behind the last. */
static const char *path_part(const struct walk *walk, size_t step, size_t *size)
{
	const char *part = walk->list;
	if (walk->is_guess) { /* a name of the file's own, dots and all */
		*size = strlen(part);
		return step == 0 ? part : NULL;
	}
	for (; step > 0 && part != NULL; step--) {
		part = strchr(part, '.');
		part = part == NULL ? NULL : part + 1;
	}
	*size = part == NULL ? 0 : strcspn(part, ".");
	return part;
}

/* Whether what stands in the innermost bracket are records. */
static bool holds_records(const struct walk *walk)
{
	size_t size;
	const struct bracket *inner = &walk->open[walk->depth - 1];
	return walk->list == NULL || path_part(walk, inner->step, &size) == NULL;
}

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
	walk->filter = (struct json_filter){.wanted = NULL};
	if (purpose == FOR_RECORD && walk->wanted.count > 0) {
		walk->filter.wanted = &walk->wanted;
		walk->filter.same = &walk->same;
		json_same_reset(&walk->same);
	}
	buffer_reset(&walk->text);
	return 0;
}

static int open_bracket(struct walk *walk, bool is_list, size_t step, struct error *err)
{
	if (walk->depth == BRACKETS_MAX) {
		return error_set(err, ERROR_OVER_LIMIT, "line %llu: records nested deeper than %d",
						 (unsigned long long)walk->line, BRACKETS_MAX);
	}
	walk->open[walk->depth++] = (struct bracket){is_list, step};
	walk->place = is_list ? PLACE_FIRST_ELEMENT : PLACE_FIRST_MEMBER;
	return 0;
}

/* Behind the bracket that was closed last. */
static void close_bracket(struct walk *walk)
{
	walk->depth--;
	if (walk->depth == 0) {
		walk->place = PLACE_TOP;
	} else {
		walk->place = walk->open[walk->depth - 1].is_list ? PLACE_AFTER_ELEMENT
														  : PLACE_AFTER_MEMBER;
	}
}

static int take_top(struct walk *walk, uint8_t byte, struct error *err)
{
	if (byte == '[') {
		walk->surveyed = true;
		walk->has_list = false;
		return open_bracket(walk, true, 0, err);
	}
	if (byte != '{') {
		return broken(walk, "an object or an array of objects", byte, err);
	}
	if (walk->list != NULL) {
		walk->has_list = false;
		return open_bracket(walk, false, 0, err);
	}
	return begin_value(walk, walk->surveyed ? FOR_RECORD : FOR_SURVEY, PLACE_TOP);
}

/* A page must have its list; but pages in a list of pages may be empty. */
static int end_page(struct walk *walk, struct error *err)
{
	if (walk->depth == 1 && !walk->has_list) {
		return error_set(err, ERROR_MALFORMED, "line %llu: an object without the list \"%s\"",
						 (unsigned long long)walk->line, walk->list);
	}
	close_bracket(walk);
	return 0;
}

static int take_element(struct walk *walk, uint8_t byte, struct error *err)
{
	if (byte == ']' && walk->place != PLACE_ELEMENT) {
		close_bracket(walk);
		return 0;
	}
	if (walk->place == PLACE_AFTER_ELEMENT) {
		walk->place = PLACE_ELEMENT;
		return byte == ',' ? 0 : broken(walk, "a comma or ]", byte, err);
	}
	if (byte == ',' || byte == ':' || byte == '}' || byte == ']') {
		return broken(walk, "a record", byte, err);
	}
	if (holds_records(walk)) {
		return begin_value(walk, FOR_RECORD, PLACE_AFTER_ELEMENT);
	}
	if (byte == '{') {
		return open_bracket(walk, false, walk->open[walk->depth - 1].step, err);
	}
	return begin_value(walk, FOR_NOTHING, PLACE_AFTER_ELEMENT);
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
static bool leads_to_list(const struct walk *walk)
{
	size_t size;
	const char *part = path_part(walk, walk->open[walk->depth - 1].step, &size);
	return part != NULL && walk->text.size == size + 2 &&
		   memcmp(walk->text.bytes + 1, part, size) == 0;
}

/* The value of the member that leads to the list: a list, a page, one record in place of a list of
 * one, or null for none. */
static int enter_member(struct walk *walk, uint8_t byte, struct error *err)
{
	size_t size;
	size_t step = walk->open[walk->depth - 1].step + 1;
	bool is_last = path_part(walk, step, &size) == NULL;
	walk->has_list = walk->has_list || is_last;
	if (byte == '[') {
		return open_bracket(walk, true, step, err);
	}
	if (byte == '{' && !is_last) {
		return open_bracket(walk, false, step, err);
	}
	if (byte == '{' && !walk->is_guess) {
		return begin_value(walk, FOR_RECORD, PLACE_AFTER_MEMBER);
	}
	if (byte == 'n') {
		return begin_value(walk, FOR_NOTHING, PLACE_AFTER_MEMBER);
	}
	return broken(walk, "the list of records", byte, err);
}

static int take_member_value(struct walk *walk, uint8_t byte, struct error *err)
{
	walk->on_path = leads_to_list(walk);
	if (walk->on_path) {
		return enter_member(walk, byte, err);
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
	size_t values = walk->filter.wanted == NULL ? walk->value.values : walk->filter.values;
	if (values > LIMIT_JSON_VALUES) {
		import_record_refuse(&walk->record, NULL, "more than %d values", LIMIT_JSON_VALUES);
	}
	int status = json_pool_add(walk->pool, walk->text.bytes, walk->text.size, walk->value_line,
							   &walk->record, err);
	import_record_start(&walk->record);
	return status;
}

/* The first object, or as much of it as a record may be long, is in the buffer. A page is walked
 * again, record by record. */
static int decide(struct walk *walk, bool whole, struct error *err)
{
	walk->surveyed = true;
	walk->list = json_survey_list(walk->text.bytes, walk->text.size, &walk->job->places);
	walk->is_guess = true;
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
	if (walk->is_guess && walk->depth == 1 && walk->value.first == '[' &&
		walk->value.inner == '{') {
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

/* Keeps what is wanted of the value, up to the bound: only for the survey is the beginning enough.
 * What the filter cannot read is a refusal of the record, as what the parser cannot. */
static int collect(struct walk *walk, const uint8_t *bytes, size_t *used, bool *full,
				   struct error *err)
{
	struct error reason = ERROR_INIT;
	size_t room = walk->text.maximum - walk->text.size;
	*full = walk->purpose == FOR_SURVEY && *used > room;
	if (*full) {
		*used = room;
	}
	if (walk->purpose == FOR_NOTHING || walk->record.state != IMPORT_TAKEN ||
		json_filter_add(&walk->filter, bytes, *used, &walk->text, &reason) == 0) {
		return 0;
	}
	if (walk->purpose == FOR_RECORD && reason.code == ERROR_MALFORMED) {
		import_record_refuse(&walk->record, NULL, "%s", reason.text);
		return 0;
	}
	return too_large(walk, err);
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

int import_json_read(struct import_job *job, struct error *err)
{
	struct walk walk = {.job = job, .text = BUFFER_INIT(LIMIT_IMPORT_RECORD), .line = 1};
	if (job->list != NULL) {
		walk.surveyed = true;
		walk.list = *job->list == '\0' ? NULL : memory_copy_text(job->list);
		if (!job->format->any_text) {
			json_wanted_set(job->format, &job->places, &walk.wanted);
		}
	}
	walk.pool = json_pool_new(job);
	int status = read_walk(&walk, err);
	if (status == 0 || !job->stopped) {
		struct error late = ERROR_INIT; /* records before a break are told of, as they came */
		int delivered = json_pool_finish(walk.pool, status == 0 ? err : &late);
		status = status == 0 ? delivered : status;
	}
	json_pool_free(walk.pool);
	buffer_clear(&walk.text);
	import_record_clear(&walk.record);
	json_wanted_clear(&walk.wanted);
	json_same_clear(&walk.same);
	free(walk.list);
	return status;
}
