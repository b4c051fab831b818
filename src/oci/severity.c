#include "layerproof/severity.h"

#include <stddef.h>
#include <strings.h>

static const char *const names[] = {
	[SEVERITY_NONE] = "none", [SEVERITY_NEGLIGIBLE] = "negligible",
	[SEVERITY_LOW] = "low",   [SEVERITY_MEDIUM] = "medium",
	[SEVERITY_HIGH] = "high", [SEVERITY_CRITICAL] = "critical",
};

static const struct {
	const char *word;
	enum severity severity;
} words[] = {
	{"critical", SEVERITY_CRITICAL},     {"high", SEVERITY_HIGH},
	{"important", SEVERITY_HIGH},        {"medium", SEVERITY_MEDIUM},
	{"moderate", SEVERITY_MEDIUM},       {"low", SEVERITY_LOW},
	{"negligible", SEVERITY_NEGLIGIBLE}, {"minimal", SEVERITY_NEGLIGIBLE},
	{"info", SEVERITY_NEGLIGIBLE},       {"informational", SEVERITY_NEGLIGIBLE},
};

const char *severity_name(enum severity severity)
{
	return names[severity];
}

enum severity severity_parse(const char *text)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasecmp(words[i].word, text) == 0)
			return words[i].severity;
	return SEVERITY_NONE;
}

void severities_raise(struct severities *severities, const struct severities *other)
{
	if (other->os > severities->os)
		severities->os = other->os;
	if (other->app > severities->app)
		severities->app = other->app;
}
