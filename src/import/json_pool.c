#include "json_pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "json_member.h"
#include "layerproof/buffer.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"

enum {
	PIECE_BYTES = 96 << 10, /* a piece is full behind the record that reaches one of the two */
	PIECE_RECORDS = 256,
	THREADS_MAX = 8,
	PIECES_MAX = 3 * THREADS_MAX,
};

/* One record of the file. */
struct entry {
	size_t offset; /* of its text in the piece */
	size_t size;
	uint64_t line;
	char *refusal;      /* why the walk refused it; NULL: it is to be parsed */
	size_t results_end; /* behind its results */
};

struct piece {
	struct buffer text;
	struct entry *entries;
	size_t count;
	size_t capacity;
	struct import_record *results;
	size_t result_count;
	size_t result_capacity;
	uint64_t *found; /* by place */
	bool is_read;
};

struct json_pool {
	struct import_job *job;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* A ring: delivered up to `first`, taken by threads up to `taken`, filled up to `last`. */
	struct piece *pieces[PIECES_MAX];
	size_t first;
	size_t taken;
	size_t last;
	struct piece *open; /* being filled; of no thread */
	pthread_t threads[THREADS_MAX];
	size_t thread_count;
	size_t cores;
	bool started;
	bool ending;
};

static void release_text(struct import_record *record)
{
	free((char *)(uintptr_t)record->column); /* a copy of ours */
	record->column = NULL;
	import_record_clear(record);
}

static void piece_reset(struct piece *piece)
{
	for (size_t i = 0; i < piece->count; i++) {
		free(piece->entries[i].refusal);
	}
	for (size_t i = 0; i < piece->result_count; i++) {
		release_text(&piece->results[i]);
	}
	piece->count = 0;
	piece->result_count = 0;
	piece->is_read = false;
	buffer_reset(&piece->text);
}

static struct piece *piece_new(const struct import_job *job)
{
	struct piece *piece = memory_alloc(1, sizeof(*piece));
	piece->text = (struct buffer)BUFFER_INIT(PIECE_BYTES + LIMIT_IMPORT_RECORD);
	piece->found = memory_alloc(job->places.count + 1, sizeof(*piece->found));
	return piece;
}

static void piece_free(struct piece *piece)
{
	if (piece == NULL) {
		return;
	}
	piece_reset(piece);
	buffer_clear(&piece->text);
	free(piece->entries);
	free(piece->results);
	free(piece->found);
	free(piece);
}

/* ---- Parsing, on any thread ---- */

/* What the record's texts borrow is gone when it is delivered. */
static void keep_result(void *context, struct import_record *record)
{
	struct piece *piece = context;
	import_record_finish(record);
	piece->results = memory_grow(piece->results, piece->result_count, &piece->result_capacity,
								 sizeof(*piece->results));
	struct import_record *kept = &piece->results[piece->result_count++];
	*kept = *record;
	kept->column = memory_copy_text(record->column);
	*record = (struct import_record){.column = NULL};
}

static void read_entry(const struct import_job *job, struct piece *piece, struct entry *entry)
{
	struct import_record record = {.column = NULL};
	const struct json_reading reading = {
		.format = job->format,
		.places = &job->places,
		.found = piece->found,
		.emit = keep_result,
		.context = piece,
	};
	if (entry->refusal != NULL) {
		import_record_refuse(&record, NULL, "%s", entry->refusal);
		keep_result(piece, &record);
	} else {
		json_record_read(piece->text.bytes + entry->offset, entry->size, &reading, &record);
	}
	import_record_clear(&record);
	entry->results_end = piece->result_count;
}

static void read_piece(const struct import_job *job, struct piece *piece)
{
	memset(piece->found, 0, job->places.count * sizeof(*piece->found));
	for (size_t i = 0; i < piece->count; i++) {
		read_entry(job, piece, &piece->entries[i]);
	}
}

/* A piece for this thread, with the lock held; NULL: none now. */
static struct piece *take_piece(struct json_pool *pool)
{
	return pool->taken == pool->last ? NULL : pool->pieces[pool->taken++ % PIECES_MAX];
}

static void finish_piece(struct json_pool *pool, struct piece *piece)
{
	pthread_mutex_unlock(&pool->lock);
	read_piece(pool->job, piece);
	pthread_mutex_lock(&pool->lock);
	piece->is_read = true;
	pthread_cond_broadcast(&pool->changed);
}

