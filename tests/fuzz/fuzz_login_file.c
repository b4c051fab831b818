/*
 * fuzz_login_file: a file of stored logins, of either shape, gives for every registry a login,
 * none, or an error that names the file; a password never stands without its name.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "layerproof/memory.h"
#include "net/login_file.h"
#include "net/secret.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
	if (!condition)
		abort();
}

static void check_error(const struct error *err)
{
	require(err->code == ERROR_MALFORMED || err->code == ERROR_OVER_LIMIT);
	require(strncmp(err->text, "file", 4) == 0);
}

static void check_login(const struct login_file *file, const char *host, const char *repository)
{
	struct error err = ERROR_INIT;
	struct credential found = CREDENTIAL_INIT;
	const char *suffix = NULL;
	if (login_file_helper(file, host, repository, &suffix, &err) != 0)
		check_error(&err);
	else
		require(suffix == NULL || *suffix != '\0');
	if (login_file_find(file, host, repository, &found, &err) != 0) {
		check_error(&err);
	} else if (credential_is_set(&found)) {
		char fingerprint[CREDENTIAL_FINGERPRINT_SIZE];
		require((found.username == NULL) == (found.password == NULL));
		require(strlen(credential_fingerprint(&found, fingerprint)) == strlen("sha256:") + 64);
	}
	credential_clear(&found);
}

static void check_shape(const uint8_t *data, size_t size, enum login_file_shape shape)
{
	struct error err = ERROR_INIT;
	struct login_file *file = login_file_parse(data, size, shape, "file", &err);
	if (file == NULL) {
		check_error(&err);
		return;
	}
	check_login(file, "ghcr.io", "ns/app");
	check_login(file, "registry-1.docker.io", "library/ubuntu");
	check_login(file, "localhost:5000", "a");
	login_file_free(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_shape(data, size, LOGIN_FILE_WRAPPED);
	check_shape(data, size, LOGIN_FILE_BARE);
	return 0;
}
