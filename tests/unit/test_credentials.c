#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "layerproof/log.h"
#include "layerproof/memory.h"
#include "net/credentials.h"

static const char *const VARIABLES[] = {"DOCKER_AUTH_CONFIG", "REGISTRY_AUTH_FILE",
										"XDG_RUNTIME_DIR",    "XDG_CONFIG_HOME",
										"DOCKER_CONFIG",      "HOME"};

static char folder[64];

static char *path_in_folder(const char *name)
{
	return memory_format("%s/%s", folder, name);
}

static void write_file(const char *name, const char *text, mode_t mode)
{
	CLEANUP(free_at) char *path = path_in_folder(name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static void make_folder(const char *name)
{
	CLEANUP(free_at) char *path = path_in_folder(name);
	assert_int_equal(mkdir(path, 0700), 0);
}

/* An empty home, and none of the variables that lead elsewhere. */
static int set_up(void **state)
{
	(void)state;
	(void)snprintf(folder, sizeof folder, "/tmp/test_credentials.XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	for (size_t i = 0; i < sizeof VARIABLES / sizeof VARIABLES[0]; i++)
		unsetenv(VARIABLES[i]);
	setenv("HOME", folder, 1);
	CLEANUP(free_at) char *runtime = path_in_folder("run");
	setenv("XDG_RUNTIME_DIR", runtime, 1);
	CLEANUP(free_at) char *search = memory_format("%s:/usr/bin:/bin", folder);
	setenv("PATH", search, 1);
	make_folder(".docker");
	make_folder("run");
	make_folder("run/containers");
	log_set_level(LOG_QUIET);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	CLEANUP(free_at) char *command = memory_format("rm -rf '%s'", folder);
	return system(command);
}

static void check_login(const char *host, const char *repository, const char *username,
						const char *password)
{
	struct credentials *credentials = credentials_new();
	struct credential credential;
	credentials_find(credentials, host, repository, &credential);
	if (username == NULL) {
		assert_false(credential_is_set(&credential));
	} else {
		assert_string_equal(credential.username, username);
		assert_string_equal(credential.password, password);
	}
	credential_clear(&credential);
	credentials_free(credentials);
}

static void test_nothing_stored(void **state)
{
	(void)state;
	check_login("ghcr.io", "a/b", NULL, NULL);
}

static void test_docker_config(void **state)
{
	(void)state;
	/* "ann:se:cret" and "bob:word\0\0" */
	write_file(".docker/config.json",
			   "{\"auths\":{\"ghcr.io\":{\"auth\":\"YW5uOnNlOmNyZXQ=\"},"
			   "\"https://index.docker.io/v1/\":{\"auth\":\"Ym9iOndvcmQAAA==\"},"
			   "\"https://old.example/v2/\":{\"username\":\"eve\",\"password\":\"p\"},"
			   "\"kept.example\":{}}}",
			   0600);
	check_login("ghcr.io", "a/b", "ann", "se:cret");
	check_login("registry-1.docker.io", "library/ubuntu", "bob", "word");
	check_login("docker.io", "library/ubuntu", "bob", "word");
	check_login("old.example", "a", "eve", "p");
	check_login("kept.example", "a", NULL, NULL);
	check_login("ghcr.io.example", "a", NULL, NULL);
	check_login("ghcr.io:5000", "a", NULL, NULL);
}

static void test_podman_keys_may_name_a_namespace(void **state)
{
	(void)state;
	write_file("run/containers/auth.json",
			   "{\"auths\":{\"quay.io\":{\"auth\":\"aG9zdDpw\"},"
			   "\"quay.io/team\":{\"auth\":\"dGVhbTpw\"},"
			   "\"quay.io/team/app\":{\"auth\":\"YXBwOnA=\"}}}",
			   0600);
	check_login("quay.io", "team/app", "app", "p");
	check_login("quay.io", "team/app/deep", "app", "p");
	check_login("quay.io", "team/application", "team", "p");
	check_login("quay.io", "other/app", "host", "p");
}

static void test_the_order_of_the_files(void **state)
{
	(void)state;
	write_file(".docker/config.json", "{\"auths\":{\"h\":{\"auth\":\"ZG9ja2VyOnA=\"}}}", 0600);
	check_login("h", "a", "docker", "p");
	write_file("run/containers/auth.json", "{\"auths\":{\"h\":{\"auth\":\"cG9kbWFuOnA=\"}}}", 0600);
	check_login("h", "a", "podman", "p");
	setenv("DOCKER_AUTH_CONFIG", "{\"auths\":{\"h\":{\"auth\":\"ZW52OnA=\"}}}", 1);
	check_login("h", "a", "env", "p");
	setenv("DOCKER_AUTH_CONFIG", "{\"auths\":{}}", 1);
	check_login("h", "a", "podman", "p");
}

static void test_a_named_file_ends_the_search(void **state)
{
	(void)state;
	write_file(".docker/config.json", "{\"auths\":{\"h\":{\"auth\":\"ZG9ja2VyOnA=\"}}}", 0600);
	write_file("named.json", "{\"auths\":{\"other\":{\"auth\":\"bmFtZWQ6cA==\"}}}", 0600);
	CLEANUP(free_at) char *path = path_in_folder("named.json");
	setenv("REGISTRY_AUTH_FILE", path, 1);
	check_login("other", "a", "named", "p");
	check_login("h", "a", NULL, NULL);
}

static void test_a_docker_config_elsewhere_and_the_old_file(void **state)
{
	(void)state;
	make_folder("elsewhere");
	write_file("elsewhere/config.json", "{\"auths\":{\"h\":{\"auth\":\"ZG9ja2VyOnA=\"}}}", 0600);
	write_file(".dockercfg", "{\"https://old\":{\"auth\":\"b2xkOnA=\"}}", 0600);
	CLEANUP(free_at) char *path = path_in_folder("elsewhere");
	setenv("DOCKER_CONFIG", path, 1);
	check_login("h", "a", "docker", "p");
	check_login("old", "a", "old", "p");
}

static void test_a_broken_file_does_not_hide_another(void **state)
{
	(void)state;
	write_file("run/containers/auth.json", "{\"auths\":", 0600);
	write_file(".docker/config.json", "{\"auths\":{\"h\":{\"auth\":\"ZG9ja2VyOnA=\"}}}", 0600);
	check_login("h", "a", "docker", "p");
	write_file("run/containers/auth.json", "{\"auths\":{\"h\":{\"auth\":\"%%%\"}}}", 0600);
	check_login("h", "a", "docker", "p");
}

static void test_tokens(void **state)
{
	(void)state;
	write_file(".docker/config.json",
			   "{\"auths\":{\"a\":{\"identitytoken\":\"refresh\"},"
			   "\"b\":{\"registrytoken\":\"ready\"}}}",
			   0600);
	struct credentials *credentials = credentials_new();
	struct credential credential;
	credentials_find(credentials, "a", "x", &credential);
	assert_string_equal(credential.identity_token, "refresh");
	assert_null(credential.username);
	credential_clear(&credential);
	credentials_find(credentials, "b", "x", &credential);
	assert_string_equal(credential.registry_token, "ready");
	credential_clear(&credential);
	credentials_free(credentials);
}

static void test_helpers(void **state)
{
	(void)state;
	write_file("docker-credential-one",
			   "#!/bin/sh\nread -r server\nexec 2>&1\n"
			   "printf '{\"ServerURL\":\"x\",\"Username\":\"%s\",\"Secret\":\"%s\"}' $1 $server\n",
			   0700);
	write_file("docker-credential-all",
			   "#!/bin/sh\nread -r server\n"
			   "[ \"$server\" = inline ] && echo credentials not found && exit 1\n"
			   "printf '{\"Username\":\"<token>\",\"Secret\":\"identity\"}'\n",
			   0700);
	write_file(".docker/config.json",
			   "{\"credHelpers\":{\"h\":\"one\",\"docker.io\":\"one\",\"off\":\"\"},"
			   "\"credsStore\":\"all\",\"auths\":{\"inline\":{\"auth\":\"ZG9ja2VyOnA=\"},"
			   "\"off\":{\"auth\":\"b2ZmOnA=\"},\"h\":{\"auth\":\"ZG9ja2VyOnA=\"}}}",
			   0600);
	check_login("h", "a", "get", "h");
	check_login("registry-1.docker.io", "library/x", "get", "https://index.docker.io/v1/");
	check_login("inline", "a", "docker", "p");
	check_login("off", "a", "off", "p");
	struct credentials *credentials = credentials_new();
	struct credential credential;
	credentials_find(credentials, "stranger", "a", &credential);
	assert_string_equal(credential.identity_token, "identity");
	credential_clear(&credential);
	credentials_free(credentials);
}

static void test_a_helper_that_fails_means_no_login(void **state)
{
	(void)state;
	static const char *const scripts[] = {
		"#!/bin/sh\necho credentials not found in native keychain; exit 1\n",
		"#!/bin/sh\necho boom; exit 3\n",
		"#!/bin/sh\necho not json\n",
		"#!/bin/sh\nyes | head -c 100000\n",
		"#!/bin/sh\nkill -9 $$\n",
	};
	write_file(".docker/config.json", "{\"credsStore\":\"bad\"}", 0600);
	for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++) {
		write_file("docker-credential-bad", scripts[i], 0700);
		check_login("h", "a", NULL, NULL);
	}
}

/* A helper is run once for a server, whatever it says. */
static void test_a_helper_is_asked_once(void **state)
{
	(void)state;
	write_file("docker-credential-count", "#!/bin/sh\necho asked >>\"$HOME/count\"; exit 1\n",
			   0700);
	write_file(".docker/config.json", "{\"credsStore\":\"count\"}", 0600);
	struct credentials *credentials = credentials_new();
	struct credential credential;
	for (int i = 0; i < 3; i++) {
		credentials_find(credentials, "h", "a", &credential);
		assert_string_equal(credential.trouble, "docker-credential-count: failed: exit code 1");
		credential_clear(&credential);
	}
	credentials_free(credentials);
	struct stat count;
	CLEANUP(free_at) char *path = path_in_folder("count");
	assert_int_equal(stat(path, &count), 0);
	assert_int_equal(count.st_size, strlen("asked\n"));
}

struct asking {
	struct credentials *credentials;
	const char *host;
	atomic_int *sent;
};

/* A helper that is slow holds up nobody but those who want the same answer: that of "one" ends only
 * after that of "two" was run. */
static void *ask_helper(void *context)
{
	const struct asking *asking = context;
	struct credential credential;
	credentials_find(asking->credentials, asking->host, "a", &credential);
	assert_string_equal(credential.password, asking->host);
	credential_clear(&credential);
	return NULL;
}

static void test_helpers_are_waited_for_apart(void **state)
{
	(void)state;
	write_file("docker-credential-turn",
			   "#!/bin/sh\nread -r server\necho \"$server\" >>\"$HOME/$server\"\n"
			   "while [ \"$server\" = one ] && [ ! -e \"$HOME/two\" ]; do sleep 0.01; done\n"
			   "printf '{\"Username\":\"u\",\"Secret\":\"%s\"}' $server\n",
			   0700);
	write_file(".docker/config.json", "{\"credsStore\":\"turn\"}", 0600);
	struct credentials *credentials = credentials_new();
	struct asking asking[] = {{.credentials = credentials, .host = "one"},
							  {.credentials = credentials, .host = "one"},
							  {.credentials = credentials, .host = "two"}};
	pthread_t threads[3];
	for (int i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, ask_helper, &asking[i]), 0);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	credentials_free(credentials);
	struct stat count;
	CLEANUP(free_at) char *path = path_in_folder("one");
	assert_int_equal(stat(path, &count), 0);
	assert_int_equal(count.st_size, strlen("one\n"));
}

static void find_ann(struct credentials *credentials, struct credential *out)
{
	credentials_find(credentials, "h", "a", out);
	assert_string_equal(out->username, "ann");
}

static struct credentials *with_ann(void)
{
	write_file(".docker/config.json",
			   "{\"auths\":{\"h\":{\"username\":\"ann\",\"password\":\"p\"}}}", 0600);
	return credentials_new();
}

static void test_a_refused_login_is_given_no_more(void **state)
{
	(void)state;
	struct credentials *credentials = with_ann();
	struct credential credential;
	find_ann(credentials, &credential);
	credentials_refuse(credentials, "other", &credential);
	credential_clear(&credential);
	find_ann(credentials, &credential);
	credentials_refuse(credentials, "h", &credential);
	credential_clear(&credential);
	credentials_find(credentials, "h", "a", &credential);
	assert_false(credential_is_set(&credential));
	assert_string_equal(credential.trouble, "the stored login was refused");
	credential_clear(&credential);
	credentials_find_any(credentials, "h", "a", &credential);
	assert_string_equal(credential.password, "p");
	credential_clear(&credential);
	credentials_free(credentials);
}

static void test_a_login_that_was_taken_once_stays(void **state)
{
	(void)state;
	struct credentials *credentials = with_ann();
	struct credential credential;
	find_ann(credentials, &credential);
	credentials_accept(credentials, "h", &credential);
	credentials_refuse(credentials, "h", &credential);
	credential_clear(&credential);
	find_ann(credentials, &credential);
	credential_clear(&credential);
	credentials_free(credentials);
}

/* Of many who want to send it at once, one does; it is refused, and no other sends it. */
static void *send_login(void *context)
{
	const struct asking *asking = context;
	struct credential credential;
	credentials_find(asking->credentials, "h", "a", &credential);
	if (credential_is_set(&credential) &&
		credentials_claim(asking->credentials, "h", &credential)) {
		atomic_fetch_add(asking->sent, 1);
		usleep(50000);
		credentials_refuse(asking->credentials, "h", &credential);
	}
	credential_clear(&credential);
	return NULL;
}

static void test_a_wrong_password_goes_out_once(void **state)
{
	(void)state;
	enum { THREADS = 8 };
	atomic_int sent = 0;
	struct asking asking = {.credentials = with_ann(), .sent = &sent};
	pthread_t threads[THREADS];
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, send_login, &asking), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(atomic_load(&sent), 1);
	credentials_free(asking.credentials);
}

