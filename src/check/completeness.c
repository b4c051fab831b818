#include "completeness.h"

#include <pthread.h>
#include <stdlib.h>

#include "layerproof/memory.h"

struct completeness {
	struct index *index;
	pthread_mutex_t lock;
	bool is_known;
	bool lacks_layers;
};

struct completeness *completeness_new(struct index *index)
{
	struct completeness *completeness = memory_alloc(1, sizeof(*completeness));
	completeness->index = index;
	pthread_mutex_init(&completeness->lock, NULL);
	return completeness;
}

void completeness_free(struct completeness *completeness)
{
	if (completeness == NULL)
		return;
	pthread_mutex_destroy(&completeness->lock);
	free(completeness);
}

/* It may take a look at every image: not before a finding depends on it. The lock is held. */
static int find_out(struct completeness *completeness, struct error *err)
{
	struct index_snapshot *snapshot = index_snapshot_begin(completeness->index, err);
	int lacks = snapshot == NULL ? -1 : index_lacks_layers(snapshot, err);
	index_snapshot_end(snapshot);
	completeness->is_known = lacks >= 0;
	completeness->lacks_layers = lacks == 1;
	return lacks < 0 ? -1 : 0;
}

int completeness_suggest(struct completeness *completeness, const struct match_facts *facts,
						 struct judgement *judgement, struct error *err)
{
	if (completeness->index == NULL || !match_gains_by_completion(facts, judgement))
		return 0;
	pthread_mutex_lock(&completeness->lock);
	int result = completeness->is_known ? 0 : find_out(completeness, err);
	bool lacks_layers = completeness->lacks_layers;
	pthread_mutex_unlock(&completeness->lock);
	if (lacks_layers)
		judgement_suggest_completion(judgement);
	return result;
}
