#include "hashers.h"

#include <pthread.h>
#include <sched.h>

enum {
	HELPERS_MOST = 63,
	/* Bytes of a piece that are worth the waking of another thread. */
	PIECE_LEAST = 16 * 1024,
};

struct piece {
	const void *bytes;
	size_t size;
};

struct hash_line {
	struct hashers *hashers;
	struct digest_stream *stream;
	struct piece pieces[HASH_LINE_PIECES]; /* a ring */
	unsigned first;
	unsigned count;
	bool is_taken;  /* a thread is at the first piece */
	bool is_queued; /* pieces wait and nobody is at them */
	struct hash_line *next;
};

struct hashers {
	pthread_mutex_t lock;
	pthread_cond_t work;     /* a line was queued, or the end has come */
	pthread_cond_t progress; /* a piece was hashed */
	int cores;
	int computing; /* threads that are at a layer, helpers not counted */
	int idle;      /* helpers that wait for work */
	int waiting;   /* threads that wait for progress */
	struct hash_line *queue;
	struct hash_line **queue_end;
	pthread_t helpers[HELPERS_MOST];
	int helper_count;
	bool has_ended;
};

static int count_cores(void)
{
	cpu_set_t set;
	return sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
}

struct hashers *hashers_new(int cores)
{
	struct hashers *hashers = memory_alloc(1, sizeof(*hashers));
	pthread_mutex_init(&hashers->lock, NULL);
	pthread_cond_init(&hashers->work, NULL);
	pthread_cond_init(&hashers->progress, NULL);
	hashers->cores = cores > 0 ? cores : count_cores();
	hashers->queue_end = &hashers->queue;
	return hashers;
}

void hashers_free(struct hashers *hashers)
{
	pthread_mutex_lock(&hashers->lock);
	hashers->has_ended = true;
	pthread_cond_broadcast(&hashers->work);
	pthread_mutex_unlock(&hashers->lock);
	for (int i = 0; i < hashers->helper_count; i++)
		pthread_join(hashers->helpers[i], NULL);
	pthread_cond_destroy(&hashers->progress);
	pthread_cond_destroy(&hashers->work);
	pthread_mutex_destroy(&hashers->lock);
	free(hashers);
}

bool hashers_can_help(const struct hashers *hashers)
{
	return hashers != NULL && hashers->cores > 1;
}

static void add_computing(struct hashers *hashers, int more)
{
	if (!hashers_can_help(hashers))
		return;
	pthread_mutex_lock(&hashers->lock);
	hashers->computing += more;
	pthread_mutex_unlock(&hashers->lock);
}

void hashers_begin(struct hashers *hashers)
{
	add_computing(hashers, 1);
}

void hashers_pause(struct hashers *hashers)
{
	add_computing(hashers, -1);
}

/* ---- Under the lock ---- */

static void enqueue(struct hashers *hashers, struct hash_line *line)
{
	line->is_queued = true;
	line->next = NULL;
	*hashers->queue_end = line;
	hashers->queue_end = &line->next;
}

static void dequeue(struct hashers *hashers, struct hash_line *line)
{
	struct hash_line **at = &hashers->queue;
	while (*at != line)
		at = &(*at)->next;
	*at = line->next;
	if (hashers->queue_end == &line->next)
		hashers->queue_end = at;
	line->is_queued = false;
}

/* Hashes the first piece of a queued line, the lock being open meanwhile. */
static void hash_piece(struct hashers *hashers, struct hash_line *line)
{
	struct piece piece = line->pieces[line->first];
	dequeue(hashers, line);
	line->is_taken = true;
	pthread_mutex_unlock(&hashers->lock);
	digest_stream_add(line->stream, piece.bytes, piece.size);
	pthread_mutex_lock(&hashers->lock);
	line->is_taken = false;
	line->first = (line->first + 1) % HASH_LINE_PIECES;
	line->count--;
	if (line->count > 0)
		enqueue(hashers, line);
	if (hashers->waiting > 0)
		pthread_cond_broadcast(&hashers->progress);
}

static void wait_for_work(struct hashers *hashers)
{
	hashers->idle++;
	pthread_cond_wait(&hashers->work, &hashers->lock);
	hashers->idle--;
}

