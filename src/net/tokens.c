#include "tokens.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include "layerproof/clock.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "secret.h"
#include "table.h"

/* How long before its end a token is renewed, at the least, and how long after a failure again. */
enum { MARGIN_SECONDS = 5, PAUSE_SECONDS = 5 };

struct token {
	char *authorization; /* NULL: not fetched, or the fetching failed */
	int64_t good_until;  /* clock_monotonic_ms() */
	int64_t renew_at;    /* the same */
	bool in_flight;
	uint64_t flights; /* ended so far: tells a waiter which failure was the one it waited for */
	struct error failure;
};

struct tokens {
	pthread_mutex_t lock;
	pthread_cond_t landed;
	struct table *table; /* of struct token */
};

static void token_free(void *value)
{
	struct token *token = value;
	secret_free(token->authorization);
	free(token);
}

struct tokens *tokens_new(void)
{
	struct tokens *tokens = memory_alloc(1, sizeof *tokens);
	pthread_mutex_init(&tokens->lock, NULL);
	pthread_cond_init(&tokens->landed, NULL);
	tokens->table = table_new(LIMIT_TOKENS_KEPT, token_free);
	return tokens;
}

void tokens_free(struct tokens *tokens)
{
	if (tokens == NULL)
		return;
	table_free(tokens->table);
	pthread_cond_destroy(&tokens->landed);
	pthread_mutex_destroy(&tokens->lock);
	free(tokens);
}

static bool is_good(const struct token *token)
{
	return token != NULL && token->authorization != NULL &&
		   clock_monotonic_ms() < token->good_until;
}

/* The entry, made when it is new or was pushed out of the table. The lock is held. */
static struct token *token_of(struct tokens *tokens, const char *key)
{
	struct token *token = table_get(tokens->table, key);
	if (token == NULL) {
		token = memory_alloc(1, sizeof *token);
		table_set(tokens->table, key, token);
	}
	return token;
}

/* Waits while another thread fetches it; false when it came back with a failure. */
static bool wait_for_flight(struct tokens *tokens, const char *key, struct error *err)
{
	const struct token *token = token_of(tokens, key);
	if (!token->in_flight)
		return true;
	uint64_t waited_for = token->flights + 1;
	while (token->in_flight && token->flights < waited_for) {
		pthread_cond_wait(&tokens->landed, &tokens->lock);
		token = token_of(tokens, key);
	}
	if (token->flights != waited_for || token->failure.code == ERROR_NONE)
		return true;
	*err = token->failure;
	return false;
}

/* Whether it is there, and another than the one that was refused. */
static bool serves(const struct token *token, const char *refused)
{
	return is_good(token) && (refused == NULL || strcmp(token->authorization, refused) != 0);
}

static enum tokens_result begin_locked(struct tokens *tokens, const char *key, const char *refused,
									   char **authorization, struct error *err)
{
	if (!serves(token_of(tokens, key), refused) && !wait_for_flight(tokens, key, err))
		return TOKENS_FAILED;
	struct token *token = token_of(tokens, key);
	bool is_served = serves(token, refused);
	if (is_served)
		*authorization = memory_copy_text(token->authorization);
	if (is_served && (token->in_flight || clock_monotonic_ms() < token->renew_at))
		return TOKENS_READY;
	if (!is_served)
		secret_free(STEAL(token->authorization));
	token->in_flight = true;
	return is_served ? TOKENS_RENEW : TOKENS_FETCH;
}

enum tokens_result tokens_begin(struct tokens *tokens, const char *key, const char *refused,
								char **authorization, struct error *err)
{
	pthread_mutex_lock(&tokens->lock);
	enum tokens_result result = begin_locked(tokens, key, refused, authorization, err);
	pthread_mutex_unlock(&tokens->lock);
	return result;
}

/* The lock is held. */
static void land(struct tokens *tokens, struct token *token)
{
	token->in_flight = false;
	token->flights++;
	pthread_cond_broadcast(&tokens->landed);
}

void tokens_finish(struct tokens *tokens, const char *key, const char *authorization,
				   int64_t seconds)
{
	int64_t now = clock_monotonic_ms();
	int64_t margin = seconds / 10 > MARGIN_SECONDS ? seconds / 10 : MARGIN_SECONDS;
	pthread_mutex_lock(&tokens->lock);
	struct token *token = token_of(tokens, key);
	secret_free(token->authorization);
	token->authorization = memory_copy_text(authorization);
	token->good_until = now + seconds * 1000;
	token->renew_at = token->good_until - margin * 1000;
	token->failure = (struct error)ERROR_INIT;
	land(tokens, token);
	pthread_mutex_unlock(&tokens->lock);
}

void tokens_fail(struct tokens *tokens, const char *key, const struct error *why)
{
	pthread_mutex_lock(&tokens->lock);
	struct token *token = token_of(tokens, key);
	token->renew_at = clock_monotonic_ms() + PAUSE_SECONDS * INT64_C(1000);
	token->failure = *why;
	land(tokens, token);
	pthread_mutex_unlock(&tokens->lock);
}
