#include "helper_answers.h"

#include <pthread.h>
#include <stdbool.h>

#include "helper.h"
#include "layerproof/limits.h"
#include "layerproof/log.h"
#include "layerproof/memory.h"
#include "server_name.h"
#include "table.h"

struct helper_answer {
	bool is_there; /* false: somebody is asking */
	struct credential credential;
};

struct helper_answers {
	pthread_mutex_t lock;
	pthread_cond_t came;
	struct table *table; /* of struct helper_answer, by helper and server */
};

static void answer_free(void *value)
{
	struct helper_answer *answer = value;
	credential_clear(&answer->credential);
	free(answer);
}

struct helper_answers *helper_answers_new(void)
{
	struct helper_answers *answers = memory_alloc(1, sizeof *answers);
	pthread_mutex_init(&answers->lock, NULL);
	pthread_cond_init(&answers->came, NULL);
	answers->table = table_new(LIMIT_HOSTS_KEPT, answer_free);
	return answers;
}

void helper_answers_free(struct helper_answers *answers)
{
	if (answers == NULL)
		return;
	table_free(answers->table);
	pthread_cond_destroy(&answers->came);
	pthread_mutex_destroy(&answers->lock);
	free(answers);
}

/* Whether the caller is the one to ask; else `out` has the answer. Looked up anew after each wait:
 * an entry may have been dropped for another's. */
static bool claim(struct helper_answers *answers, const char *name, struct credential *out)
{
	const struct helper_answer *answer = NULL;
	pthread_mutex_lock(&answers->lock);
	while ((answer = table_get(answers->table, name)) != NULL && !answer->is_there)
		pthread_cond_wait(&answers->came, &answers->lock);
	if (answer == NULL)
		table_set(answers->table, name, memory_alloc(1, sizeof *answer));
	else
		credential_copy(&answer->credential, out);
	pthread_mutex_unlock(&answers->lock);
	return answer == NULL;
}

static void keep(struct helper_answers *answers, const char *name,
				 const struct credential *credential)
{
	struct helper_answer *answer = memory_alloc(1, sizeof *answer);
	answer->is_there = true;
	credential_copy(credential, &answer->credential);
	pthread_mutex_lock(&answers->lock);
	table_set(answers->table, name, answer);
	pthread_cond_broadcast(&answers->came);
	pthread_mutex_unlock(&answers->lock);
}

void helper_answers_get(struct helper_answers *answers, const char *suffix, const char *host,
						struct credential *out)
{
	struct error error = ERROR_INIT;
	const char *server = server_name_for_helper(host);
	CLEANUP(free_at) char *name = memory_format("%s %s", suffix, server);
	if (!claim(answers, name, out))
		return;
	if (helper_get(suffix, server, out, &error) != 0) {
		log_verbose("%s: no login from its helper: %s", host, error.text);
		out->trouble = memory_copy_text(error.text);
	}
	keep(answers, name, out);
}
