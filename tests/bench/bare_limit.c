/*
 * bare_limit: what the libraries alone can do with a layer: SHA-256 of its bytes, inflating, and
 * SHA-256 of what comes of that. No tar is looked at, no limit is kept, and damage ends the
 * program.
 *
 *   bare_limit one|two FILE [KIB]
 *
 * one: all on one thread. two: both hashes on a second thread. FILE is gzip, of any number of
 * members, or zstd, of any number of frames; its pages are read with read(2). KIB is the size of a
 * buffer. Prints the two digests.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <isa-l/igzip_lib.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

/* Where a buffer begins 16 bytes behind the start of a page, as from malloc(), the kernel copies
 * into it from the page cache at a quarter of the speed: seen on AMD's Zen 3. */
enum { SLOTS = 4, DEFAULT_KIB = 256, MOST_KIB = 65536, PAGE_SIZE = 4096 };

enum side { COMPRESSED, UNCOMPRESSED, SIDES };

/* The buffers of one side, used in turn. */
struct lane {
	uint8_t *buffers[SLOTS];
	size_t at;
	sem_t room; /* buffers that were hashed */
	EVP_MD_CTX *hash;
};

struct piece {
	enum side side;
	const uint8_t *bytes;
	size_t size;
};

struct work {
	bool has_helper;
	size_t buffer_size;
	int descriptor;
	struct lane lanes[SIDES];
	size_t made; /* bytes in the present buffer of the uncompressed side */

	/* What is to be hashed, in order. There are never more pieces than buffers, and an end. */
	struct piece queue[SIDES * SLOTS + 1];
	size_t head; /* the helper's */
	size_t tail;
	sem_t filled;
};

_Noreturn static void fail(const char *reason)
{
	fprintf(stderr, "bare_limit: %s\n", reason);
	exit(1);
}

static void hash(struct work *work, const struct piece *piece)
{
	if (EVP_DigestUpdate(work->lanes[piece->side].hash, piece->bytes, piece->size) != 1)
		fail("hashing failed");
}

/* The helper: hashes until an empty piece comes. */
static void *hash_all(void *context)
{
	struct work *work = context;
	for (;;) {
		sem_wait(&work->filled);
		struct piece piece = work->queue[work->head++ % (SIDES * SLOTS + 1)];
		if (piece.size == 0)
			return NULL;
		hash(work, &piece);
		sem_post(&work->lanes[piece.side].room);
	}
}

static void enqueue(struct work *work, struct piece piece)
{
	work->queue[work->tail++ % (SIDES * SLOTS + 1)] = piece;
	sem_post(&work->filled);
}

/* The buffer that is next on a side. */
static uint8_t *buffer_of(const struct work *work, enum side side)
{
	return work->lanes[side].buffers[work->lanes[side].at];
}

/* Hashes the present buffer of a side, or has it hashed, and goes on to the next one: where there
 * is no helper that is the same again. */
static void give(struct work *work, enum side side, size_t size)
{
	struct lane *lane = &work->lanes[side];
	struct piece piece = {.side = side, .bytes = buffer_of(work, side), .size = size};
	if (size == 0)
		return;
	if (!work->has_helper) {
		hash(work, &piece);
		return;
	}
	enqueue(work, piece);
	lane->at = (lane->at + 1) % SLOTS;
	sem_wait(&lane->room);
}

/* Reads into the present buffer and gives it; the bytes stay as they are until the next but SLOTS.
 */
static size_t take_input(struct work *work, const uint8_t **bytes)
{
	*bytes = buffer_of(work, COMPRESSED);
	ssize_t got = read(work->descriptor, buffer_of(work, COMPRESSED), work->buffer_size);
	if (got == -1)
		fail("the file cannot be read");
	give(work, COMPRESSED, (size_t)got);
	return (size_t)got;
}

static void give_output_when_full(struct work *work)
{
	if (work->made < work->buffer_size)
		return;
	give(work, UNCOMPRESSED, work->made);
	work->made = 0;
}

static void begin_member(struct inflate_state *state)
{
	isal_inflate_reset(state);
	state->crc_flag = ISAL_GZIP;
}

/* One call, into what is left of the present buffer; whether the member may have more to give
 * before it needs input. */
static bool inflate_some(struct work *work, struct inflate_state *state)
{
	size_t room = work->buffer_size - work->made;
	state->next_out = buffer_of(work, UNCOMPRESSED) + work->made;
	state->avail_out = (uint32_t)room;
	if (isal_inflate(state) != ISAL_DECOMP_OK)
		fail("not gzip");
	work->made += room - state->avail_out;
	bool is_full = state->avail_out == 0;
	give_output_when_full(work);
	return is_full && state->block_state != ISAL_BLOCK_FINISH;
}

