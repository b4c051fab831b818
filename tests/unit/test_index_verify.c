#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "index/bytes.h"
#include "index/prefix.h"
#include "index/verify.h"
#include "index_fixture.h"
#include "layerproof/buffer.h"
#include "layerproof/chain_id.h"

enum { MANY = RECORD_HOLDERS_INLINE + 2 };

/* ---- An index with every kind of record ---- */

static struct index *make_index(void)
{
	struct index *index = open_index(INDEX_WRITE);
	CLEANUP(index_source_clear) struct index_source source = make_source("cspm", "file");
	struct index_batch *batch = index_batch_new(0);

	add(batch, "r/one:1", ORIGIN_OURS, "m0", "ab");
	add(batch, "r/two:1", ORIGIN_OURS, "m1", "ac");
	add(batch, "r/base:1", ORIGIN_PUBLIC, "m2", "a");
	for (int i = 3; i < MANY; i++) {
		char manifest[] = {'m', (char)('a' + i), '\0'};
		char layers[] = {'a', 'b', (char)('A' + i), '\0'};
		add(batch, "r/many:1", ORIGIN_OURS, manifest, layers);
	}
	commit(index, batch, &source);
	return index;
}

/* ---- What is found ---- */

static int keep_damage(void *context, const char *text)
{
	struct error err = ERROR_INIT;
	return buffer_add_format(context, &err, "%s\n", text);
}

static struct index_verification verify(struct index *index, const char *expected)
{
	struct error err = ERROR_INIT;
	struct index_verification found;
	struct buffer texts = BUFFER_INIT(1 << 20);
	const struct verify_listener listener = {keep_damage, NULL, &texts};
	struct index_snapshot *snapshot = begin(index);

	assert_int_equal(verify_all(snapshot, &listener, &found, &err), 0);
	index_snapshot_end(snapshot);
	assert_string_equal(texts.size > 0 ? texts.bytes : "", expected);
	buffer_clear(&texts);
	return found;
}

static void test_a_sound_index(void **state)
{
	(void)state;
	struct index *index = make_index();
	struct index_verification found = verify(index, "");

	assert_int_equal(found.sources, 1);
	assert_int_equal(found.names, 4);
	assert_int_equal(found.images, MANY);
	assert_int_equal(found.digests, MANY + 2 * (3 + MANY - 3));
	/* the bottom layer and its diff_id are all images', the one above is all but two's */
	assert_int_equal(found.postings, 2 * MANY);
	assert_int_equal(found.stacks, 2 * (3 + MANY - 3));
	assert_int_equal(found.damages, 0);
	index_close(index);
}

static void test_an_empty_index(void **state)
{
	(void)state;
	struct index *index = open_index(INDEX_WRITE);
	struct index_verification found = verify(index, "");

	assert_int_equal(found.images, 0);
	index_close(index);
}

/* ---- Damages ---- */

static uint8_t key_bytes[RECORD_KEY_MAX];

static struct store_bytes number_key(uint32_t number)
{
	record_write_number(number, key_bytes);
	return (struct store_bytes){key_bytes, RECORD_NUMBER_SIZE};
}

static struct store_bytes digest_key(const char *name)
{
	struct digest digest = named(name);
	return (struct store_bytes){key_bytes, record_write_key(&digest, key_bytes)};
}

static struct store_bytes stack_key(const char *layers, enum prefix_kind kind)
{
	struct digest digests[8], chain_ids[8];
	size_t count = strlen(layers);

	for (size_t i = 0; i < count; i++) {
		char name[] = {kind == PREFIX_BLOBS ? 'b' : 'd', layers[i], '\0'};
		digests[i] = named(name);
	}
	chain_id_compute(digests, count, chain_ids);
	prefix_write_key(kind, &chain_ids[count - 1], key_bytes);
	return (struct store_bytes){key_bytes, PREFIX_KEY_SIZE};
}

/* What stands under a key, to be changed. */
struct record {
	uint8_t bytes[256];
	size_t size;
};

static struct record read_record(struct index *index, size_t database, struct store_bytes key)
{
	struct error err = ERROR_INIT;
	struct record record = {.size = 0};
	struct store_bytes value;
	struct store_txn *txn = store_read_begin(index->store, &err);

	assert_int_equal(store_get(txn, database, key, &value, &err), 1);
	assert_true(value.size <= sizeof(record.bytes));
	memcpy(record.bytes, value.bytes, value.size);
	record.size = value.size;
	store_read_end(txn);
	return record;
}

/* One sound index, one damage, what is said of it. */
static void check_damage(size_t database, struct store_bytes key, const void *bytes, size_t size,
						 const char *expected)
{
	struct index *index = make_index();

	damage(index, database, key, bytes, size);
	verify(index, expected);
	index_close(index);
	start_anew();
}

