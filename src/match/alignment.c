#include "layerproof/alignment.h"

#include <stdint.h>
#include <stdlib.h>

#include "layerproof/empty_layer.h"
#include "layerproof/memory.h"

const char *alignment_relation_name(enum alignment_relation relation)
{
	static const char *const names[] = {
		[ALIGNMENT_SAME] = "same",       [ALIGNMENT_RECOMPRESSED] = "recompressed",
		[ALIGNMENT_MOVED] = "moved",     [ALIGNMENT_NEW] = "new",
		[ALIGNMENT_MISSING] = "missing", [ALIGNMENT_EMPTY] = "empty",
	};
	return names[relation];
}

/* Those of one side that have content, by their places in it. */
struct side {
	const struct alignment_layer *layers;
	size_t *places;
	size_t *partners; /* the place of its counterpart on the other side; SIZE_MAX: none */
	size_t count;
};

struct table {
	struct side here;
	struct side there;
	uint16_t *lengths; /* [i][j]: of the longest common subsequence from i and j up */
};

static bool is_one(const struct digest *a, const struct digest *b)
{
	return digest_is_set(a) && digest_equal(a, b);
}

static bool is_same_layer(const struct alignment_layer *a, const struct alignment_layer *b)
{
	return is_one(&a->blob, &b->blob) || is_one(&a->tar, &b->tar) || is_one(&a->blob, &b->tar) ||
		   is_one(&a->tar, &b->blob);
}

/* Where one of the blobs is the content itself, under a wrong heading or not compressed at all, the
 * other cannot be told from it. */
static bool is_recompressed(const struct alignment_layer *here, const struct alignment_layer *there)
{
	return digest_differs(&here->blob, &there->blob) && !is_one(&there->blob, &here->tar);
}

static bool is_known_empty(const struct alignment_layer *layer)
{
	return layer->is_empty || empty_layer_is_known(&layer->blob) ||
		   empty_layer_is_known(&layer->tar);
}

static bool is_empty_there(const struct alignment_layer *layer, const struct alignment_layer *here,
						   size_t here_count)
{
	if (is_known_empty(layer))
		return true;
	for (size_t i = 0; i < here_count; i++)
		if (here[i].is_empty && is_same_layer(&here[i], layer))
			return true;
	return false;
}

static void begin_side(struct side *side, const struct alignment_layer *layers, size_t count)
{
	side->layers = layers;
	side->places = memory_alloc(count + 1, sizeof(*side->places));
	side->partners = memory_alloc(count + 1, sizeof(*side->partners));
	side->count = 0;
}

static void add_place(struct side *side, size_t place)
{
	side->places[side->count] = place;
	side->partners[side->count++] = SIZE_MAX;
}

static void end_side(struct side *side)
{
	free(side->places);
	free(side->partners);
}

static const struct alignment_layer *layer_at(const struct side *side, size_t i)
{
	return &side->layers[side->places[i]];
}

static uint16_t *length_at(const struct table *table, size_t i, size_t j)
{
	return &table->lengths[i * (table->there.count + 1) + j];
}

static void fill(struct table *table)
{
	table->lengths = memory_alloc((table->here.count + 1) * (table->there.count + 1),
								  sizeof(*table->lengths));
	for (size_t i = table->here.count; i-- > 0;)
		for (size_t j = table->there.count; j-- > 0;) {
			uint16_t without_here = *length_at(table, i + 1, j);
			uint16_t without_there = *length_at(table, i, j + 1);
			uint16_t most = without_here > without_there ? without_here : without_there;
			if (is_same_layer(layer_at(&table->here, i), layer_at(&table->there, j)))
				most = (uint16_t)(*length_at(table, i + 1, j + 1) + 1);
			*length_at(table, i, j) = most;
		}
}

/* Pairs what the longest common subsequence pairs, the lowest places first. */
static void pair_in_order(struct table *table)
{
	size_t i = 0;
	size_t j = 0;
	while (i < table->here.count && j < table->there.count) {
		if (is_same_layer(layer_at(&table->here, i), layer_at(&table->there, j))) {
			table->here.partners[i] = j;
			table->there.partners[j] = i;
			i++;
			j++;
		} else if (*length_at(table, i, j + 1) >= *length_at(table, i + 1, j)) {
			j++;
		} else {
			i++;
		}
	}
}

