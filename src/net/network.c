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
	struct network *network = memory_alloc(1, sizeof *network);
	network->times = complete_times(&options->times);
	network->plain_http = copy_list(options->plain_http);
	network->ca_file = memory_copy_text(ca_file);
	network->hosts = hosts_new();
	network->tokens = tokens_new();
	network->credentials = credentials_new();
	network->warnings = warnings_new();
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
	hosts_free(network->hosts);
	tokens_free(network->tokens);
	credentials_free(network->credentials);
	warnings_free(network->warnings);
	free(network);
}

bool network_allows_plain(const struct network *network, const struct url *url)
{
	if (address_is_loopback(url->host))
		return true;
	for (char *const *host = network->plain_http; *host != NULL; host++) {
		if (text_equal_fold(*host, url->host) || text_equal_fold(*host, url->authority) ||
			text_equal_fold(*host, url->label))
			return true;
	}
	return false;
}
