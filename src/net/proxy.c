#include "proxy.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "address_range.h"
#include "layerproof/memory.h"
#include "secret.h"

/* The first of the variables that is set and not empty, as a copy. */
static char *read_first(const char *const *names)
{
	for (; *names != NULL; names++) {
		const char *value = getenv(*names);
		if (value != NULL && *value != '\0')
			return memory_copy_text(value);
	}
	return NULL;
}

void proxy_read_environment(struct proxy *out)
{
	/* HTTP_PROXY is left out since a web server sets it to a header that a client sent. */
	static const char *const http[] = {"http_proxy", "all_proxy", "ALL_PROXY", NULL};
	static const char *const https[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
										NULL};
	static const char *const except[] = {"no_proxy", "NO_PROXY", NULL};
	*out = (struct proxy){read_first(http), read_first(https), read_first(except)};
}

void proxy_clear(struct proxy *proxy)
{
	secret_free(proxy->http);
	secret_free(proxy->https);
	free(proxy->except);
	*proxy = (struct proxy){.http = NULL};
}

/* "example.com" and ".example.com" name the host and all below it; a dot at the end is nothing. */
static bool names_host(const char *item, size_t size, const char *host)
{
	size_t length = strlen(host);
	length -= length > 0 && host[length - 1] == '.' ? 1 : 0;
	size -= size > 0 && item[size - 1] == '.' ? 1 : 0;
	if (size > 0 && *item == '.') {
		item++;
		size--;
	}
	if (size == 0 || size > length || strncasecmp(host + length - size, item, size) != 0)
		return false;
	return size == length || host[length - size - 1] == '.';
}

static bool names_address(const char *item, size_t size, const struct address *address)
{
	struct address_range range;
	CLEANUP(free_at) char *text = memory_copy_span(item, size);
	return address_range_read(text, &range) && address_range_holds(&range, address);
}

bool proxy_is_excepted(const char *except, const char *host)
{
	struct address address;
	bool is_literal = address_parse(host, &address);
	if (strcmp(except, "*") == 0)
		return true;
	for (const char *at = except + strspn(except, ", "); *at != '\0'; at += strspn(at, ", ")) {
		size_t size = strcspn(at, ", ");
		if (is_literal ? names_address(at, size, &address) : names_host(at, size, host))
			return true;
		at += size;
	}
	return false;
}

const char *proxy_for(const struct proxy *proxy, const struct url *url)
{
	const char *through = url_is_https(url) ? proxy->https : proxy->http;
	if (through == NULL || (proxy->except != NULL && proxy_is_excepted(proxy->except, url->host)))
		return NULL;
	return through;
}
