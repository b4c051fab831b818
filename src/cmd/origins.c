#include "origins.h"

#include <stdlib.h>
#include <string.h>

#include "layerproof/log.h"
#include "layerproof/memory.h"

enum { GUESSES_KEPT = 1000, GUESSES_SHOWN = 20, JUDGED_MEMORY = 8 << 20 };

void origins_add_settings(struct origins *origins, const struct settings *settings)
{
	const char *pattern;
	for (size_t n = 0; (pattern = settings_get_nth(settings, "origin", "released", n)) != NULL; n++)
		text_list_add(&origins->released, pattern);
	for (size_t n = 0; (pattern = settings_get_nth(settings, "origin", "ours", n)) != NULL; n++)
		text_list_add(&origins->ours, pattern);
	for (size_t n = 0; (pattern = settings_get_nth(settings, "origin", "third_party", n)) != NULL;
		 n++)
		text_list_add(&origins->third_party, pattern);
}

void origins_count(struct origins *origins, enum origin origin)
{
	origins->counts[origin]++;
}

static bool is_known_guess(const struct origins *origins, const char *repository)
{
	for (size_t i = origins->guess_count; i > 0; i--)
		if (strcmp(origins->guesses[i - 1].repository, repository) == 0)
			return true;
	return false;
}

static void remember_guess(struct origins *origins, const char *repository, enum origin origin,
						   const char *why)
{
	if (is_known_guess(origins, repository))
		return;
	if (origins->guess_count == GUESSES_KEPT) {
		origins->has_more_guesses = true;
		return;
	}
	origins->guesses = memory_grow(origins->guesses, origins->guess_count, &origins->guess_capacity,
								   sizeof(*origins->guesses));
	origins->guesses[origins->guess_count++] = (struct guess){memory_copy_text(repository), origin,
															  why};
}

static enum origin judge_anew(struct origins *origins, const char *repository)
{
	const struct origin_patterns patterns = {
		.released = origins->released.items,
		.released_count = origins->released.count,
		.ours = origins->ours.items,
		.ours_count = origins->ours.count,
		.third_party = origins->third_party.items,
		.third_party_count = origins->third_party.count,
	};
	const char *why;
	enum origin origin = origin_of_name(&patterns, repository, &why);
	if (*repository != '\0' && (origin != ORIGIN_OURS || why == ORIGIN_NO_REGISTRY))
		remember_guess(origins, repository, origin, why);
	return origin;
}

/* An export names few repositories many times. */
enum origin origins_judge(struct origins *origins, const char *name)
{
	CLEANUP(free_at) char *repository = origin_repository(name);
	size_t size = strlen(repository);
	uint32_t origin;
	if (origins->judged == NULL)
		origins->judged = text_map_new(JUDGED_MEMORY);
	if (!text_map_get(origins->judged, repository, size, &origin)) {
		origin = judge_anew(origins, repository);
		text_map_put(origins->judged, repository, size, origin);
	}
	origins_count(origins, (enum origin)origin);
	return (enum origin)origin;
}

static const char *word_of(enum origin origin)
{
	return origin == ORIGIN_THIRD_PARTY ? "third-party" : origin_name(origin);
}

int origins_write_guesses(const struct origins *origins, struct buffer *out, struct error *err)
{
	size_t shown = origins->guess_count;
	if (shown > GUESSES_SHOWN && log_get_level() < LOG_VERBOSE)
		shown = GUESSES_SHOWN;
	for (size_t i = 0; i < shown; i++)
		if (buffer_add_format(out, err, "  taken for %s: %s (%s)\n",
							  word_of(origins->guesses[i].origin), origins->guesses[i].repository,
							  origins->guesses[i].why) != 0)
			return -1;
	if (shown == origins->guess_count && !origins->has_more_guesses)
		return 0;
	return buffer_add_format(out, err, "  and %s%zu more guesses%s\n",
							 origins->has_more_guesses ? "over " : "", origins->guess_count - shown,
							 log_get_level() < LOG_VERBOSE ? ": -v lists them" : "");
}

void origins_clear(struct origins *origins)
{
	for (size_t i = 0; i < origins->guess_count; i++)
		free(origins->guesses[i].repository);
	free(origins->guesses);
	text_map_free(origins->judged);
	free(origins->ours.items);
	free(origins->third_party.items);
	free(origins->released.items);
}
