#include "layerproof/origin.h"

#include <ctype.h>
#include <fnmatch.h>
#include <string.h>

#include "hub_publishers.h"
#include "layerproof/memory.h"
#include "layerproof/reference.h"
#include "layerproof/text.h"
#include "official_images.h"

const char *const ORIGIN_NO_REGISTRY = "it names no registry, and no publisher that is known";

struct rule {
	const char *pattern;
	const char *why;
};

#define REGISTRY(host)                                                                             \
	{                                                                                              \
		host, "on the public registry " host                                                       \
	}

/* Registries where anybody, or a vendor for everybody, publishes. Some (docker.io, ghcr.io,
 * quay.io, gcr.io, registry.gitlab.com, cgr.dev, nvcr.io) hold companies' own private images too:
 * those are named with --ours, because a name there says nothing about its owner. */
static const struct rule registries[] = {
	REGISTRY("docker.io"),
	REGISTRY("registry-1.docker.io"),
	REGISTRY("index.docker.io"),
	REGISTRY("registry.hub.docker.com"),
	REGISTRY("dhi.io"),
	REGISTRY("quay.io"),
	REGISTRY("ghcr.io"),
	REGISTRY("docker.pkg.github.com"),
	REGISTRY("gcr.io"),
	REGISTRY("*.gcr.io"),
	REGISTRY("registry.k8s.io"),
	REGISTRY("public.ecr.aws"),
	REGISTRY("mcr.microsoft.com"),
	REGISTRY("registry.gitlab.com"),
	REGISTRY("registry.access.redhat.com"),
	REGISTRY("registry.redhat.io"),
	REGISTRY("registry.connect.redhat.com"),
	REGISTRY("registry.fedoraproject.org"),
	REGISTRY("registry.centos.org"),
	REGISTRY("registry.opensuse.org"),
	REGISTRY("registry.suse.com"),
	REGISTRY("cgr.dev"),
	REGISTRY("docker.elastic.co"),
	REGISTRY("nvcr.io"),
	REGISTRY("icr.io"),
	REGISTRY("container-registry.oracle.com"),
	REGISTRY("lscr.io"),
	REGISTRY("xpkg.upbound.io"),
};

#define MIRROR(pattern)                                                                            \
	{                                                                                              \
		pattern, "name says mirror: " pattern                                                      \
	}

static const struct rule mirrors[] = {
	MIRROR("*/docker-hub/*"), MIRROR("*/library/*"), MIRROR("*/quay/*"),
	MIRROR("*/ecr-public/*"), MIRROR("*/k8s/*"),     MIRROR("*proxy*cache*/*"),
};

/* The name as the rules see it: "registry/repository", normalised like a reference (registry-facts
 * 12) where it is one. */
struct subject {
	char *raw;      /* as exported, without scheme, tag and digest */
	char *name;     /* registry/repository; the raw name when it is no reference */
	char *folded;   /* the same in lower case, as the rules are */
	char *registry; /* what stands before the first slash of it */
	bool implied;   /* the export gave no registry: docker.io is meant */
};

static void subject_clear(struct subject *subject)
{
	free(subject->raw);
	free(subject->name);
	free(subject->folded);
	free(subject->registry);
}

/* A colon before the last slash is a port's. */
char *origin_repository(const char *name)
{
	const char *scheme = strstr(name, "://");
	const char *start = scheme == NULL ? name : scheme + strlen("://");
	char *base = memory_copy_span(start, strcspn(start, "@"));
	char *slash = strrchr(base, '/');
	char *colon = strrchr(base, ':');
	if (colon != NULL && (slash == NULL || colon > slash)) {
		*colon = '\0';
	}
	return base;
}

static char *normalise_name(const char *raw)
{
	struct reference reference;
	struct error ignored = ERROR_INIT;
	if (reference_parse(raw, &reference, &ignored) != 0) {
		return memory_copy_text(raw);
	}
	char *name = reference.transport == REFERENCE_REGISTRY ? reference_name(&reference)
														   : memory_copy_text(raw);
	reference_clear(&reference);
	return name;
}

static char *fold(const char *text)
{
	char *folded = memory_copy_text(text);
	for (char *at = folded; *at != '\0'; at++)
		*at = (char)tolower((unsigned char)*at);
	return folded;
}

