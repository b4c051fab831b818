/*
 * fuzz_url: a realm or a Location, resolved against the URL that it came from, is an http or https
 * URL whose parts agree, or is refused. What is judged is what would be connected to: the text
 * parses to the same place again.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "layerproof/memory.h"
#include "net/address.h"
#include "net/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
	if (!condition)
		abort();
}

static void check_parts(const struct url *url)
{
	require(strcmp(url->scheme, "http") == 0 || strcmp(url->scheme, "https") == 0);
	require(url_is_https(url) == (strcmp(url->scheme, "https") == 0));
	require(url->host[0] != '\0' && strpbrk(url->host, "/@?# \r\n") == NULL);
	size_t host = strlen(url->host);
	require(strncmp(url->authority, url->host, host) == 0 && url->authority[host] == ':');
	require(strncmp(url->label, url->host, host) == 0);
	require(strchr(url->text, '#') == NULL && strpbrk(url->text, " \r\n") == NULL);
	char *bare CLEANUP(free_at) = url_without_query(url);
	require(strchr(bare, '?') == NULL);
}

static void check_again(const struct url *url)
{
	struct error err = ERROR_INIT;
	struct url again CLEANUP(url_clear) = URL_INIT;
	require(url_parse(url->text, &again, &err) == 0);
	require(url_same_origin(url, &again) && strcmp(url->host, again.host) == 0);
	require(strcmp(url->text, again.text) == 0);
}

static void check(const struct url *url)
{
	struct address address;
	const char *what = NULL;
	check_parts(url);
	check_again(url);
	if (address_parse(url->host, &address))
		require(address_is_loopback(url->host) ==
				(address_class(&address, &what) == ADDRESS_LOOPBACK));
}

/* The first line is the base, the rest what is relative to it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = ERROR_INIT;
	struct url base CLEANUP(url_clear) = URL_INIT;
	struct url target CLEANUP(url_clear) = URL_INIT;
	char *text CLEANUP(free_at) = memory_copy_span((const char *)data, size);
	char *line = strchr(text, '\n');
	if (line != NULL)
		*line++ = '\0';
	if (url_parse(text, &base, &err) != 0) {
		require(err.code == ERROR_MALFORMED && base.text == NULL);
		return 0;
	}
	check(&base);
	if (line != NULL && url_resolve(&base, line, &target, &err) == 0)
		check(&target);
	return 0;
}
