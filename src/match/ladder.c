/*
 * ladder: what each piece of evidence reaches alone, and what each reason says (section "Evidence
 * and verdict" of the design, as two tables).
 */
#include "ladder.h"

enum {
	DOCUMENTS = IDENTITY_INDEX | IDENTITY_MANIFEST | IDENTITY_CONFIG,
	LAYERS = IDENTITY_LAYER | IDENTITY_DIFF_ID,
	ANYTHING = DOCUMENTS | LAYERS,
};

/* How far a match with what is ours shows that it is ours. */
enum standing {
	STANDING_OWN = 1 << 0,    /* a document of ours, or a layer that is ours by the three rules */
	STANDING_LISTED = 1 << 1, /* so it is if layers of which no byte was read are what is listed */
	STANDING_SHARED = 1 << 2, /* a layer that may belong to a base which others build on too */
	STANDING_DENIED = 1 << 3, /* a document of ours over layers that are not what it means */
	STANDING_ANY = STANDING_OWN | STANDING_LISTED | STANDING_SHARED | STANDING_DENIED,
};

/* Evidence stands on the first rung that it is fit for: one of the identities, known by the level
 * or a stronger one, of the origin and with one of the standings. */
static const struct rung {
	unsigned identities;
	enum level level;
	enum origin origin;
	unsigned standings;
	enum reason reason;
} ladder[] = {
	{IDENTITY_LAYER, LEVEL_HASHED, ORIGIN_OURS, STANDING_OWN, REASON_LAYER},
	{IDENTITY_DIFF_ID, LEVEL_HASHED, ORIGIN_OURS, STANDING_OWN, REASON_DIFF_ID},
	{IDENTITY_FILE, LEVEL_HASHED, ORIGIN_OURS, STANDING_OWN, REASON_FILES},
	{IDENTITY_INDEX, LEVEL_HASHED, ORIGIN_OURS, STANDING_OWN, REASON_INDEX},
	{IDENTITY_MANIFEST, LEVEL_HASHED, ORIGIN_OURS, STANDING_OWN, REASON_MANIFEST},
	{IDENTITY_CONFIG, LEVEL_HASHED, ORIGIN_OURS, STANDING_OWN, REASON_CONFIG},
	{DOCUMENTS, LEVEL_HASHED, ORIGIN_OURS, STANDING_DENIED, REASON_TAMPERED},
	{IDENTITY_LAYER, LEVEL_DECLARED, ORIGIN_OURS, STANDING_OWN | STANDING_LISTED,
	 REASON_LAYER_DECLARED},
	{IDENTITY_DIFF_ID, LEVEL_DECLARED, ORIGIN_OURS, STANDING_OWN | STANDING_LISTED,
	 REASON_DIFF_ID_DECLARED},
	{LAYERS, LEVEL_DECLARED, ORIGIN_OURS, STANDING_SHARED, REASON_SHARED_BASE},
	{ANYTHING, LEVEL_DECLARED, ORIGIN_UNKNOWN, STANDING_ANY, REASON_UNKNOWN_OWNER},
	{ANYTHING, LEVEL_DECLARED, ORIGIN_THIRD_PARTY, STANDING_ANY, REASON_THIRD_PARTY},
	{ANYTHING, LEVEL_DECLARED, ORIGIN_PUBLIC, STANDING_ANY, REASON_PUBLIC},
};