static void *work(void *context)
{
	struct json_pool *pool = context;
	pthread_mutex_lock(&pool->lock);
	while (!pool->ending) {
		struct piece *piece = take_piece(pool);
		if (piece != NULL) {
			finish_piece(pool, piece);
		} else {
			pthread_cond_wait(&pool->changed, &pool->lock);
		}
	}
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

/* ---- Delivering, on the thread that reads the file ---- */

static int deliver_entry(struct json_pool *pool, struct piece *piece, size_t at, size_t *result,
						 struct error *err)
{
	import_job_begin_row(pool->job, piece->entries[at].line);
	for (; *result < piece->entries[at].results_end; ++*result) {
		if (import_job_deliver(pool->job, &piece->results[*result], err) != 0) {
			return -1;
		}
	}
	return 0;
}

static int deliver_piece(struct json_pool *pool, struct piece *piece, struct error *err)
{
	size_t result = 0;
	for (size_t i = 0; i < pool->job->places.count; i++) {
		pool->job->places.items[i].found += piece->found[i];
	}
	for (size_t i = 0; i < piece->count; i++) {
		if (deliver_entry(pool, piece, i, &result, err) != 0) {
			return -1;
		}
	}
	piece_reset(piece);
	return 0;
}

/* The oldest piece, when it has been read. With `wait`, until it has been: this thread reads what
 * nobody else is at meanwhile. */
static struct piece *oldest(struct json_pool *pool, bool wait)
{
	struct piece *piece = NULL;
	pthread_mutex_lock(&pool->lock);
	while (pool->first != pool->last) {
		piece = pool->pieces[pool->first % PIECES_MAX];
		if (piece->is_read || !wait) {
			break;
		}
		struct piece *free_piece = take_piece(pool);
		if (free_piece != NULL) {
			finish_piece(pool, free_piece);
		} else {
			pthread_cond_wait(&pool->changed, &pool->lock);
		}
	}
	bool is_ready = piece != NULL && pool->first != pool->last && piece->is_read;
	pool->first += is_ready;
	pthread_mutex_unlock(&pool->lock);
	return is_ready ? piece : NULL;
}

/* Delivers what is ready, and as much more as makes `room` for pieces. */
static int deliver_ready(struct json_pool *pool, size_t room, struct error *err)
{
	for (;;) {
		bool wait = pool->last - pool->first + room > PIECES_MAX;
		struct piece *piece = oldest(pool, wait);
		if (piece == NULL) {
			return 0;
		}
		int status = deliver_piece(pool, piece, err);
		if (pool->open == NULL && status == 0) {
			pool->open = piece;
		} else {
			piece_free(piece);
		}
		if (status != 0) {
			return -1;
		}
	}
}

/* A core that cannot be had is done without: this thread parses too. */
static void start_threads(struct json_pool *pool)
{
	pool->started = true;
	while (pool->thread_count + 1 < pool->cores && pool->thread_count < THREADS_MAX) {
		if (pthread_create(&pool->threads[pool->thread_count], NULL, work, pool) != 0) {
			return;
		}
		pool->thread_count++;
	}
}

static int submit(struct json_pool *pool, struct error *err)
{
	if (!pool->started) {
		start_threads(pool);
	}
	struct piece *piece = STEAL(pool->open);
	if (deliver_ready(pool, pool->thread_count == 0 ? PIECES_MAX : PIECES_MAX / 2, err) != 0) {
		piece_free(piece);
		return -1;
	}
	pthread_mutex_lock(&pool->lock);
	pool->pieces[pool->last++ % PIECES_MAX] = piece;
	pthread_cond_broadcast(&pool->changed);
	pthread_mutex_unlock(&pool->lock);
	return 0;
}

int json_pool_add(struct json_pool *pool, const char *bytes, size_t size, uint64_t line,
				  const struct import_record *refused, struct error *err)
{
	if (pool->open == NULL) {
		pool->open = piece_new(pool->job);
	}
	struct piece *piece = pool->open;
	piece->entries = memory_grow(piece->entries, piece->count, &piece->capacity,
								 sizeof(*piece->entries));
	struct entry *entry = &piece->entries[piece->count++];
	*entry = (struct entry){.offset = piece->text.size, .size = size, .line = line};
	if (refused->state == IMPORT_REFUSED) {
		entry->refusal = memory_copy_text(refused->reason);
	} else if (buffer_add(&piece->text, bytes, size, err) != 0) {
		return -1;
	}
	if (piece->text.size < PIECE_BYTES && piece->count < PIECE_RECORDS) {
		return 0;
	}
	return submit(pool, err);
}

int json_pool_finish(struct json_pool *pool, struct error *err)
{
	if (!pool->started && pool->open != NULL) {
		read_piece(pool->job, pool->open);
		return deliver_piece(pool, pool->open, err);
	}
	if (pool->open != NULL && pool->open->count > 0 && submit(pool, err) != 0) {
		return -1;
	}
	return deliver_ready(pool, PIECES_MAX, err);
}

static size_t cores_of_process(void)
{
	cpu_set_t set;
	if (sched_getaffinity(0, sizeof(set), &set) != 0) {
		return 1;
	}
	return (size_t)CPU_COUNT(&set);
}

struct json_pool *json_pool_new(struct import_job *job)
{
	struct json_pool *pool = memory_alloc(1, sizeof(*pool));
	pool->job = job;
	pool->cores = cores_of_process();
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->changed, NULL);
	return pool;
}

void json_pool_free(struct json_pool *pool)
{
	if (pool == NULL) {
		return;
	}
	pthread_mutex_lock(&pool->lock);
	pool->ending = true;
	pthread_cond_broadcast(&pool->changed);
	pthread_mutex_unlock(&pool->lock);
	for (size_t i = 0; i < pool->thread_count; i++) {
		pthread_join(pool->threads[i], NULL);
	}
	for (; pool->first != pool->last; pool->first++) {
		piece_free(pool->pieces[pool->first % PIECES_MAX]);
	}
	piece_free(pool->open);
	pthread_cond_destroy(&pool->changed);
	pthread_mutex_destroy(&pool->lock);
	free(pool);
}