static void inflate_gzip(struct work *work)
{
	static struct inflate_state state;
	isal_inflate_init(&state);
	state.block_state = ISAL_BLOCK_FINISH;
	const uint8_t *bytes;
	size_t size;
	while ((size = take_input(work, &bytes)) > 0) {
		state.next_in = (uint8_t *)(uintptr_t)bytes; /* isal_inflate() only reads from it */
		state.avail_in = (uint32_t)size;
		bool has_more = false;
		while (state.avail_in > 0 || has_more) {
			if (state.block_state == ISAL_BLOCK_FINISH)
				begin_member(&state);
			has_more = inflate_some(work, &state);
		}
	}
	if (state.block_state != ISAL_BLOCK_FINISH)
		fail("ends early");
}

static void inflate_zstd(struct work *work)
{
	ZSTD_DCtx *context = ZSTD_createDCtx();
	if (context == NULL)
		fail("out of memory");
	size_t hint = 0;
	ZSTD_inBuffer input = {.size = 0};
	while ((input.size = take_input(work, (const uint8_t **)&input.src)) > 0) {
		bool is_full = false;
		for (input.pos = 0; input.pos < input.size || is_full;) {
			ZSTD_outBuffer output = {
				.dst = buffer_of(work, UNCOMPRESSED), .size = work->buffer_size, .pos = work->made};
			hint = ZSTD_decompressStream(context, &output, &input);
			if (ZSTD_isError(hint))
				fail("not zstd");
			work->made = output.pos;
			is_full = output.pos == output.size && hint != 0;
			give_output_when_full(work);
		}
	}
	if (hint != 0)
		fail("ends early");
	ZSTD_freeDCtx(context);
}

static void prepare(struct work *work)
{
	for (int side = 0; side < SIDES; side++) {
		struct lane *lane = &work->lanes[side];
		lane->hash = EVP_MD_CTX_new();
		if (lane->hash == NULL || EVP_DigestInit_ex(lane->hash, EVP_sha256(), NULL) != 1)
			fail("no SHA-256");
		sem_init(&lane->room, 0, SLOTS - 1);
		for (int slot = 0; slot < (work->has_helper ? SLOTS : 1); slot++) {
			lane->buffers[slot] = aligned_alloc(PAGE_SIZE, work->buffer_size);
			if (lane->buffers[slot] == NULL)
				fail("out of memory");
		}
	}
	sem_init(&work->filled, 0, 0);
}

static void inflate(struct work *work)
{
	uint8_t first[2];
	if (pread(work->descriptor, first, sizeof first, 0) != sizeof first)
		fail("the file cannot be read");
	if (memcmp(first, "\x1f\x8b", sizeof first) == 0)
		inflate_gzip(work);
	else
		inflate_zstd(work);
	give(work, UNCOMPRESSED, work->made);
}

static void run_with_helper(struct work *work)
{
	pthread_t helper;
	if (pthread_create(&helper, NULL, hash_all, work) != 0)
		fail("no thread");
	inflate(work);
	enqueue(work, (struct piece){.size = 0});
	pthread_join(helper, NULL);
}

static void print_digests(struct work *work)
{
	for (int side = 0; side < SIDES; side++) {
		uint8_t digest[EVP_MAX_MD_SIZE];
		unsigned size = 0;
		if (EVP_DigestFinal_ex(work->lanes[side].hash, digest, &size) != 1)
			fail("hashing failed");
		printf("%ssha256:", side == 0 ? "" : " ");
		for (unsigned i = 0; i < size; i++)
			printf("%02x", digest[i]);
	}
	printf("\n");
}

int main(int count, char **arguments)
{
	static struct work work;
	if (count < 3 || (strcmp(arguments[1], "one") != 0 && strcmp(arguments[1], "two") != 0))
		fail("usage: bare_limit one|two FILE [KIB]");
	unsigned long kib = count > 3 ? strtoul(arguments[3], NULL, 10) : DEFAULT_KIB;
	if (kib < PAGE_SIZE / 1024 || kib > MOST_KIB)
		fail("the size of a buffer is 4 to 65536 KiB");
	work.buffer_size = kib * 1024;
	work.has_helper = strcmp(arguments[1], "two") == 0;
	work.descriptor = open(arguments[2], O_RDONLY | O_CLOEXEC);
	prepare(&work);
	if (work.has_helper)
		run_with_helper(&work);
	else
		inflate(&work);
	print_digests(&work);
	return 0;
}
