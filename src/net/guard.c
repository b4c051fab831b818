#include "guard.h"

#include <sys/socket.h>

static bool is_within_reach(struct guard *guard, const struct address *address)
{
	const char *what = NULL;
	if (reach_holds(&guard->reach, address, &what))
		return true;
	if (!guard->has_refused) {
		guard->has_refused = true;
		guard->address = *address;
		guard->what = what;
	}
	return false;
}

/* libcurl goes on to the next address of the name when it gets no socket. */
static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct guard *guard = context;
	struct address address;
	bool is_known = purpose == CURLSOCKTYPE_IPCXN && address_of_socket(&to->addr, &address);
	if (!guard->is_proxied && (!is_known || !is_within_reach(guard, &address)))
		return CURL_SOCKET_BAD;
	guard->has_opened = true;
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

/* A connection that was opened for another registry may be out of reach for this one. One that was
 * opened just now has been asked for (0.0.0.0 becomes 127.0.0.1 by connecting to it). */
static int before_request(void *context, char *remote, char *local, int remote_port, int local_port)
{
	struct guard *guard = context;
	struct address address;
	(void)local;
	(void)remote_port;
	(void)local_port;
	if (guard->has_opened || guard->is_proxied ||
		(address_parse(remote, &address) && is_within_reach(guard, &address)))
		return CURL_PREREQFUNC_OK;
	guard->is_stale = true;
	return CURL_PREREQFUNC_ABORT;
}

void guard_install(CURL *easy, struct guard *guard)
{
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, guard);
	curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_request);
	curl_easy_setopt(easy, CURLOPT_PREREQDATA, guard);
}

void guard_begin(struct guard *guard, const struct reach *reach, const char *proxy)
{
	*guard = (struct guard){.reach = *reach, .is_proxied = proxy != NULL};
}

bool guard_has_stopped(const struct guard *guard)
{
	return guard->has_refused && !guard->has_opened;
}

bool guard_is_public(const struct guard *guard, CURL *easy, const struct url *url)
{
	struct address address;
	const char *what = NULL;
	char *remote = NULL;
	if (guard->is_proxied)
		return address_parse(url->host, &address) ? address_class(&address, &what) == ADDRESS_PUBLIC
												  : !address_is_localhost(url->host);
	curl_easy_getinfo(easy, CURLINFO_PRIMARY_IP, &remote);
	return remote == NULL || !address_parse(remote, &address) ||
		   address_class(&address, &what) == ADDRESS_PUBLIC;
}

void guard_explain(const struct guard *guard, const struct url *url, const struct url *registry,
				   struct error *err)
{
	char text[ADDRESS_TEXT_SIZE];
	address_write(&guard->address, text);
	if (url_same_origin(url, registry))
		error_set(err, ERROR_UNREACHABLE, "%s: %s is %s, refused without --allow-net", url->label,
				  text, guard->what);
	else
		error_set(err, ERROR_UNREACHABLE, "%s: %s is %s, refused where %s leads to it", url->label,
				  text, guard->what, registry->label);
}