/* What each reason says. Only a shared base above a guessed boundary weighs more than its row. */
static const struct reason_row {
	const char *name;
	enum verdict verdict;
	enum priority priority;
} reasons[REASON_COUNT] = {
	[REASON_LAYER] = {"layer", VERDICT_TRUE_POSITIVE, PRIORITY_HIGH},
	[REASON_DIFF_ID] = {"diff_id", VERDICT_TRUE_POSITIVE, PRIORITY_HIGH},
	[REASON_FILES] = {"files", VERDICT_TRUE_POSITIVE, PRIORITY_HIGH},
	[REASON_MANIFEST] = {"manifest", VERDICT_TRUE_POSITIVE, PRIORITY_HIGH},
	[REASON_CONFIG] = {"config", VERDICT_TRUE_POSITIVE, PRIORITY_HIGH},
	[REASON_INDEX] = {"index", VERDICT_TRUE_POSITIVE, PRIORITY_HIGH},
	[REASON_LAYER_DECLARED] = {"layer_declared", VERDICT_NEEDS_REVIEW, PRIORITY_HIGH},
	[REASON_DIFF_ID_DECLARED] = {"diff_id_declared", VERDICT_NEEDS_REVIEW, PRIORITY_HIGH},
	[REASON_TAMPERED] = {"tampered", VERDICT_NEEDS_REVIEW, PRIORITY_HIGH},
	[REASON_SHARED_BASE] = {"shared_base", VERDICT_NEEDS_REVIEW, PRIORITY_LOW},
	[REASON_THIRD_PARTY] = {"third_party", VERDICT_NEEDS_REVIEW, PRIORITY_LOW},
	[REASON_PUBLIC] = {"public", VERDICT_NEEDS_REVIEW, PRIORITY_LOW},
	[REASON_UNKNOWN_OWNER] = {"unknown_owner", VERDICT_NEEDS_REVIEW, PRIORITY_MEDIUM},
	[REASON_NAMES_ONLY] = {"names_only", VERDICT_NEEDS_REVIEW, PRIORITY_MEDIUM},
	[REASON_NO_MATCH] = {"no_match", VERDICT_NEEDS_REVIEW, PRIORITY_LOW},
	[REASON_PARTIAL] = {"partial", VERDICT_NEEDS_REVIEW, PRIORITY_MEDIUM},
	[REASON_NOT_FOUND] = {"not_found", VERDICT_NEEDS_REVIEW, PRIORITY_LOW},
	[REASON_DENIED] = {"denied", VERDICT_NEEDS_REVIEW, PRIORITY_MEDIUM},
	[REASON_RATE_LIMITED] = {"rate_limited", VERDICT_NEEDS_REVIEW, PRIORITY_MEDIUM},
	[REASON_UNREACHABLE] = {"unreachable", VERDICT_NEEDS_REVIEW, PRIORITY_MEDIUM},
	[REASON_MALFORMED] = {"malformed", VERDICT_NEEDS_REVIEW, PRIORITY_MEDIUM},
	[REASON_BAD_REFERENCE] = {"bad_reference", VERDICT_NEEDS_REVIEW, PRIORITY_MEDIUM},
	[REASON_OVER_LIMIT] = {"over_limit", VERDICT_NEEDS_REVIEW, PRIORITY_MEDIUM},
};

static enum standing standing_of(const struct evidence *evidence)
{
	if (!evidence->is_ours)
		return evidence->layer == SIZE_MAX ? STANDING_DENIED : STANDING_SHARED;
	return evidence->rests_on_list ? STANDING_LISTED : STANDING_OWN;
}

static bool is_fit(const struct evidence *evidence, const struct rung *rung)
{
	return (rung->identities & evidence->identity) != 0 && evidence->level >= rung->level &&
		   evidence->origin == rung->origin && (rung->standings & standing_of(evidence)) != 0;
}

enum reason ladder_reason(const struct evidence *evidence)
{
	for (size_t i = 0; i < sizeof(ladder) / sizeof(ladder[0]); i++)
		if (is_fit(evidence, &ladder[i]))
			return ladder[i].reason;
	return REASON_NO_MATCH;
}

enum verdict ladder_verdict(enum reason reason)
{
	return reasons[reason].verdict;
}

enum priority ladder_priority(enum reason reason)
{
	return reasons[reason].priority;
}

const char *verdict_name(enum verdict verdict)
{
	return verdict == VERDICT_TRUE_POSITIVE ? "true_positive" : "needs_review";
}

const char *reason_name(enum reason reason)
{
	return reasons[reason].name;
}

const char *priority_name(enum priority priority)
{
	static const char *const names[] = {"low", "medium", "high"};
	return names[priority];
}
