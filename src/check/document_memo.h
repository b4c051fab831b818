/*
 * document_memo: manifests and configs met before in a run, for tree_read_with_memo(); private to
 * this folder.
 */
#ifndef LAYERPROOF_CHECK_DOCUMENT_MEMO_H
#define LAYERPROOF_CHECK_DOCUMENT_MEMO_H

#include "layerproof/tree.h"
#include "once.h"

/* A table for document_memo_over(), to be freed with once_free(). */
struct once *document_memo_new(void);

/* What tree_read_with_memo() takes; borrows the table. */
struct tree_memo document_memo_over(struct once *documents);

#endif
