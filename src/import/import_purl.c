#include "import_purl.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

#include "import_walk.h"
#include "layerproof/memory.h"
#include "layerproof/text.h"

#define OCI    "pkg:oci/"
#define DOCKER "pkg:docker/"

/* The parts, decoded, inside one copy of the text; NULL: none. */
struct purl {
	bool is_docker;
	char *path; /* namespace and name */
	char *version;
	char *repository_url;
	char *tag;
	char *arch;
};

bool import_purl_is_image(const char *purl)
{
	return purl != NULL && (text_starts_with(purl, OCI) || text_starts_with(purl, DOCKER));
}

static int hex_value(char digit)
{
	const char *digits = "0123456789abcdef";
	const char *found = digit == '\0' ? NULL : strchr(digits, tolower((unsigned char)digit));
	return found == NULL ? -1 : (int)(found - digits);
}

/* In place; what is no %XX, or %00, stays as it is. */
static void percent_decode(char *text)
{
	char *out = text;
	for (const char *in = text; *in != '\0'; in++) {
		int high = *in == '%' ? hex_value(in[1]) : -1;
		int low = high < 0 ? -1 : hex_value(in[2]);
		if (low >= 0 && high + low > 0) {
			*out++ = (char)(high << 4 | low);
			in += 2;
		} else {
			*out++ = *in;
		}
	}
	*out = '\0';
}

/* Ends a text at the separator found in it; what stands behind, or NULL. */
static char *cut(char *separator)
{
	if (separator == NULL) {
		return NULL;
	}
	*separator = '\0';
	return separator + 1;
}

static void read_qualifier(struct purl *purl, char *qualifier)
{
	char *value = cut(strchr(qualifier, '='));
	if (value == NULL) {
		return;
	}
	percent_decode(value);
	if (strcmp(qualifier, "repository_url") == 0) {
		purl->repository_url = value;
	} else if (strcmp(qualifier, "tag") == 0) {
		purl->tag = value;
	} else if (strcmp(qualifier, "arch") == 0) {
		purl->arch = value;
	}
}

static void read_purl(char *text, struct purl *out)
{
	*out = (struct purl){.is_docker = text_starts_with(text, DOCKER)};
	out->path = text + strlen(out->is_docker ? DOCKER : OCI);
	cut(strchr(text, '#'));
	char *qualifier = cut(strchr(text, '?'));
	while (qualifier != NULL) {
		char *next = cut(strchr(qualifier, '&'));
		read_qualifier(out, qualifier);
		qualifier = next;
	}
	out->version = cut(strrchr(out->path, '@'));
	percent_decode(out->path);
	if (out->version != NULL) {
		percent_decode(out->version);
	}
}

/* Of oci the repository_url is the whole name, of docker the registry alone. */
static int add_name(struct import_record *record, const char *column, const struct purl *purl)
{
	bool has_url = purl->repository_url != NULL;
	const char *registry = has_url && purl->is_docker ? purl->repository_url : "";
	const char *repository = has_url && !purl->is_docker ? purl->repository_url : purl->path;
	const char *tag = purl->tag == NULL ? "" : purl->tag;
	CLEANUP(free_at)
	char *name = memory_format("%s%s%s%s%s", registry, *registry == '\0' ? "" : "/", repository,
							   *tag == '\0' ? "" : ":", tag);
	return import_walk_add_fallback(record, column, name);
}

int import_purl_add(struct import_record *record, const char *column, const char *purl,
					bool any_name)
{
	struct purl parts;
	if (!import_purl_is_image(purl)) {
		return 0;
	}
	CLEANUP(free_at) char *text = memory_copy_text(purl);
	read_purl(text, &parts);
	if (parts.version != NULL && !import_walk_is_digest(parts.version)) {
		parts.tag = parts.version;
		parts.version = NULL;
	}
	if (import_walk_add(record, IMPORT_DIGEST, column, parts.version) != 0 ||
		import_walk_add(record, IMPORT_ARCHITECTURE, column, parts.arch) != 0) {
		return -1;
	}
	return any_name || parts.repository_url != NULL ? add_name(record, column, &parts) : 0;
}
