#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Random images, and an index that must say of them what a naive model says. */
#include "index_fixture.h"

enum { MODEL_IMAGES = 200, MODEL_DIGESTS = 120, MODEL_ROUNDS = 5 };

/* Which images hold each digest, as what, and the strongest origin. */
struct model {
	uint32_t holders[MODEL_DIGESTS][MODEL_IMAGES];
	uint32_t counts[MODEL_DIGESTS];
	unsigned identities[MODEL_DIGESTS];
	enum origin origins[MODEL_DIGESTS];
};

static uint32_t random_number(uint32_t below)
{
	static uint64_t seed = 20240607; /* fixed: a failure can be had again */
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)(seed >> 33) % below;
}

static struct digest numbered(uint32_t number)
{
	char name[16];
	snprintf(name, sizeof(name), "%u", number);
	return named(name);
}

static struct digest model_add(struct model *model, uint32_t image, enum origin origin,
							   enum identity identity)
{
	/* The product makes low numbers frequent, as bases are. */
	uint32_t number = random_number(MODEL_DIGESTS) * random_number(MODEL_DIGESTS) / MODEL_DIGESTS;
	uint32_t *count = &model->counts[number];
	if (*count == 0 || model->holders[number][*count - 1] != image)
		model->holders[number][(*count)++] = image;
	model->identities[number] |= identity;
	if (origin > model->origins[number])
		model->origins[number] = origin;
	return numbered(number);
}

static void add_random_image(struct model *model, struct index_batch *batch, uint32_t image)
{
	struct internal_image made = {
		.name = memory_format("r/app%u:%u", random_number(20), image), /* none equals another */
		.source = memory_copy_text("model"),
		.origin = (enum origin)random_number(4),
	};
	for (uint32_t i = 1 + random_number(3); i > 0; i--) {
		enum identity identity = (enum identity)(1 << random_number(3));
		struct digest digest = model_add(model, image, made.origin, identity);
		internal_image_add_top(&made, identity, &digest);
	}
	for (uint32_t i = random_number(8); i > 0; i--) {
		struct digest digest = model_add(model, image, made.origin, IDENTITY_LAYER);
		internal_image_add_layer(&made, &digest);
		digest = model_add(model, image, made.origin, IDENTITY_DIFF_ID);
		internal_image_add_diff_id(&made, &digest);
	}
	index_batch_add(batch, &made);
	internal_image_clear(&made);
}

static void check_model(const struct model *model, struct index_snapshot *snapshot, uint32_t number)
{
	struct error err = ERROR_INIT;
	struct digest digest = numbered(number);
	struct index_entry entry = {.images = 0};
	uint32_t holders[MODEL_IMAGES];

	int found = index_find(snapshot, &digest, &entry, &err);
	assert_int_equal(found, model->counts[number] > 0);
	assert_int_equal(entry.images, model->counts[number]);
	int count = index_holders(snapshot, &digest, holders, MODEL_IMAGES, &err);
	assert_int_equal(count, model->counts[number]);
	if (found == 0)
		return;
	assert_int_equal(entry.identities, model->identities[number]);
	assert_int_equal(entry.origin, model->origins[number]);
	assert_int_equal(entry.first, model->holders[number][0]);
	assert_memory_equal(holders, model->holders[number], (size_t)count * sizeof(holders[0]));
}

static void test_random_images_against_a_model(void **state)
{
	(void)state;
	for (int round = 0; round < MODEL_ROUNDS; round++) {
		struct model *model = memory_alloc(1, sizeof(*model));
		struct index *index = open_index(INDEX_WRITE);
		uint32_t image = 0;
		while (image < MODEL_IMAGES) {
			/* a few hundred bytes: all but a few images wait on disk */
			struct index_batch *batch = index_batch_new(round % 2 == 0 ? 0 : 1000);
			for (uint32_t i = 1 + random_number(60); i > 0 && image < MODEL_IMAGES; i--)
				add_random_image(model, batch, image++);
			commit(index, batch, NULL);
		}
		struct index_snapshot *snapshot = begin(index);
		for (uint32_t number = 0; number < MODEL_DIGESTS; number++)
			check_model(model, snapshot, number);
		index_snapshot_end(snapshot);
		index_close(index);
		free(model);
		start_anew();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(test_random_images_against_a_model),
	};
	return cmocka_run_group_tests_name("index_model", tests, NULL, NULL);
}