static void subject_set(struct subject *subject, const char *name)
{
	subject->raw = origin_repository(name);
	subject->name = normalise_name(subject->raw);
	subject->folded = fold(subject->name);
	size_t size = strcspn(subject->name, "/");
	bool said = strncmp(subject->raw, subject->name, size) == 0 && subject->raw[size] == '/';
	subject->implied = size == 9 && strncmp(subject->name, "docker.io", 9) == 0 && !said &&
					   strncmp(subject->raw, "index.docker.io/", 16) != 0;
	subject->registry = memory_copy_span(subject->folded, size);
	if (size > 4 && strcmp(subject->registry + size - 4, ":443") == 0) {
		subject->registry[size - 4] = '\0'; /* the port that https means anyway */
	}
}

/* A star crosses slashes: "registry.corp*" is all of that registry. The name as exported is tried
 * too, because that is what the user sees. */
static bool match_any(const char *const *patterns, size_t count, const struct subject *subject)
{
	for (size_t i = 0; i < count; i++) {
		if (fnmatch(patterns[i], subject->name, 0) == 0 ||
			fnmatch(patterns[i], subject->raw, 0) == 0) {
			return true;
		}
	}
	return false;
}

/* Whether the text, in lower case, is like a rule's pattern, whose only sign is the star.
 * fnmatch(3) would do, at fifty times the cost in a locale of UTF-8, and there are exports of
 * millions of names. */
static bool matches_rule(const char *pattern, const char *text)
{
	size_t size = strcspn(pattern, "*");
	if (strncmp(text, pattern, size) != 0)
		return false;
	text += size;
	for (pattern += size; *pattern == '*'; pattern += size) {
		size = strcspn(++pattern, "*");
		if (pattern[size] == '\0')
			return text_ends_with(text, pattern);
		text = memmem(text, strlen(text), pattern, size);
		if (text == NULL)
			return false;
		text += size;
	}
	return *text == '\0';
}

/* The reason of the first rule that the text matches, or NULL. */
static const char *match_rule(const struct rule *rules, size_t count, const char *text)
{
	for (size_t i = 0; i < count; i++) {
		if (matches_rule(rules[i].pattern, text)) {
			return rules[i].why;
		}
	}
	return NULL;
}

static const char *last_part_reason(const char *name)
{
	const char *slash = strrchr(name, '/');
	return official_image_reason(slash == NULL ? name : slash + 1);
}

/* A name without a registry: to docker it would be one on docker.io, but exports of a company's own
 * registry leave it out as well. Who is known to publish on Docker Hub is believed to have. */
static const char *bare_name_reason(const struct subject *subject)
{
	size_t size = strcspn(subject->raw, "/");
	const char *why = last_part_reason(subject->raw);
	if (why != NULL || subject->raw[size] == '\0')
		return why;
	why = match_rule(mirrors, sizeof(mirrors) / sizeof(mirrors[0]), subject->folded);
	return why != NULL ? why : hub_publisher_reason(subject->raw, size);
}

/* Why the name tells of somebody else's image, or NULL. */
static const char *third_party_reason(const struct subject *subject)
{
	if (subject->implied)
		return bare_name_reason(subject);
	const char *why = match_rule(registries, sizeof(registries) / sizeof(registries[0]),
								 subject->registry);
	if (why == NULL)
		why = match_rule(mirrors, sizeof(mirrors) / sizeof(mirrors[0]), subject->folded);
	return why != NULL ? why : last_part_reason(subject->name);
}

static enum origin judge(const struct origin_patterns *patterns, const struct subject *subject,
						 const char **why)
{
	if (match_any(patterns->released, patterns->released_count, subject)) {
		*why = "released, by the configuration";
		return ORIGIN_PUBLIC;
	}
	if (match_any(patterns->ours, patterns->ours_count, subject)) {
		*why = "pattern of --ours";
		return ORIGIN_OURS;
	}
	if (match_any(patterns->third_party, patterns->third_party_count, subject)) {
		*why = "pattern of --third-party";
		return ORIGIN_THIRD_PARTY;
	}
	const char *reason = third_party_reason(subject);
	*why = reason != NULL     ? reason
		   : subject->implied ? ORIGIN_NO_REGISTRY
							  : "no rule says otherwise";
	return reason == NULL ? ORIGIN_OURS : ORIGIN_THIRD_PARTY;
}

enum origin origin_of_name(const struct origin_patterns *patterns, const char *name,
						   const char **why)
{
	struct subject subject;
	subject_set(&subject, name);
	enum origin origin = judge(patterns, &subject, why);
	subject_clear(&subject);
	return origin;
}

bool origin_name_matches(const char *const *patterns, size_t count, const char *name)
{
	struct subject subject;
	subject_set(&subject, name);
	bool matches = match_any(patterns, count, &subject);
	subject_clear(&subject);
	return matches;
}
