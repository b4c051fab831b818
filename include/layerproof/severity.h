/*
 * severity: how bad what a scanner found is.
 */
#ifndef LAYERPROOF_SEVERITY_H
#define LAYERPROOF_SEVERITY_H

/* Stored in the index: never renumber. */
enum severity {
	SEVERITY_NONE = 0, /* nothing is known, or nothing was found */
	SEVERITY_NEGLIGIBLE = 1,
	SEVERITY_LOW = 2,
	SEVERITY_MEDIUM = 3,
	SEVERITY_HIGH = 4,
	SEVERITY_CRITICAL = 5,
};

/* The greatest of each class of findings. */
struct severities {
	enum severity os;  /* packages of the operating system */
	enum severity app; /* packages of the application's languages; and all that has no class */
};

/* "none", "negligible", "low", "medium", "high", "critical". */
const char *severity_name(enum severity severity);

/* The words of the scanners, in any case: "important" is high, "moderate" medium, "minimal",
 * "informational" and "info" negligible. A word that is none of them is SEVERITY_NONE: it must not
 * cost the row. */
enum severity severity_parse(const char *text);

/* Takes what is greater in `other`. */
void severities_raise(struct severities *severities, const struct severities *other);

#endif
