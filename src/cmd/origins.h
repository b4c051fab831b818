/*
 * origins: whose an image is, from the command line and the configuration; private to this folder.
 */
#ifndef LAYERPROOF_CMD_ORIGINS_H
#define LAYERPROOF_CMD_ORIGINS_H

#include "context.h"
#include "layerproof/buffer.h"
#include "layerproof/origin.h"
#include "layerproof/text_map.h"

/* Patterns of --ours and --third-party, then those of the configuration. */
struct origins {
	struct text_list ours;
	struct text_list third_party;
	struct text_list released; /* of the configuration alone */
	/* Repositories whose origin was guessed, each once, with why: those taken for third-party, and
	 * those taken for ours though they name no registry. */
	struct guess {
		char *repository;
		enum origin origin;
		const char *why;
	} * guesses;
	size_t guess_count;
	size_t guess_capacity;
	struct text_map *judged; /* repositories, with their enum origin; NULL before the first */
	bool has_more_guesses;   /* there were more than are kept */
	uint64_t counts[4];      /* images, by enum origin */
};

/* Adds what the configuration says to what the flags said. */
void origins_add_settings(struct origins *origins, const struct settings *settings);

/* The origin of a name; counts it and remembers a guess. */
enum origin origins_judge(struct origins *origins, const char *name);

/* Counts an image whose origin was given. */
void origins_count(struct origins *origins, enum origin origin);

/* Lines for people that tell what was guessed, and why; not all of very many unless -v is given. */
int origins_write_guesses(const struct origins *origins, struct buffer *out, struct error *err);

void origins_clear(struct origins *origins);

#endif