/* The name of a digest in the texts. */
static const char *digits(const char *name)
{
	static char texts[2][DIGEST_TEXT_SIZE];
	static int next;
	struct digest digest = named(name);

	next = !next;
	return digest_format(&digest, texts[next]);
}

static const char *said(const char *format, ...) __attribute__((format(printf, 1, 2)));
static const char *said(const char *format, ...)
{
	static char text[2048];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	return text;
}

static void test_sources_and_names(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct buffer expected = BUFFER_INIT(1 << 16);
	buffer_add_format(&expected, &err, "source 0: damaged record of a source\n");
	for (int i = 0; i < MANY; i++)
		buffer_add_format(&expected, &err, "image %d: damaged record of a source\n", i);
	check_damage(DATABASE_SOURCES, number_key(0), "xyz", 3, expected.bytes);
	buffer_clear(&expected);
	struct index *index = make_index();
	struct record source = read_record(index, DATABASE_SOURCES, number_key(0));
	index_close(index);
	start_anew();
	check_damage(DATABASE_SOURCES, number_key(1), source.bytes, source.size,
				 "source 1: the next number to be given is 1\n");
	check_damage(DATABASE_NAMES, number_key(1), "other", 5,
				 "name 1: its hash does not lead to it\n"
				 "name 1: another text's hash leads to it\n");
	check_damage(DATABASE_NAMES, number_key(4), "r/four", 6,
				 "name 4: the next number to be given is 4\n");
}

static void change_entry(const char *name, void (*change)(struct record_entry *entry),
						 const char *expected)
{
	struct error err = ERROR_INIT;
	struct index *index = make_index();
	struct record record = read_record(index, DATABASE_DIGESTS, digest_key(name));
	struct record_entry entry;
	uint8_t changed[RECORD_ENTRY_MAX];

	assert_int_equal(
		record_read_entry((struct store_bytes){record.bytes, record.size}, &entry, &err), 0);
	change(&entry);
	size_t size = record_write_entry(&entry, changed);
	damage(index, DATABASE_DIGESTS, digest_key(name), changed, size);
	verify(index, expected);
	index_close(index);
	start_anew();
}

static void call_it_config(struct record_entry *entry)
{
	entry->identities |= IDENTITY_CONFIG;
}

static void call_it_unknown(struct record_entry *entry)
{
	entry->origin = ORIGIN_UNKNOWN;
}

static void count_one_more(struct record_entry *entry)
{
	entry->images++;
}

static void name_another_image(struct record_entry *entry)
{
	static uint8_t other[4];
	bytes_put_32(other, 1);
	entry->holders = other;
	entry->first = 1;
}

static void name_no_image(struct record_entry *entry)
{
	static uint8_t other[4];
	bytes_put_32(other, 900);
	entry->holders = other;
	entry->first = 900;
}

static void test_digests(void **state)
{
	(void)state;
	change_entry("m0", call_it_config,
				 said("%s: is called manifest config, and should be manifest\n", digits("m0")));
	change_entry("m0", call_it_unknown,
				 said("%s: its origin is unknown, and should be ours\n", digits("m0")));
	change_entry("ba", count_one_more,
				 said("%s: %d images counted, and there are %d\n", digits("ba"), MANY + 1, MANY));
	check_damage(DATABASE_DIGESTS, digest_key("m0"), "x", 1,
				 said("image 0: damaged record of a digest\n%s: damaged record of a digest\n",
					  digits("m0")));
}

static void test_references(void **state)
{
	(void)state;
	change_entry("m0", name_another_image,
				 said("image 0: damaged: a digest it names is not there\n"
					  "%s: image 1 does not hold it\n",
					  digits("m0")));
	change_entry("m0", name_no_image,
				 said("image 0: damaged: a digest it names is not there\n"
					  "%s: image 900 is not there\n",
					  digits("m0")));
}

static void test_postings(void **state)
{
	(void)state;
	uint8_t number[RECORD_NUMBER_SIZE];

	record_write_number(3, number);
	check_damage(DATABASE_POSTINGS, digest_key("m0"), number, sizeof(number),
				 said("%s: has postings beside the images of its record\n", digits("m0")));
	check_damage(DATABASE_POSTINGS, digest_key("nobody's"), number, sizeof(number),
				 said("%s: has postings, and is no digest of the index\n", digits("nobody's")));
	record_write_number(900, number);
	check_damage(DATABASE_POSTINGS, digest_key("ba"), number, sizeof(number),
				 said("%s: image 900 is not there\n%s: %d images counted, and there are %d\n",
					  digits("ba"), digits("ba"), MANY, MANY + 1));
}

