/*
 * index_verify: looking at an index in a process of its own, and what that says.
 */
#include "layerproof/index_verify.h"

#include <stdio.h>
#include <string.h>

#include "layerproof/apart.h"
#include "layerproof/memory.h"
#include "verify.h"

DEFINE_CLEANUP(struct index_snapshot, index_snapshot_end)

/* What the process says: the first byte of a message, and what follows. */
enum message {
	MESSAGE_PART,   /* the counts so far, and its name: looked at from now on */
	MESSAGE_DAMAGE, /* a text */
	MESSAGE_COUNTS, /* struct index_verification: all was looked at */
	MESSAGE_FAILED, /* struct error */
};

/* A part begins. */
struct beginning {
	struct index_verification counts;
	char part[32];
};

/* ---- The process ---- */

static void say(struct apart *apart, enum message kind, const void *bytes, size_t size)
{
	CLEANUP(free_at) uint8_t *message = memory_alloc(1 + size, 1);

	message[0] = (uint8_t)kind;
	memcpy(message + 1, bytes, size);
	apart_say(apart, message, 1 + size);
}

static void say_part(void *context, const char *name, const struct index_verification *counts)
{
	struct beginning beginning = {.counts = *counts};

	snprintf(beginning.part, sizeof(beginning.part), "%s", name);
	say(context, MESSAGE_PART, &beginning, sizeof(beginning));
}

static int say_damage(void *context, const char *text)
{
	say(context, MESSAGE_DAMAGE, text, strlen(text) + 1);
	return 0;
}

static int look_at(struct index *index, struct apart *apart, struct index_verification *counts,
				   struct error *err)
{
	const struct verify_listener listener = {say_damage, say_part, apart};

	CLEANUP(index_snapshot_end_at)
	struct index_snapshot *snapshot = index_snapshot_begin(index, err);
	return snapshot ? verify_all(snapshot, &listener, counts, err) : -1;
}

/* ---- Who asked ---- */

struct hearing {
	const char *directory;
	int (*damage)(void *context, const char *text);
	void *context;
	struct index_verification *out;
	char part[32]; /* that is looked at */
	bool is_whole; /* all was */
	struct error failure;
};

static void work(void *context, struct apart *apart)
{
	const struct hearing *asked = context;
	struct index_verification counts = {.damages = 0};
	struct error reason = ERROR_INIT;

	say_part(apart, "index", &counts);
	CLEANUP(index_close_at)
	struct index *index = index_open(asked->directory, INDEX_READ, &reason);
	if (index && look_at(index, apart, &counts, &reason) == 0)
		say(apart, MESSAGE_COUNTS, &counts, sizeof(counts));
	else
		say(apart, MESSAGE_FAILED, &reason, sizeof(reason));
}

static int tell(struct hearing *hearing, const char *text)
{
	hearing->out->damages++;
	return hearing->damage(hearing->context, text);
}

/* Damages are counted as they are told. */
static void take_counts(struct hearing *hearing, const struct index_verification *counts)
{
	uint64_t damages = hearing->out->damages;

	*hearing->out = *counts;
	hearing->out->damages = damages;
}

static void take_part(struct hearing *hearing, const void *bytes, size_t size)
{
	struct beginning beginning;

	if (size != sizeof(beginning))
		return;
	memcpy(&beginning, bytes, sizeof(beginning));
	beginning.part[sizeof(beginning.part) - 1] = '\0';
	memcpy(hearing->part, beginning.part, sizeof(hearing->part));
	take_counts(hearing, &beginning.counts);
}

static void take_end(struct hearing *hearing, const void *bytes, size_t size)
{
	struct index_verification counts;

	hearing->is_whole = size == sizeof(counts);
	if (!hearing->is_whole)
		return;
	memcpy(&counts, bytes, sizeof(counts));
	take_counts(hearing, &counts);
}

/* An index that cannot be opened for its damage is a damaged one. */
static int take_failure(struct hearing *hearing, const void *bytes, size_t size)
{
	struct error reason;

	if (size != sizeof(reason))
		return 0;
	memcpy(&reason, bytes, sizeof(reason));
	reason.text[sizeof(reason.text) - 1] = '\0';
	hearing->is_whole = true;
	if (reason.code == ERROR_MALFORMED)
		return tell(hearing, reason.text);
	hearing->failure = reason;
	return 0;
}

static int hear(void *context, const void *bytes, size_t size)
{
	struct hearing *hearing = context;
	const char *rest = (const char *)bytes + 1;

	if (size == 0)
		return 0;
	switch (*(const uint8_t *)bytes) {
	case MESSAGE_PART:
		take_part(hearing, rest, size - 1);
		return 0;
	case MESSAGE_DAMAGE:
		return rest[size - 2] == '\0' ? tell(hearing, rest) : 0;
	case MESSAGE_COUNTS:
		take_end(hearing, rest, size - 1);
		return 0;
	default:
		return take_failure(hearing, rest, size - 1);
	}
}

/* Whoever looks at what follows dies of it. */
static int tell_death(struct hearing *hearing, const struct apart_end *end)
{
	char text[ERROR_TEXT_SIZE];

	snprintf(text, sizeof(text), "%s: cannot be looked at: pages of data.mdb are damaged%s%s",
			 hearing->part, end->signal != 0 ? ": " : "",
			 end->signal != 0 ? strsignal(end->signal) : "");
	return tell(hearing, text);
}

int index_verify(const char *directory, int (*damage)(void *context, const char *text),
				 void *context, struct index_verification *out, struct error *err)
{
	struct hearing hearing = {
		.directory = directory,
		.damage = damage,
		.context = context,
		.out = out,
		.failure = ERROR_INIT,
	};
	const struct apart_task task = {work, hear, &hearing};
	struct apart_end end;

	*out = (struct index_verification){.damages = 0};
	if (apart_run(&task, &end, err) < 0)
		return error_add_context(err, "index %s", directory);
	if (!hearing.is_whole && !end.finished)
		return tell_death(&hearing, &end) == 0 ? 0 : -1;
	if (hearing.failure.code == ERROR_NONE)
		return hearing.is_whole ? 0 : -1;
	*err = hearing.failure;
	return -1;
}
