#include "credentials.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "helper.h"
#include "layerproof/buffer.h"
#include "layerproof/limits.h"
#include "layerproof/log.h"
#include "layerproof/memory.h"
#include "layerproof/reader.h"
#include "login_file.h"
#include "server_name.h"
#include "table.h"

enum { FILES_MAX = 5 }; /* the places named in the header */

struct credentials {
	pthread_mutex_t lock;
	bool loaded;
	struct login_file *files[FILES_MAX]; /* in the order of the search */
	size_t file_count;
	struct table *answers; /* of struct credential: what a helper said of a server */
};

static void answer_free(void *value)
{
	credential_clear(value);
	free(value);
}

struct credentials *credentials_new(void)
{
	struct credentials *credentials = memory_alloc(1, sizeof *credentials);
	pthread_mutex_init(&credentials->lock, NULL);
	credentials->answers = table_new(LIMIT_HOSTS_KEPT, answer_free);
	return credentials;
}

void credentials_free(struct credentials *credentials)
{
	if (credentials == NULL)
		return;
	for (size_t i = 0; i < credentials->file_count; i++)
		login_file_free(credentials->files[i]);
	table_free(credentials->answers);
	pthread_mutex_destroy(&credentials->lock);
	free(credentials);
}

static void add_text(struct credentials *credentials, const char *bytes, size_t size,
					 enum login_file_shape shape, const char *name)
{
	struct error error;
	struct login_file *file = login_file_parse(bytes, size, shape, name, &error);
	if (file == NULL)
		log_warning("%s; no login is taken from it", error.text);
	else
		credentials->files[credentials->file_count++] = file;
}

enum need { FILE_MAY_BE_MISSING, FILE_WAS_NAMED };

static void add_file(struct credentials *credentials, const char *path, enum login_file_shape shape,
					 enum need need)
{
	struct error error;
	int descriptor = open(path, O_RDONLY | O_CLOEXEC);
	if (descriptor < 0) {
		bool missing = errno == ENOENT || errno == ENOTDIR;
		if (need == FILE_WAS_NAMED || !missing)
			log_warning("%s: %s; no login is taken from it", path, strerror(errno));
		return;
	}
	CLEANUP(reader_close_at) struct reader *reader = reader_from_file(descriptor, 1, path);
	struct buffer bytes = BUFFER_INIT(LIMIT_CREDENTIALS_FILE);
	if (reader_read_all(reader, &bytes, &error) != 0)
		log_warning("%s; no login is taken from it", error.text);
	else
		add_text(credentials, bytes.bytes, bytes.size, shape, path);
	if (bytes.bytes != NULL)
		explicit_bzero(bytes.bytes, bytes.size);
	buffer_clear(&bytes);
}

/* A variable that is set and not empty, or NULL. */
static const char *environment(const char *name)
{
	const char *value = getenv(name);
	return value == NULL || *value == '\0' ? NULL : value;
}

static void add_at(struct credentials *credentials, const char *directory, const char *name,
				   enum login_file_shape shape)
{
	CLEANUP(free_at) char *path = memory_format("%s/%s", directory, name);
	add_file(credentials, path, shape, FILE_MAY_BE_MISSING);
}

static void add_podman_files(struct credentials *credentials, const char *home)
{
	const char *runtime = environment("XDG_RUNTIME_DIR");
	const char *config = environment("XDG_CONFIG_HOME");
	CLEANUP(free_at)
	char *directory = runtime != NULL
						  ? memory_format("%s/containers", runtime)
						  : memory_format("/run/containers/%lu", (unsigned long)getuid());
	add_at(credentials, directory, "auth.json", LOGIN_FILE_WRAPPED);
	if (config != NULL)
		add_at(credentials, config, "containers/auth.json", LOGIN_FILE_WRAPPED);
	else if (home != NULL)
		add_at(credentials, home, ".config/containers/auth.json", LOGIN_FILE_WRAPPED);
}

static void add_docker_files(struct credentials *credentials, const char *home)
{
	const char *docker = environment("DOCKER_CONFIG");
	if (docker != NULL)
		add_at(credentials, docker, "config.json", LOGIN_FILE_WRAPPED);
	else if (home != NULL)
		add_at(credentials, home, ".docker/config.json", LOGIN_FILE_WRAPPED);
	if (home != NULL)
		add_at(credentials, home, ".dockercfg", LOGIN_FILE_BARE);
}

static void load(struct credentials *credentials)
{
	const char *text = environment("DOCKER_AUTH_CONFIG");
	const char *named = environment("REGISTRY_AUTH_FILE");
	const char *home = environment("HOME");
	if (text != NULL)
		add_text(credentials, text, strlen(text), LOGIN_FILE_WRAPPED, "DOCKER_AUTH_CONFIG");
	if (named != NULL) {
		add_file(credentials, named, LOGIN_FILE_WRAPPED, FILE_WAS_NAMED);
		return;
	}
	add_podman_files(credentials, home);
	add_docker_files(credentials, home);
}

/* Each helper is run once for a server, also when it fails: it may ask a person, or be slow. */
static void ask_helper(struct credentials *credentials, const char *suffix, const char *host,
					   struct credential *out)
{
	struct error error;
	const char *server = server_name_for_helper(host);
	CLEANUP(free_at) char *name = memory_format("%s %s", suffix, server);
	struct credential *answer = table_get(credentials->answers, name);
	if (answer == NULL) {
		answer = memory_alloc(1, sizeof *answer);
		if (helper_get(suffix, server, answer, &error) != 0)
			log_verbose("%s: no login from its helper: %s", host, error.text);
		table_set(credentials->answers, name, answer);
	}
	credential_copy(answer, out);
}

static int find_in_file(struct credentials *credentials, const struct login_file *file,
						const char *host, const char *repository, struct credential *out,
						struct error *err)
{
	const char *suffix = NULL;
	if (login_file_helper(file, host, repository, &suffix, err) != 0)
		return -1;
	if (suffix != NULL)
		ask_helper(credentials, suffix, host, out);
	if (!credential_is_set(out) && login_file_find(file, host, repository, out, err) != 0)
		return -1;
	if (credential_is_set(out))
		return 0;
	if (login_file_store(file, &suffix, err) != 0)
		return -1;
	if (suffix != NULL)
		ask_helper(credentials, suffix, host, out);
	return 0;
}

static void find_locked(struct credentials *credentials, const char *host, const char *repository,
						struct credential *out)
{
	struct error error;
	if (!credentials->loaded)
		load(credentials);
	credentials->loaded = true;
	for (size_t i = 0; i < credentials->file_count && !credential_is_set(out); i++) {
		credential_clear(out);
		if (find_in_file(credentials, credentials->files[i], host, repository, out, &error) != 0)
			log_warning("%s; no login is taken from it", error.text);
	}
}

void credentials_find(struct credentials *credentials, const char *host, const char *repository,
					  struct credential *out)
{
	*out = (struct credential)CREDENTIAL_INIT;
	pthread_mutex_lock(&credentials->lock);
	find_locked(credentials, host, repository, out);
	pthread_mutex_unlock(&credentials->lock);
}
