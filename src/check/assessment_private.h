/*
 * assessment_private: an assessment while it is made; private to this folder.
 */
#ifndef LAYERPROOF_CHECK_ASSESSMENT_PRIVATE_H
#define LAYERPROOF_CHECK_ASSESSMENT_PRIVATE_H

#include <stdatomic.h>

#include "facts.h"
#include "hints.h"
#include "layerproof/assessment.h"
#include "layerproof/tree.h"

enum { ASSESSMENT_FLAGS = 16 };

struct assessment {
	atomic_int references;
	struct tree tree;
	struct hints hints;
	struct fact_book book; /* points into the tree */
	bool has_facts;
	struct judgement judgement; /* points into the book */
	struct finding_error *errors;
	size_t error_count;
	size_t error_capacity;
	const char *flags[ASSESSMENT_FLAGS];
	size_t flag_count;
	bool has_index;
	char index_id[INDEX_ID_SIZE];
	int64_t index_updated_at;
};

struct assessment *assessment_new(void);

/* For the table that holds values by reference; assessment_release() is the other half. */
void assessment_retain(void *value);

/* `where` may be NULL; both texts are copied. */
void assessment_add_error(struct assessment *assessment, enum error_code code, const char *where,
						  const char *message);

/* Adds why a part could not be read, with the time to come back where it is known. */
void assessment_add_failure(struct assessment *assessment, const char *where,
							const struct error *why);

/* Makes it the assessment of something that could not be read, whatever was gathered before. */
void assessment_set_failure(struct assessment *assessment, const struct error *why);

/* The flags that the tree and what was learnt of it give, in the order of the alphabet. */
void assessment_note_flags(struct assessment *assessment);

#endif
