#include "login_file.h"

#include <stdint.h>
#include <string.h>

#include "layerproof/base64.h"
#include "layerproof/memory.h"
#include "layerproof/node.h"
#include "secret.h"
#include "server_name.h"

struct login_file {
	enum login_file_shape shape;
	char *name;
	json_t *value;
};

struct login_file *login_file_parse(const void *bytes, size_t size, enum login_file_shape shape,
									const char *name, struct error *err)
{
	json_t *value = secret_parse(bytes, size, name, err);
	if (value == NULL)
		return NULL;
	struct node root = node_root(value, name);
	if (node_expect_object(&root, err) != 0) {
		secret_json_free(value);
		return NULL;
	}
	struct login_file *file = memory_alloc(1, sizeof *file);
	*file = (struct login_file){
		.shape = shape,
		.name = memory_copy_text(name),
		.value = value,
	};
	return file;
}

void login_file_free(struct login_file *file)
{
	if (file == NULL)
		return;
	secret_json_free(file->value);
	free(file->name);
	free(file);
}

/* A search through the names of a registry. */
struct search {
	const struct node *object;
	struct node found;
};

static bool visit_member(const char *name, void *context)
{
	struct search *search = context;
	struct error ignored; /* optional members have no error */
	return node_member(search->object, name, NODE_OPTIONAL, &search->found, &ignored) == 0 &&
		   node_is_set(&search->found);
}

/* Whether any of the members may stand for the host: most files know nothing of most hosts, and
 * every request to a registry asks. */
static bool may_know(const struct node *object, const char *host)
{
	const char *part = server_name_common_part(host);
	struct node member;
	for (void *position = NULL; node_next_member(object, &position, &member);) {
		if (strstr(member.member, part) != NULL)
			return true;
	}
	return false;
}

/* The member of `object` that stands for the repository or its registry. */
static bool find_member(const struct node *object, const char *host, const char *repository,
						struct node *out)
{
	struct search search = {.object = object};
	if (!node_is_set(object) || !may_know(object, host) ||
		!server_name_visit(host, repository, visit_member, &search))
		return false;
	*out = search.found;
	out->member = host; /* in error texts; the name that was found is gone by then */
	return true;
}

/* An empty text is what `docker login` leaves where a helper keeps the secret, and what turns a
 * helper off for one host. */
static const char *unless_empty(const char *text)
{
	return text == NULL || *text == '\0' ? NULL : text;
}

int login_file_helper(const struct login_file *file, const char *host, const char *repository,
					  const char **suffix, struct error *err)
{
	struct node root = node_root(file->value, file->name);
	struct node helpers;
	struct node found;
	*suffix = NULL;
	if (file->shape == LOGIN_FILE_BARE)
		return 0;
	if (node_member_object(&root, "credHelpers", NODE_OPTIONAL, &helpers, err) != 0)
		return -1;
	int result = find_member(&helpers, host, repository, &found)
					 ? node_text(&found, suffix, err)
					 : node_member_text(&root, "credsStore", NODE_OPTIONAL, suffix, err);
	*suffix = unless_empty(*suffix);
	return result;
}

/* Go's decoder, which docker has, reads on over the line ends that base64(1) makes. */
static char *without_line_ends(const char *text)
{
	char *copy = memory_copy_text(text);
	size_t size = 0;
	for (const char *from = text; *from != '\0'; from++) {
		if (*from != '\r' && *from != '\n')
			copy[size++] = *from;
	}
	copy[size] = '\0';
	return copy;
}

/* "user:password" in base64; old docker clients left NULs behind it. */
static int read_auth(const struct node *entry, const char *auth, struct credential *out,
					 struct error *err)
{
	CLEANUP(secret_free_at) char *text = without_line_ends(auth);
	size_t encoded = strlen(text);
	size_t size = 0;
	CLEANUP(secret_free_at) char *pair = memory_alloc(BASE64_DECODED_ROOM(encoded) + 1, 1);
	if (base64_decode(BASE64_STANDARD, text, encoded, (uint8_t *)pair, &size) != 0)
		return node_error(entry, err, "auth is not base64");
	pair[size] = '\0';
	const char *colon = strchr(pair, ':');
	if (colon == NULL)
		return node_error(entry, err, "auth has no colon");
	out->username = memory_copy_span(pair, (size_t)(colon - pair));
	out->password = memory_copy_text(colon + 1);
	return 0;
}

static int read_text(const struct node *entry, const char *name, const char **out,
					 struct error *err)
{
	int result = node_member_text(entry, name, NODE_OPTIONAL, out, err);
	*out = unless_empty(*out);
	return result;
}

static int read_entry(const struct node *entry, struct credential *out, struct error *err)
{
	const char *auth = NULL;
	const char *username = NULL;
	const char *password = NULL;
	const char *identity = NULL;
	const char *registry = NULL;
	if (node_expect_object(entry, err) != 0 || read_text(entry, "auth", &auth, err) != 0 ||
		read_text(entry, "username", &username, err) != 0 ||
		read_text(entry, "password", &password, err) != 0 ||
		read_text(entry, "identitytoken", &identity, err) != 0 ||
		read_text(entry, "registrytoken", &registry, err) != 0)
		return -1;
	if (auth != NULL && read_auth(entry, auth, out, err) != 0)
		return -1;
	if (auth == NULL && username != NULL && password != NULL) {
		out->username = memory_copy_text(username);
		out->password = memory_copy_text(password);
	}
	out->identity_token = memory_copy_text(identity);
	out->registry_token = memory_copy_text(registry);
	return 0;
}

int login_file_find(const struct login_file *file, const char *host, const char *repository,
					struct credential *out, struct error *err)
{
	struct node root = node_root(file->value, file->name);
	struct node logins = root;
	struct node found;
	if (file->shape == LOGIN_FILE_WRAPPED &&
		node_member_object(&root, "auths", NODE_OPTIONAL, &logins, err) != 0)
		return -1;
	return find_member(&logins, host, repository, &found) ? read_entry(&found, out, err) : 0;
}
