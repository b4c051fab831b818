/*
 * file_hits: the files of a layer that the index knows as ours, looked for while the layer is read;
 * private to this folder.
 *
 * Nothing is held of the index while bytes are waited for: files are looked up some thousand at a
 * time. What is found is a lead alone: whose a file is gets judged with the rest of the finding.
 */
#ifndef LAYERPROOF_CHECK_FILE_HITS_H
#define LAYERPROOF_CHECK_FILE_HITS_H

#include <stdbool.h>

#include "layerproof/index_files.h"
#include "layerproof/layer.h"

struct file_hit {
	struct digest digest;
	int64_t size;
	char *path; /* NULL: there are too many to keep it */
};

/* Counted: what is known of a blob is shared. */
struct file_hits {
	struct file_hit *items;
	size_t count;
	bool is_capped; /* there were more than LIMIT_FILE_HITS */
};

struct file_hits *file_hits_retain(struct file_hits *hits); /* NULL is legal, and given back */
void file_hits_release(struct file_hits *hits);             /* NULL is legal */

/* Whether the index knows any file; false too for an index that cannot be read. */
bool file_hits_are_wanted(struct index *index); /* NULL is legal */

/* One reading of one layer. */
struct file_search;
struct file_search *file_search_new(struct index *index);
void file_search_free(struct file_search *search); /* NULL is legal */

/* For a layer_options.on_file. -1: file_search_end() says why. */
int file_search_note(struct file_search *search, const struct layer_file *file, struct error *err);

/* What was found, in the order of the digests, each once; owned. NULL with the error of the index.
 */
struct file_hits *file_search_end(struct file_search *search, struct error *err);

#endif
