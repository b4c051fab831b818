#include "layerproof/reference.h"

#include <stdbool.h>
#include <string.h>

#include "layerproof/memory.h"
#include "layerproof/text.h"
#include "reference_grammar.h"

/* Of registry, "/" and repository together: many clients take no more (registry-facts 11). */
enum { NAME_LENGTH_MAX = 255 };

/* As many hexadecimal digits make a digest of any algorithm (distribution/reference regexp.go). */
enum { DIGEST_HEX_MIN = 32 };

static const char REGISTRY_PREFIX[] = "docker://";
static const char DEFAULT_REGISTRY[] = "docker.io";
static const char LEGACY_REGISTRY[] = "index.docker.io";
static const char OFFICIAL_PREFIX[] = "library/";
static const char DEFAULT_TAG[] = "latest";

static const char *const TRANSPORT_NAMES[] = {
	[REFERENCE_REGISTRY] = "registry",
	[REFERENCE_OCI_LAYOUT] = "oci",
	[REFERENCE_OCI_ARCHIVE] = "oci-archive",
	[REFERENCE_DOCKER_ARCHIVE] = "docker-archive",
};

enum { TRANSPORT_COUNT = sizeof(TRANSPORT_NAMES) / sizeof(TRANSPORT_NAMES[0]) };

static int parse_digest(const char *text, struct digest *out, struct error *err)
{
	struct error reason = ERROR_INIT;
	if (digest_parse(text, out, &reason) != 0)
		return error_set(err, ERROR_BAD_REFERENCE, "digest: %s", reason.text);
	return 0;
}

/* Cuts the text at the character found, if any; what stands behind it, or NULL. */
static char *cut(char *found)
{
	if (found == NULL)
		return NULL;
	*found = '\0';
	return found + 1;
}

/* Fills registry and repository from a name without tag and digest; `name` is changed. */
static void split_name(char *name, struct reference *out)
{
	char *slash = strchr(name, '/');
	const char *registry = DEFAULT_REGISTRY;
	const char *repository = name;
	if (slash != NULL && reference_is_registry(name, (size_t)(slash - name))) {
		repository = cut(slash);
		registry = strcmp(name, LEGACY_REGISTRY) == 0 ? DEFAULT_REGISTRY : name;
	}
	out->registry = memory_copy_text(registry);
	out->repository = memory_copy_text(repository);
}

/* Official images have a short name, on Docker Hub only (normalize.go). */
static void complete_official_name(struct reference *reference)
{
	if (strcmp(reference->registry, DEFAULT_REGISTRY) != 0 ||
		strchr(reference->repository, '/') != NULL)
		return;
	char *full = memory_format("%s%s", OFFICIAL_PREFIX, reference->repository);
	free(reference->repository);
	reference->repository = full;
}

static int check_and_complete_name(struct reference *reference, struct error *err)
{
	if (reference_check_registry(reference->registry, err) != 0 ||
		reference_check_repository(reference->repository, err) != 0)
		return -1;
	complete_official_name(reference);
	size_t length = strlen(reference->registry) + 1 + strlen(reference->repository);
	if (length > NAME_LENGTH_MAX)
		return error_set(err, ERROR_BAD_REFERENCE,
						 "registry and repository have %zu characters together, more than %d",
						 length, NAME_LENGTH_MAX);
	return 0;
}

/* What people and tools write that is no name, told before the grammar stumbles over it. */
static int refuse_other_things(const char *text, struct error *err)
{
	const char *scheme_end = strstr(text, "://");
	if (*text == '\0')
		return error_set(err, ERROR_BAD_REFERENCE, "it is empty");
	if (scheme_end != NULL)
		return error_set(err, ERROR_BAD_REFERENCE, "a URL is no reference: leave out \"%.*s://\"",
						 scheme_end - text > 40 ? 40 : (int)(scheme_end - text), text);
	if (reference_is_image_id(text))
		return error_set(err, ERROR_BAD_REFERENCE,
						 "64 hexadecimal digits are an image ID, which no registry knows");
	return 0;
}

static int parse_registry(const char *text, struct reference *out, struct error *err)
{
	if (refuse_other_things(text, err) != 0)
		return -1;
	char *name CLEANUP(free_at) = memory_copy_text(text);
	const char *digest = cut(strchr(name, '@'));
	char *last_part = strchr(name, '/');
	const char *tag = cut(strchr(last_part == NULL ? name : last_part, ':'));
	split_name(name, out);
	if (check_and_complete_name(out, err) != 0 ||
		(tag != NULL && reference_check_tag(tag, err) != 0))
		return -1;
	if (digest != NULL)
		return parse_digest(digest, &out->digest, err);
	out->tag = memory_copy_text(tag == NULL ? DEFAULT_TAG : tag);
	return 0;
}

