#include "layerproof/network.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "address.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "layerproof/text.h"
#include "shared.h"

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;
static CURLcode curl_started = CURLE_FAILED_INIT;

/* Once a process: libcurl's own clean-up is left to the end of it, since others may use it too. */
static void start_curl(void)
{
	curl_started = curl_global_init(CURL_GLOBAL_ALL);
}

static char **copy_list(const char *const *list)
{
	size_t count = 0;
	while (list != NULL && list[count] != NULL)
		count++;
	char **copy = memory_alloc(count + 1, sizeof *copy);
	for (size_t i = 0; i < count; i++)
		copy[i] = memory_copy_text(list[i]);
	return copy;
}

/* The networks that the user names. */
static int read_allowed(const char *const *list, struct reach_allowed *out, struct error *err)
{
	size_t count = 0;
	while (list != NULL && list[count] != NULL)
		count++;
	*out = (struct reach_allowed){.ranges = memory_alloc(count + 1, sizeof *out->ranges)};
	for (; out->count < count; out->count++) {
		if (address_range_parse(list[out->count], &out->ranges[out->count], err) != 0) {
			free(out->ranges);
			return error_add_context(err, "--allow-net");
		}
	}
	return 0;
}

/* The file that the option, or else the variable that OpenSSL itself goes by, names. */
static const char *choose_ca_file(const struct network_options *options)
{
	if (options->ca_file != NULL)
		return options->ca_file;
	const char *variable = getenv("SSL_CERT_FILE");
	return variable == NULL || *variable == '\0' ? NULL : variable;
}

static int or_default(int seconds, int usual)
{
	return seconds > 0 ? seconds : usual;
}

static struct network_times complete_times(const struct network_times *times)
{
	return (struct network_times){
		.connect = or_default(times->connect, LIMIT_CONNECT_SECONDS),
		.idle = or_default(times->idle, LIMIT_IDLE_SECONDS),
		.request = or_default(times->request, LIMIT_REQUEST_SECONDS),
	};
}

struct network *network_new(const struct network_options *options, struct error *err)
{
	pthread_once(&curl_once, start_curl);
	if (curl_started != CURLE_OK) {
		error_set(err, ERROR_SYSTEM, "libcurl cannot start: %s", curl_easy_strerror(curl_started));
		return NULL;
	}
	const char *ca_file = choose_ca_file(options);
	if (ca_file != NULL && access(ca_file, R_OK) != 0) {
		error_set_errno(err, "certificate authorities: %s", ca_file);
		err->code = ERROR_USAGE;
		return NULL;
	}
	struct reach_allowed allowed;
	if (read_allowed(options->allow_net, &allowed, err) != 0)
		return NULL;
	struct network *network = memory_alloc(1, sizeof *network);
	network->times = complete_times(&options->times);
	network->allowed = allowed;
	proxy_read_environment(&network->proxy);
	network->plain_http = copy_list(options->plain_http);
	network->ca_file = memory_copy_text(ca_file);
	network->is_patient = options->is_patient;
	network->budget.max_requests = options->max_requests;
	network->budget.max_bytes = options->max_bytes;
	network->pace = pace_new(options->is_patient);
	network->hosts = hosts_new();
	network->challenges = challenges_new();
	network->habits = habits_new();
	network->tokens = tokens_new();
	network->credentials = credentials_new();
	network->warnings = warnings_new();
	network->traffic = traffic_new();
	return network;
}

void network_free(struct network *network)
{
	if (network == NULL)
		return;
	for (char **host = network->plain_http; *host != NULL; host++)
		free(*host);
	free(network->plain_http);
	free(network->ca_file);
	free(network->allowed.ranges);
	proxy_clear(&network->proxy);
	pace_free(network->pace);
	hosts_free(network->hosts);
	challenges_free(network->challenges);
	habits_free(network->habits);
	tokens_free(network->tokens);
	credentials_free(network->credentials);
	warnings_free(network->warnings);
	traffic_free(network->traffic);
	free(network);
}

struct pace *network_pace(struct network *network)
{
	return network->pace;
}

struct traffic *network_traffic(struct network *network)
{
	return network->traffic;
}

bool network_is_bounded(const struct network *network)
{
	return network->budget.max_requests > 0 || network->budget.max_bytes > 0;
}

bool network_has_spent_all(struct network *network)
{
	return atomic_load(&network->budget.has_refused);
}

bool network_allows_plain(const struct network *network, const struct url *url)
{
	return address_is_loopback(url->host) || network_names_plain(network, url);
}

bool network_names_plain(const struct network *network, const struct url *url)
{
	for (char *const *host = network->plain_http; *host != NULL; host++) {
		if (text_equal_fold(*host, url->host) || text_equal_fold(*host, url->authority) ||
			text_equal_fold(*host, url->label))
			return true;
	}
	return false;
}

int network_check_scheme(const struct network *network, const struct url *from,
						 const struct url *target, struct error *err)
{
	if (url_is_https(target))
		return 0;
	if (url_is_https(from))
		return error_set(err, ERROR_UNREACHABLE, "from https to http");
	if (network_allows_plain(network, target))
		return 0;
	return error_set(err, ERROR_UNREACHABLE, "%s by plain HTTP without --plain-http",
					 target->label);
}
