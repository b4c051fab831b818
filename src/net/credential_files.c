#include "credential_files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "layerproof/buffer.h"
#include "layerproof/limits.h"
#include "layerproof/log.h"
#include "layerproof/memory.h"
#include "layerproof/reader.h"
#include "secret.h"

struct loading {
	struct login_file **files;
	size_t count;
};

static void add_text(struct loading *loading, const char *bytes, size_t size,
					 enum login_file_shape shape, const char *name)
{
	struct error error;
	struct login_file *file = login_file_parse(bytes, size, shape, name, &error);
	if (file == NULL)
		log_warning("%s; no login is taken from it", error.text);
	else
		loading->files[loading->count++] = file;
}

enum need { FILE_MAY_BE_MISSING, FILE_WAS_NAMED };

static void add_file(struct loading *loading, const char *path, enum login_file_shape shape,
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
		add_text(loading, bytes.bytes, bytes.size, shape, path);
	secret_buffer_clear(&bytes);
}

/* A variable that is set and not empty, or NULL. */
static const char *environment(const char *name)
{
	const char *value = getenv(name);
	return value == NULL || *value == '\0' ? NULL : value;
}

static void add_at(struct loading *loading, const char *directory, const char *name,
				   enum login_file_shape shape)
{
	CLEANUP(free_at) char *path = memory_format("%s/%s", directory, name);
	add_file(loading, path, shape, FILE_MAY_BE_MISSING);
}

static void add_podman_files(struct loading *loading, const char *home)
{
	const char *runtime = environment("XDG_RUNTIME_DIR");
	const char *config = environment("XDG_CONFIG_HOME");
	CLEANUP(free_at)
	char *directory = runtime != NULL
						  ? memory_format("%s/containers", runtime)
						  : memory_format("/run/containers/%lu", (unsigned long)getuid());
	add_at(loading, directory, "auth.json", LOGIN_FILE_WRAPPED);
	if (config != NULL)
		add_at(loading, config, "containers/auth.json", LOGIN_FILE_WRAPPED);
	else if (home != NULL)
		add_at(loading, home, ".config/containers/auth.json", LOGIN_FILE_WRAPPED);
}

static void add_docker_files(struct loading *loading, const char *home)
{
	const char *docker = environment("DOCKER_CONFIG");
	if (docker != NULL)
		add_at(loading, docker, "config.json", LOGIN_FILE_WRAPPED);
	else if (home != NULL)
		add_at(loading, home, ".docker/config.json", LOGIN_FILE_WRAPPED);
	if (home != NULL)
		add_at(loading, home, ".dockercfg", LOGIN_FILE_BARE);
}

size_t credential_files_load(struct login_file *files[static CREDENTIAL_FILES_MAX])
{
	struct loading loading = {.files = files};
	const char *text = environment("DOCKER_AUTH_CONFIG");
	const char *named = environment("REGISTRY_AUTH_FILE");
	const char *home = environment("HOME");
	secret_forbid_core_files();
	if (text != NULL)
		add_text(&loading, text, strlen(text), LOGIN_FILE_WRAPPED, "DOCKER_AUTH_CONFIG");
	if (named != NULL) {
		add_file(&loading, named, LOGIN_FILE_WRAPPED, FILE_WAS_NAMED);
		return loading.count;
	}
	add_podman_files(&loading, home);
	add_docker_files(&loading, home);
	return loading.count;
}
