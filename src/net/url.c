#include "url.h"

#include <ctype.h>
#include <curl/curl.h>
#include <string.h>

#include "layerproof/memory.h"
#include "layerproof/text.h"

static void handle_cleanup(CURLU **handle)
{
	curl_url_cleanup(*handle);
}

/* A part as an own copy, or NULL when the URL has none. */
static char *copy_part(CURLU *handle, CURLUPart part, unsigned int flags)
{
	char *text = NULL;
	if (curl_url_get(handle, part, &text, flags) != CURLUE_OK)
		return NULL;
	char *copy = memory_copy_text(text);
	curl_free(text);
	return copy;
}

static char *copy_host(CURLU *handle)
{
	char *host = copy_part(handle, CURLUPART_HOST, 0);
	for (char *c = host; c != NULL && *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	return host;
}

static bool is_web_scheme(const char *scheme)
{
	return scheme != NULL && (strcmp(scheme, "https") == 0 || strcmp(scheme, "http") == 0);
}

static int take_parts(CURLU *handle, struct url *out, struct error *err)
{
	struct url url = {
		.text = copy_part(handle, CURLUPART_URL, 0),
		.scheme = copy_part(handle, CURLUPART_SCHEME, 0),
		.host = copy_host(handle),
	};
	if (url.text == NULL || url.host == NULL || !is_web_scheme(url.scheme)) {
		url_clear(&url);
		return error_set(err, ERROR_MALFORMED, "not an http or https URL");
	}
	CLEANUP(free_at) char *written = copy_part(handle, CURLUPART_PORT, 0);
	CLEANUP(free_at) char *port = copy_part(handle, CURLUPART_PORT, CURLU_DEFAULT_PORT);
	CLEANUP(free_at) char *uncommon = copy_part(handle, CURLUPART_PORT, CURLU_NO_DEFAULT_PORT);
	url.has_port = written != NULL;
	url.authority = memory_format("%s:%s", url.host, port);
	url.label = uncommon == NULL ? memory_copy_text(url.host)
								 : memory_format("%s:%s", url.host, uncommon);
	*out = url;
	return 0;
}

static CURLUcode read_url(CURLU *handle, const char *text)
{
	CURLUcode code = curl_url_set(handle, CURLUPART_URL, text,
								  CURLU_DISALLOW_USER | CURLU_URLENCODE);
	(void)curl_url_set(handle, CURLUPART_FRAGMENT, NULL, 0);
	return code;
}

/* libcurl undoes the escapes of a host after it has looked for a numeric address: "127%2e1" is a
 * name at first, and the loopback address once its text is parsed again to connect to it. Only who
 * has something to hide writes a host so. */
static int check_host(const struct url *url, struct error *err)
{
	CLEANUP(handle_cleanup) CURLU *handle = curl_url();
	struct error ignored;
	struct url CLEANUP(url_clear) again = URL_INIT;
	if (handle != NULL && read_url(handle, url->text) == CURLUE_OK &&
		take_parts(handle, &again, &ignored) == 0 &&
		text_equal_fold(url->authority, again.authority))
		return 0;
	return error_set(err, ERROR_MALFORMED, "not a URL: its host is written with escapes");
}

/* `base` is NULL for an absolute URL. */
static int parse(const struct url *base, const char *text, struct url *out, struct error *err)
{
	CLEANUP(handle_cleanup) CURLU *handle = curl_url();
	if (handle == NULL)
		return error_set(err, ERROR_SYSTEM, "libcurl has no memory for a URL");
	if (base != NULL)
		(void)curl_url_set(handle, CURLUPART_URL, base->text, 0);
	CURLUcode code = read_url(handle, text);
	if (code != CURLUE_OK)
		return error_set(err, ERROR_MALFORMED, "not a URL: %s", curl_url_strerror(code));
	struct url url = URL_INIT;
	if (take_parts(handle, &url, err) != 0)
		return -1;
	if (strchr(text, '%') != NULL && check_host(&url, err) != 0) {
		url_clear(&url);
		return -1;
	}
	*out = url;
	return 0;
}

int url_parse(const char *text, struct url *out, struct error *err)
{
	return parse(NULL, text, out, err);
}

int url_resolve(const struct url *base, const char *text, struct url *out, struct error *err)
{
	return parse(base, text, out, err);
}

/* What libcurl's parser leaves as it is. */
static bool is_plain_path(const char *path)
{
	static const char PLAIN[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
								"/:_.-";
	return *path == '/' && path[strspn(path, PLAIN)] == '\0' && strstr(path, "/.") == NULL;
}

int url_at_root(const struct url *root, const char *path, struct url *out, struct error *err)
{
	size_t size = strlen(root->text) - 1; /* both have the slash between them */
	CLEANUP(free_at) char *text = memory_format("%.*s%s", (int)size, root->text, path);
	if (!is_plain_path(path))
		return url_parse(text, out, err);
	url_copy(root, out);
	free(out->text);
	out->text = STEAL(text);
	return 0;
}

void url_copy(const struct url *from, struct url *to)
{
	*to = (struct url){
		.text = memory_copy_text(from->text),
		.scheme = memory_copy_text(from->scheme),
		.host = memory_copy_text(from->host),
		.authority = memory_copy_text(from->authority),
		.label = memory_copy_text(from->label),
		.has_port = from->has_port,
	};
}

void url_clear(struct url *url)
{
	free(url->text);
	free(url->scheme);
	free(url->host);
	free(url->authority);
	free(url->label);
	*url = (struct url)URL_INIT;
}

bool url_is_https(const struct url *url)
{
	return strcmp(url->scheme, "https") == 0;
}

bool url_same_origin(const struct url *a, const struct url *b)
{
	return strcmp(a->scheme, b->scheme) == 0 && strcmp(a->authority, b->authority) == 0;
}

char *url_without_query(const struct url *url)
{
	return memory_copy_span(url->text, strcspn(url->text, "?"));
}