static void wait_for_progress(struct hashers *hashers)
{
	hashers->waiting++;
	pthread_cond_wait(&hashers->progress, &hashers->lock);
	hashers->waiting--;
}

static void *help(void *context)
{
	struct hashers *hashers = context;
	pthread_mutex_lock(&hashers->lock);
	while (!hashers->has_ended) {
		if (hashers->queue != NULL)
			hash_piece(hashers, hashers->queue);
		else
			wait_for_work(hashers);
	}
	pthread_mutex_unlock(&hashers->lock);
	return NULL;
}

/* Where no thread can be had, whoever waits does the work. */
static void start_helpers(struct hashers *hashers)
{
	int wanted = hashers->cores - 1 < HELPERS_MOST ? hashers->cores - 1 : HELPERS_MOST;
	while (hashers->helper_count < wanted &&
		   pthread_create(&hashers->helpers[hashers->helper_count], NULL, help, hashers) == 0)
		hashers->helper_count++;
}

/* What was left to others must stay in order; else a free core decides. */
static bool is_for_helper(const struct hash_line *line, size_t size)
{
	const struct hashers *hashers = line->hashers;
	return line->count > 0 || (size >= PIECE_LEAST && hashers->computing < hashers->cores);
}

static void wait_until(struct hash_line *line, unsigned left)
{
	struct hashers *hashers = line->hashers;
	while (line->count > left) {
		if (line->is_queued)
			hash_piece(hashers, line);
		else if (hashers->queue != NULL)
			hash_piece(hashers, hashers->queue);
		else
			wait_for_progress(hashers);
	}
}

static bool leave_to_helper(struct hash_line *line, const void *bytes, size_t size)
{
	struct hashers *hashers = line->hashers;
	bool is_help_wanted = false;
	pthread_mutex_lock(&hashers->lock);
	bool is_left = is_for_helper(line, size);
	if (is_left) {
		start_helpers(hashers);
		wait_until(line, HASH_LINE_PIECES - 1);
		line->pieces[(line->first + line->count++) % HASH_LINE_PIECES] = (struct piece){bytes,
																						size};
		if (!line->is_queued && !line->is_taken)
			enqueue(hashers, line);
		is_help_wanted = hashers->idle > 0;
	}
	pthread_mutex_unlock(&hashers->lock);
	if (is_help_wanted) /* outside: who wakes finds the lock open */
		pthread_cond_signal(&hashers->work);
	return is_left;
}

/* ---- Lines ---- */

struct hash_line *hash_line_new(struct hashers *hashers, enum digest_algorithm algorithm)
{
	struct hash_line *line = memory_alloc(1, sizeof(*line));
	line->hashers = hashers_can_help(hashers) ? hashers : NULL;
	line->stream = digest_stream_new();
	digest_stream_start(line->stream, algorithm);
	return line;
}

/* Takes away what nobody has begun, and waits for who is at the first piece. */
static void abandon(struct hash_line *line)
{
	struct hashers *hashers = line->hashers;
	pthread_mutex_lock(&hashers->lock);
	if (line->is_queued) {
		dequeue(hashers, line);
		line->count = 0;
	} else if (line->is_taken) {
		line->count = 1;
	}
	wait_until(line, 0);
	pthread_mutex_unlock(&hashers->lock);
}

void hash_line_free(struct hash_line *line)
{
	if (line == NULL)
		return;
	if (line->hashers != NULL)
		abandon(line);
	digest_stream_free(line->stream);
	free(line);
}

void hash_line_add(struct hash_line *line, const void *bytes, size_t size)
{
	if (size > 0 && (line->hashers == NULL || !leave_to_helper(line, bytes, size)))
		digest_stream_add(line->stream, bytes, size);
}

void hash_line_wait(struct hash_line *line, unsigned left)
{
	if (line->hashers == NULL)
		return;
	pthread_mutex_lock(&line->hashers->lock);
	wait_until(line, left);
	pthread_mutex_unlock(&line->hashers->lock);
}

void hash_line_finish(struct hash_line *line, struct digest *out)
{
	hash_line_wait(line, 0);
	digest_stream_finish(line->stream, out);
}
