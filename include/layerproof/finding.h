/*
 * finding: the answer for one candidate, as layerproof-finding(5) defines it, in each output
 * format.
 */
#ifndef LAYERPROOF_FINDING_H
#define LAYERPROOF_FINDING_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layerproof/buffer.h"
#include "layerproof/index.h"
#include "layerproof/match.h"
#include "layerproof/reference.h"

/* Something that could not be read, with its place. Owns its text. */
struct finding_error {
	enum error_code code;
	char *where; /* NULL: the candidate as a whole */
	char *message;
	int64_t retry_at; /* as in struct error */
};

/* Everything a finding says. Borrows all it points at. */
struct finding {
	const char *input;                 /* the candidate as given, valid UTF-8 */
	const struct reference *reference; /* NULL: could not be parsed */
	const struct match_facts *facts;   /* NULL: the tree could not be read */
	const struct judgement *judgement;
	const struct digest *digest; /* of the top document; NULL or unset when no bytes were served */
	const char *media_type;      /* NULL when not known */
	const struct finding_error *errors;
	size_t error_count;
	const char *const *flags; /* sorted words of layerproof-finding(5) */
	size_t flag_count;
	const struct match_hint
		*name_hints; /* in the candidate's own name; before those of the facts */
	size_t name_hint_count;
	bool is_not_resent;   /* the registry said that the top document is the one read before; its
							 bytes were not sent again: a flag, but for reproducible output */
	json_t *discovery;    /* NULL when the candidate was a bare reference */
	const char *index_id; /* NULL without an index */
	int64_t index_updated_at;
	uint64_t requests;
	uint64_t bytes;       /* received for this finding, documents and layers */
	uint64_t layer_bytes; /* of layers alone */
	int64_t milliseconds;
	int64_t checked_at;
};

/* Appends one JSON object and a newline. With `reproducible`, times and costs are left out. */
int finding_write_json(const struct finding *finding, bool reproducible, struct buffer *out,
					   struct error *err);

#endif
