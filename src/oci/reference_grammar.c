#include "reference_grammar.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "layerproof/memory.h"

#define LOWER  "abcdefghijklmnopqrstuvwxyz"
#define UPPER  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

enum {
	TAG_LENGTH_MAX = 128,
	IMAGE_ID_LENGTH = 64,
	PORT_LENGTH_MAX = 5,
	PORT_MAX = 65535,
};

static bool is_control(unsigned char letter)
{
	return letter < 0x20 || letter == 0x7F;
}

int reference_check_controls(const char *text, struct error *err)
{
	for (size_t i = 0; text[i] != '\0'; i++)
		if (is_control((unsigned char)text[i]))
			return error_set(err, ERROR_BAD_REFERENCE,
							 "character %zu is a control character (0x%02x)", i + 1,
							 (unsigned char)text[i]);
	return 0;
}

int reference_check_characters(const char *text, struct error *err)
{
	size_t printable = 0;
	while ((unsigned char)text[printable] > ' ' && (unsigned char)text[printable] < 0x7F)
		printable++;
	if (text[printable] == ' ')
		return error_set(err, ERROR_BAD_REFERENCE, "character %zu is a blank", printable + 1);
	if ((unsigned char)text[printable] >= 0x80)
		return error_set(err, ERROR_BAD_REFERENCE, "character %zu is not ASCII", printable + 1);
	return reference_check_controls(text, err);
}

/* Says what is wrong at `at`, inside `text`, the part of the reference called `what`. */
static int refuse_at(const char *what, const char *text, const char *at, struct error *err)
{
	if (*text == '\0')
		return error_set(err, ERROR_BAD_REFERENCE, "%s: it is empty", what);
	if (*at == '\0')
		return error_set(err, ERROR_BAD_REFERENCE, "%s: it may not end in \"%c\"", what, at[-1]);
	return error_set(err, ERROR_BAD_REFERENCE, "%s: \"%c\" may not stand at character %zu", what,
					 *at, (size_t)(at - text) + 1);
}

static int check_port(const char *port, struct error *err)
{
	size_t length = strspn(port, DIGITS);
	long value = length <= PORT_LENGTH_MAX ? strtol(port, NULL, 10) : 0;
	if (port[length] != '\0' || value < 1 || value > PORT_MAX)
		return error_set(err, ERROR_BAD_REFERENCE, "registry: the port is not 1 to %d", PORT_MAX);
	return 0;
}

/* "[...]" alone, without the port. */
static int check_ipv6(const char *host, struct error *err)
{
	struct in6_addr address;
	size_t length = strlen(host);
	char *inner CLEANUP(free_at) = memory_copy_span(host + 1, length < 2 ? 0 : length - 2);
	if (host[length - 1] != ']' || strspn(inner, DIGITS "abcdefABCDEF:") != strlen(inner) ||
		inet_pton(AF_INET6, inner, &address) != 1)
		return error_set(err, ERROR_BAD_REFERENCE, "registry: no IPv6 address in the brackets");
	return 0;
}

/* Parts of letters, digits and inner "-", joined by ".". */
static int check_host(const char *host, struct error *err)
{
	const char *at = host;
	for (;;) {
		size_t length = strspn(at, LOWER UPPER DIGITS "-");
		if (length == 0 || at[0] == '-')
			return refuse_at("registry", host, at, err);
		if (at[length - 1] == '-')
			return refuse_at("registry", host, at + length - 1, err);
		at += length;
		if (*at == '\0')
			return 0;
		if (*at++ != '.')
			return refuse_at("registry", host, at - 1, err);
	}
}

int reference_check_registry(const char *registry, struct error *err)
{
	size_t length = strcspn(registry, registry[0] == '[' ? "]" : ":");
	if (registry[length] == ']')
		length++;
	char *host CLEANUP(free_at) = memory_copy_span(registry, length);
	if ((host[0] == '[' ? check_ipv6(host, err) : check_host(host, err)) != 0)
		return -1;
	if (registry[length] == '\0')
		return 0;
	if (registry[length] != ':')
		return refuse_at("registry", registry, registry + length, err);
	return check_port(registry + length + 1, err);
}

/* What may join two words of a repository: "/", ".", "_", "__", or any number of "-"; 0 if nothing
 * of it is there. */
static size_t joint_length(const char *text)
{
	if (text[0] == '_')
		return text[1] == '_' ? 2 : 1;
	return text[0] == '/' || text[0] == '.' ? 1 : strspn(text, "-");
}

int reference_check_repository(const char *repository, struct error *err)
{
	const char *at = repository;
	for (;;) {
		size_t word = strspn(at, LOWER DIGITS);
		size_t joint = joint_length(at + word);
		if (word > 0 && at[word] == '\0')
			return 0;
		if (word > 0 && joint > 0) {
			at += word + joint;
			continue;
		}
		at += word;
		if (*at >= 'A' && *at <= 'Z')
			return error_set(err, ERROR_BAD_REFERENCE,
							 "repository: \"%c\" at character %zu is not lower-case", *at,
							 (size_t)(at - repository) + 1);
		return refuse_at("repository", repository, at, err);
	}
}

int reference_check_tag(const char *tag, struct error *err)
{
	size_t length = strlen(tag);
	size_t legal = strspn(tag, LOWER UPPER DIGITS "_.-");
	if (length == 0 || tag[0] == '.' || tag[0] == '-')
		return refuse_at("tag", tag, tag, err);
	if (legal < length)
		return refuse_at("tag", tag, tag + legal, err);
	if (length > TAG_LENGTH_MAX)
		return error_set(err, ERROR_BAD_REFERENCE, "tag: %zu characters are more than %d", length,
						 TAG_LENGTH_MAX);
	return 0;
}

bool reference_is_registry(const char *part, size_t size)
{
	static const char LOCALHOST[] = "localhost";
	size_t plain = strcspn(part, ".:" UPPER);
	return plain < size || (size == strlen(LOCALHOST) && memcmp(part, LOCALHOST, size) == 0);
}

bool reference_is_image_id(const char *text)
{
	return strlen(text) == IMAGE_ID_LENGTH && strspn(text, DIGITS "abcdef") == IMAGE_ID_LENGTH;
}