/* Whether the text behind an "@" is meant as a digest; a path may have an "@" too. */
static bool is_meant_as_digest(const char *text)
{
	const char *colon = strchr(text, ':');
	if (colon == NULL)
		return false;
	if (text_starts_with(text, "sha256:") || text_starts_with(text, "sha512:"))
		return true;
	size_t hex = strspn(colon + 1, "0123456789abcdefABCDEF");
	return memchr(text, '/', (size_t)(colon - text)) == NULL && hex >= DIGEST_HEX_MIN &&
		   colon[1 + hex] == '\0';
}

/* Takes "@DIGEST" off the end of `rest`. */
static int take_local_digest(char *rest, struct reference *out, struct error *err)
{
	char *at = strrchr(rest, '@');
	if (at == NULL || !is_meant_as_digest(at + 1))
		return 0;
	if (out->transport != REFERENCE_OCI_LAYOUT)
		return error_set(err, ERROR_BAD_REFERENCE, "digest: %s takes none",
						 reference_transport_name(out->transport));
	return parse_digest(cut(at), &out->digest, err);
}

/* What `docker save` puts beside an image is a reference in its short form: "repo:tag". */
static int check_docker_name(const char *name, struct error *err)
{
	struct reference parsed CLEANUP(reference_clear) = {.registry = NULL};
	return parse_registry(name, &parsed, err);
}

static int check_local_tag(const struct reference *reference, const char *tag, struct error *err)
{
	if (*tag == '\0')
		return error_set(err, ERROR_BAD_REFERENCE, "tag: it is empty");
	if (reference_check_characters(tag, err) != 0 ||
		(reference->transport == REFERENCE_DOCKER_ARCHIVE && check_docker_name(tag, err) != 0))
		return error_add_context(err, "tag");
	return 0;
}

static int parse_local(const char *text, struct reference *out, struct error *err)
{
	char *rest CLEANUP(free_at) = memory_copy_text(text);
	if (take_local_digest(rest, out, err) != 0)
		return -1;
	/* As skopeo does: the path ends at the first colon. */
	const char *tag = cut(strchr(rest, ':'));
	if (*rest == '\0')
		return error_set(err, ERROR_BAD_REFERENCE, "no path behind \"%s:\"",
						 reference_transport_name(out->transport));
	if (tag != NULL && check_local_tag(out, tag, err) != 0)
		return -1;
	out->path = memory_copy_text(rest);
	if (!digest_is_set(&out->digest))
		out->tag = memory_copy_text(tag);
	return 0;
}

/* What stands behind "oci:" and the like, with the transport; the whole text for a registry's. */
static const char *skip_transport(const char *text, enum reference_transport *transport)
{
	for (size_t i = REFERENCE_OCI_LAYOUT; i < TRANSPORT_COUNT; i++) {
		size_t length = strlen(TRANSPORT_NAMES[i]);
		if (text_starts_with(text, TRANSPORT_NAMES[i]) && text[length] == ':') {
			*transport = (enum reference_transport)i;
			return text + length + 1;
		}
	}
	*transport = REFERENCE_REGISTRY;
	return text_starts_with(text, REGISTRY_PREFIX) ? text + strlen(REGISTRY_PREFIX) : text;
}

int reference_parse(const char *text, struct reference *out, struct error *err)
{
	struct reference parsed CLEANUP(reference_clear) = {.registry = NULL};
	const char *rest = skip_transport(text, &parsed.transport);
	bool local = parsed.transport != REFERENCE_REGISTRY;
	/* A path may hold blanks and any script. */
	if ((local ? reference_check_controls(text, err) : reference_check_characters(text, err)) !=
			0 ||
		(local ? parse_local(rest, &parsed, err) : parse_registry(rest, &parsed, err)) != 0)
		return -1;
	*out = parsed;
	parsed = (struct reference){.registry = NULL};
	return 0;
}

void reference_clear(struct reference *reference)
{
	free(reference->registry);
	free(reference->repository);
	free(reference->path);
	free(reference->tag);
	*reference = (struct reference){.registry = NULL};
}

char *reference_format(const struct reference *reference)
{
	char digest[DIGEST_TEXT_SIZE];
	char *name CLEANUP(free_at) = reference_name(reference);
	bool local = reference->transport != REFERENCE_REGISTRY;
	return memory_format(
		"%s%s%s%s%s%s%s", local ? reference_transport_name(reference->transport) : "",
		local ? ":" : "", name, reference->tag == NULL ? "" : ":",
		reference->tag == NULL ? "" : reference->tag, digest_is_set(&reference->digest) ? "@" : "",
		digest_format(&reference->digest, digest));
}

char *reference_name(const struct reference *reference)
{
	if (reference->transport != REFERENCE_REGISTRY)
		return memory_copy_text(reference->path);
	return memory_format("%s/%s", reference->registry, reference->repository);
}

const char *reference_transport_name(enum reference_transport transport)
{
	return TRANSPORT_NAMES[transport];
}
