/*
 * json_filter: the members of a record that somebody will read, out of a stream of its bytes. A
 * scanner's report of many MiB leaves a few KiB for the parser.
 *
 * What is left out is only known to have paired brackets and quotes (json_value), and to be one
 * value between its colon and the next comma. All else is for the parser.
 */
#ifndef LAYERPROOF_JSON_FILTER_H
#define LAYERPROOF_JSON_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "import_format.h"
#include "json_same.h"
#include "json_value.h"
#include "layerproof/buffer.h"

/* Paths from the record to what is wanted; lists on the way leave no trace in them. */
struct json_wanted {
	char **paths;
	size_t count;
	const char *const *sets; /* of the format; NULL: none */
};

/* Of all places and conditions of a format. */
void json_wanted_set(const struct import_format *format, const struct import_places *places,
					 struct json_wanted *out);
void json_wanted_clear(struct json_wanted *wanted);

enum json_filter_choice { JSON_FILTER_SKIP, JSON_FILTER_ENTER, JSON_FILTER_ALL };

enum { JSON_FILTER_NAME_SIZE = 256, JSON_FILTER_PATH_SIZE = 1024 };

/* Open value; zero it before each record, but for `wanted`. */
struct json_filter {
	const struct json_wanted *wanted; /* NULL: everything */
	struct json_same *same;           /* reset before each record; NULL where it is not `wanted` */
	struct {
		bool is_object;
		bool is_whole;    /* all below is kept */
		bool has_member;  /* one was kept */
		bool is_set;      /* a list of the format's `sets` */
		size_t path_size; /* of the path to this bracket */
	} open[JSON_VALUE_DEPTH];
	size_t depth;
	char path[JSON_FILTER_PATH_SIZE];
	size_t path_size;
	char name[JSON_FILTER_NAME_SIZE]; /* of a member, with what escapes it */
	size_t name_size;
	enum json_filter_choice choice; /* for the value to come */
	bool wants_name;
	bool in_text;
	bool is_name; /* the text is one */
	bool escaped;
	bool in_word;
	bool skipping;
	size_t skipped_depth;  /* brackets open inside what is skipped */
	size_t skipped_values; /* 1 when all is well */
	size_t values;         /* kept, roughly: commas and brackets */
	struct {
		size_t depth;       /* of the set; 0: in none */
		size_t end, values; /* of what is kept of it so far */
		size_t start;       /* of the element at hand */
	} set;
};

/* Adds to `out` what is kept of the next bytes of the record, which json_value_scan() has taken. */
int json_filter_add(struct json_filter *filter, const uint8_t *bytes, size_t size,
					struct buffer *out, struct error *err);

#endif