/* Of the rest, each layer here takes the lowest one there that it is and that nobody has taken. The
 * partner there does not point back: it has no line of its own. */
static void pair_moved(struct table *table, bool *is_moved)
{
	for (size_t i = 0; i < table->here.count; i++)
		for (size_t j = 0; table->here.partners[i] == SIZE_MAX && j < table->there.count; j++) {
			if (table->there.partners[j] != SIZE_MAX || is_moved[j] ||
				!is_same_layer(layer_at(&table->here, i), layer_at(&table->there, j)))
				continue;
			table->here.partners[i] = j;
			is_moved[j] = true;
		}
}

static void add_line(struct alignment *out, enum alignment_relation relation, size_t here,
					 size_t there)
{
	out->lines[out->count++] = (struct alignment_line){relation, here, there};
}

/* What the internal image has before its layer `end`, and the candidate has not. */
static size_t add_missing(const struct table *table, const bool *is_moved, size_t from, size_t end,
						  struct alignment *out)
{
	for (; from < end; from++)
		if (table->there.partners[from] == SIZE_MAX && !is_moved[from])
			add_line(out, ALIGNMENT_MISSING, SIZE_MAX, table->there.places[from]);
	return from;
}

static enum alignment_relation relation_of(const struct table *table, const bool *is_moved,
										   size_t i)
{
	size_t j = table->here.partners[i];
	if (j == SIZE_MAX)
		return ALIGNMENT_NEW;
	if (is_moved[j])
		return ALIGNMENT_MOVED;
	return is_recompressed(layer_at(&table->here, i), layer_at(&table->there, j))
			   ? ALIGNMENT_RECOMPRESSED
			   : ALIGNMENT_SAME;
}

/* The first layer there that is paired with one here at or above `i`, in order. */
static size_t next_paired(const struct table *table, const bool *is_moved, size_t i)
{
	for (; i < table->here.count; i++)
		if (table->here.partners[i] != SIZE_MAX && !is_moved[table->here.partners[i]])
			return table->here.partners[i];
	return table->there.count;
}

static void add_lines(const struct table *table, const bool *is_moved, size_t here_count,
					  struct alignment *out)
{
	size_t i = 0;
	size_t j = 0;
	for (size_t place = 0; place < here_count; place++) {
		bool has_content = i < table->here.count && table->here.places[i] == place;
		if (!has_content) {
			add_line(out, ALIGNMENT_EMPTY, place, SIZE_MAX);
			continue;
		}
		j = add_missing(table, is_moved, j, next_paired(table, is_moved, i), out);
		size_t partner = table->here.partners[i];
		add_line(out, relation_of(table, is_moved, i), place,
				 partner == SIZE_MAX ? SIZE_MAX : table->there.places[partner]);
		i++;
	}
	add_missing(table, is_moved, j, table->there.count, out);
}

void alignment_make(const struct alignment_layer *here, size_t here_count,
					const struct alignment_layer *there, size_t there_count, struct alignment *out)
{
	struct table table = {.lengths = NULL};
	begin_side(&table.here, here, here_count);
	for (size_t i = 0; i < here_count; i++)
		if (!is_known_empty(&here[i]))
			add_place(&table.here, i);
	begin_side(&table.there, there, there_count);
	for (size_t i = 0; i < there_count; i++)
		if (!is_empty_there(&there[i], here, here_count))
			add_place(&table.there, i);
	CLEANUP(free_at) bool *is_moved = memory_alloc(table.there.count + 1, sizeof(*is_moved));
	fill(&table);
	pair_in_order(&table);
	pair_moved(&table, is_moved);
	*out = (struct alignment){
		.lines = memory_alloc(here_count + there_count + 1, sizeof(*out->lines)),
		.there_count = table.there.count,
	};
	add_lines(&table, is_moved, here_count, out);
	free(table.lengths);
	end_side(&table.here);
	end_side(&table.there);
}

void alignment_clear(struct alignment *alignment)
{
	free(alignment->lines);
	*alignment = (struct alignment){.lines = NULL};
}
