/*
 * commit: into an empty index in steps.
 */
#include "commit.h"
#include "unfinished.h"

int commit_step(struct commit *commit, struct error *err)
{
	if (!commit->in_steps || store_pending(commit->txn) < batch_share(commit->batch, SHARE_STEP))
		return 0;
	return unfinished_mark(commit->txn, err) < 0 ? -1 : store_step(commit->txn, err);
}