/* Where the first try gives no verdict, the others need not wait for each other. */
static void test_a_trial_without_a_verdict_opens_the_way(void **state)
{
	(void)state;
	struct credentials *credentials = with_ann();
	struct credential credential;
	find_ann(credentials, &credential);
	assert_true(credentials_claim(credentials, "h", &credential));
	credentials_leave(credentials, "h", &credential);
	assert_true(credentials_claim(credentials, "h", &credential));
	assert_true(credentials_claim(credentials, "h", &credential));
	credential_clear(&credential);
	credentials_free(credentials);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_nothing_stored),
		TEST(test_docker_config),
		TEST(test_podman_keys_may_name_a_namespace),
		TEST(test_the_order_of_the_files),
		TEST(test_a_named_file_ends_the_search),
		TEST(test_a_docker_config_elsewhere_and_the_old_file),
		TEST(test_a_broken_file_does_not_hide_another),
		TEST(test_tokens),
		TEST(test_helpers),
		TEST(test_a_helper_that_fails_means_no_login),
		TEST(test_a_helper_is_asked_once),
		TEST(test_helpers_are_waited_for_apart),
		TEST(test_a_refused_login_is_given_no_more),
		TEST(test_a_login_that_was_taken_once_stays),
		TEST(test_a_wrong_password_goes_out_once),
		TEST(test_a_trial_without_a_verdict_opens_the_way),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
