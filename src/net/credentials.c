#include "credentials.h"

#include <pthread.h>
#include <stdbool.h>

#include "credential_files.h"
#include "helper_answers.h"
#include "layerproof/limits.h"
#include "layerproof/log.h"
#include "layerproof/memory.h"
#include "table.h"

struct verdict {
	bool is_accepted;
	bool is_refused;
	bool is_claimed; /* somebody has sent it for the first time, */
	bool is_tried;   /* and knows what came of it */
};

struct credentials {
	pthread_mutex_t lock;
	pthread_cond_t judged;
	bool loaded;
	struct login_file *files[CREDENTIAL_FILES_MAX]; /* constant once they are loaded */
	size_t file_count;
	bool is_told[CREDENTIAL_FILES_MAX]; /* that something in that file cannot be read */
	struct table *verdicts;             /* of struct verdict, by host and login */
	struct helper_answers *answers;
};

struct credentials *credentials_new(void)
{
	struct credentials *credentials = memory_alloc(1, sizeof *credentials);
	pthread_mutex_init(&credentials->lock, NULL);
	pthread_cond_init(&credentials->judged, NULL);
	credentials->verdicts = table_new(LIMIT_HOSTS_KEPT, free);
	credentials->answers = helper_answers_new();
	return credentials;
}

void credentials_free(struct credentials *credentials)
{
	if (credentials == NULL)
		return;
	for (size_t i = 0; i < credentials->file_count; i++)
		login_file_free(credentials->files[i]);
	table_free(credentials->verdicts);
	helper_answers_free(credentials->answers);
	pthread_cond_destroy(&credentials->judged);
	pthread_mutex_destroy(&credentials->lock);
	free(credentials);
}

static void load(struct credentials *credentials)
{
	pthread_mutex_lock(&credentials->lock);
	if (!credentials->loaded)
		credentials->file_count = credential_files_load(credentials->files);
	credentials->loaded = true;
	pthread_mutex_unlock(&credentials->lock);
}

static int find_in_file(struct credentials *credentials, const struct login_file *file,
						const char *host, const char *repository, struct credential *out,
						struct error *err)
{
	const char *suffix = NULL;
	if (login_file_helper(file, host, repository, &suffix, err) != 0)
		return -1;
	if (suffix != NULL)
		helper_answers_get(credentials->answers, suffix, host, out);
	return credential_is_set(out) ? 0 : login_file_find(file, host, repository, out, err);
}

/* One warning for a file, however often it is searched. */
static void tell(struct credentials *credentials, size_t file, const struct error *error)
{
	pthread_mutex_lock(&credentials->lock);
	bool is_news = !credentials->is_told[file];
	credentials->is_told[file] = true;
	pthread_mutex_unlock(&credentials->lock);
	if (is_news)
		log_warning("%s; no login is taken from it", error->text);
}

/* The first trouble on the way is kept for the case that nothing is found. */
static void find(struct credentials *credentials, const char *host, const char *repository,
				 struct credential *out)
{
	struct error error;
	CLEANUP(free_at) char *trouble = NULL;
	for (size_t i = 0; i < credentials->file_count && !credential_is_set(out); i++) {
		credential_clear(out);
		if (find_in_file(credentials, credentials->files[i], host, repository, out, &error) != 0) {
			credential_clear(out);
			out->trouble = memory_copy_text(error.text);
			tell(credentials, i, &error);
		}
		if (trouble == NULL)
			trouble = STEAL(out->trouble);
	}
	free(out->trouble);
	out->trouble = credential_is_set(out) ? NULL : STEAL(trouble);
}

static char *verdict_name(const char *host, const struct credential *credential)
{
	char fingerprint[CREDENTIAL_FINGERPRINT_SIZE];
	return memory_format("%s %s", host, credential_fingerprint(credential, fingerprint));
}

/* The lock is held. */
static struct verdict *verdict_of(struct credentials *credentials, const char *host,
								  const struct credential *credential)
{
	CLEANUP(free_at) char *name = verdict_name(host, credential);
	struct verdict *verdict = table_get(credentials->verdicts, name);
	if (verdict == NULL) {
		verdict = memory_alloc(1, sizeof *verdict);
		table_set(credentials->verdicts, name, verdict);
	}
	return verdict;
}

static bool is_refused(struct credentials *credentials, const char *host,
					   const struct credential *credential)
{
	pthread_mutex_lock(&credentials->lock);
	bool refused = verdict_of(credentials, host, credential)->is_refused;
	pthread_mutex_unlock(&credentials->lock);
	return refused;
}

void credentials_find_any(struct credentials *credentials, const char *host, const char *repository,
						  struct credential *out)
{
	*out = (struct credential)CREDENTIAL_INIT;
	load(credentials);
	find(credentials, host, repository, out);
}

void credentials_find(struct credentials *credentials, const char *host, const char *repository,
					  struct credential *out)
{
	credentials_find_any(credentials, host, repository, out);
	if (!credential_is_set(out) || !is_refused(credentials, host, out))
		return;
	credential_clear(out);
	out->trouble = memory_copy_text("the stored login was refused");
}

/* Looked up anew after each wait: an entry may have been dropped for another's. */
bool credentials_claim(struct credentials *credentials, const char *host,
					   const struct credential *credential)
{
	pthread_mutex_lock(&credentials->lock);
	struct verdict *verdict = verdict_of(credentials, host, credential);
	while (verdict->is_claimed && !verdict->is_tried) {
		pthread_cond_wait(&credentials->judged, &credentials->lock);
		verdict = verdict_of(credentials, host, credential);
	}
	verdict->is_claimed = true;
	bool may_go = !verdict->is_refused;
	pthread_mutex_unlock(&credentials->lock);
	return may_go;
}

/* The lock is held. */
static void end_claim(struct credentials *credentials, struct verdict *verdict)
{
	verdict->is_tried = true;
	pthread_cond_broadcast(&credentials->judged);
}

void credentials_leave(struct credentials *credentials, const char *host,
					   const struct credential *credential)
{
	pthread_mutex_lock(&credentials->lock);
	end_claim(credentials, verdict_of(credentials, host, credential));
	pthread_mutex_unlock(&credentials->lock);
}

void credentials_accept(struct credentials *credentials, const char *host,
						const struct credential *credential)
{
	pthread_mutex_lock(&credentials->lock);
	struct verdict *verdict = verdict_of(credentials, host, credential);
	verdict->is_accepted = true;
	end_claim(credentials, verdict);
	pthread_mutex_unlock(&credentials->lock);
}

void credentials_refuse(struct credentials *credentials, const char *host,
						const struct credential *credential)
{
	pthread_mutex_lock(&credentials->lock);
	struct verdict *verdict = verdict_of(credentials, host, credential);
	bool is_news = !verdict->is_accepted && !verdict->is_refused;
	verdict->is_refused = !verdict->is_accepted;
	end_claim(credentials, verdict);
	pthread_mutex_unlock(&credentials->lock);
	if (is_news)
		log_warning("%s: the stored login was refused; going on without it", host);
}