static void test_stacks(void **state)
{
	(void)state;
	static const struct prefix_node alone = {.origin = ORIGIN_OURS, .derived = true, .image = 1};
	struct prefix_node node = {.origin = ORIGIN_OURS, .exact = true, .derived = true, .image = 0};
	uint8_t bytes[RECORD_PREFIX_MAX];
	char key[2 * PREFIX_KEY_SIZE + 1] = "";

	stack_key("ac", PREFIX_DIFF_IDS);
	for (size_t i = 1; i < PREFIX_KEY_SIZE; i++)
		snprintf(key + 2 * i - 2, 3, "%02x", key_bytes[i]);
	size_t size = record_write_prefix(&alone, bytes);
	check_damage(
		DATABASE_PREFIXES, stack_key("ac", PREFIX_DIFF_IDS), bytes, size,
		said("stack of diff_ids %s: is \"ours\", and should be \"ours, an image\"\n", key));
	size = record_write_prefix(&node, bytes);
	check_damage(DATABASE_PREFIXES, stack_key("ac", PREFIX_DIFF_IDS), bytes, size,
				 said("stack of diff_ids %s: image 0 is not the one to name\n", key));
	check_damage(DATABASE_PREFIXES, stack_key("ac", PREFIX_DIFF_IDS), "\xff", 1,
				 said("stack of diff_ids %s: damaged record of a stack of layers\n", key));
	check_damage(DATABASE_PREFIXES, stack_key("ac", PREFIX_DIFF_IDS), NULL, 0,
				 said("stack of diff_ids %s: is missing\n", key));
	stack_key("zz", PREFIX_BLOBS);
	for (size_t i = 1; i < PREFIX_KEY_SIZE; i++)
		snprintf(key + 2 * i - 2, 3, "%02x", key_bytes[i]);
	check_damage(DATABASE_PREFIXES, stack_key("zz", PREFIX_BLOBS), bytes, size,
				 said("stack of layers %s: no image has it\n", key));
	check_damage(DATABASE_PREFIXES, (struct store_bytes){"\x07zz", 3}, bytes, size,
				 "stacks: a key of 3 bytes is none\n");
}

static void change_state(void (*change)(struct record_state *state), const char *expected)
{
	struct error err = ERROR_INIT;
	struct index *index = make_index();
	struct store_bytes key = index_text_key("state");
	struct record record = read_record(index, DATABASE_META, key);
	struct record_state state;
	uint8_t changed[RECORD_STATE_SIZE];

	assert_int_equal(
		record_read_state((struct store_bytes){record.bytes, record.size}, &state, &err), 0);
	change(&state);
	record_write_state(&state, changed);
	damage(index, DATABASE_META, key, changed, sizeof(changed));
	verify(index, expected);
	index_close(index);
	start_anew();
}

static void lose_an_image(struct record_state *state)
{
	state->images--;
}

static void lose_an_origin(struct record_state *state)
{
	state->origins[ORIGIN_PUBLIC] = 0;
}

static void lose_an_identity(struct record_state *state)
{
	state->identities[5] += 2;
}

static void lose_the_sum(struct record_state *state)
{
	state->sum[3] ^= 1;
}

static void go_back(struct record_state *state)
{
	state->next_image = MANY - 1;
}

static void test_the_state(void **state)
{
	(void)state;
	change_state(lose_an_image,
				 said("state: %d images counted, and there are %d\n", MANY - 1, MANY));
	change_state(lose_an_origin, "state: 0 images of origin public counted, and there are 1\n");
	change_state(lose_an_identity,
				 said("state: %d digests of chain_id counted, and there are %d\n", MANY + 2, MANY));
	change_state(lose_the_sum, "state: its sum is not that of the images\n");
	change_state(go_back, said("image %d: the next number to be given is %d\n"
							   "state: %d images counted, and there are %d\n"
							   "state: %d images of origin ours counted, and there are %d\n",
							   MANY - 1, MANY - 1, MANY, MANY - 1, MANY - 1, MANY - 2));
}

static int stop_at_once(void *context, const char *text)
{
	(void)text;
	return ++*(int *)context;
}

static void test_looking_may_end_early(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct index_verification found;
	int calls = 0;
	struct index *index = make_index();

	damage(index, DATABASE_SOURCES, number_key(0), "x", 1);
	damage(index, DATABASE_NAMES, number_key(1), "x", 1);
	const struct verify_listener listener = {stop_at_once, NULL, &calls};
	struct index_snapshot *snapshot = begin(index);
	assert_int_equal(verify_all(snapshot, &listener, &found, &err), -1);
	assert_int_equal(err.code, ERROR_NONE);
	assert_int_equal(calls, 1);
	index_snapshot_end(snapshot);
	index_close(index);

	calls = 0; /* and in a process of its own */
	assert_int_equal(index_verify(directory, stop_at_once, &calls, &found, &err), -1);
	assert_int_equal(err.code, ERROR_NONE);
	assert_int_equal(calls, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(test_a_sound_index), EACH(test_an_empty_index), EACH(test_sources_and_names),
		EACH(test_digests),       EACH(test_references),     EACH(test_postings),
		EACH(test_stacks),        EACH(test_the_state),      EACH(test_looking_may_end_early),
	};
	return cmocka_run_group_tests_name("index_verify", tests, NULL, NULL);
}
