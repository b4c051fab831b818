#include "layerproof/image_texts.h"

#include <string.h>

#include "layerproof/limits.h"
#include "layerproof/memory.h"

/* Members of a configuration's `config` that are a text, a list of texts, or an object whose
 * members' names are the texts. */
static const struct plain_member {
	const char *member;
	const char *kind;
} plain_members[] = {
	{"User", "user"},
	{"WorkingDir", "working_dir"},
	{"Entrypoint", "entrypoint"},
	{"Cmd", "cmd"},
	{"Shell", "shell"},
	{"OnBuild", "onbuild"},
	{"Volumes", "volume"},
	{"Hostname", "hostname"},
	{"Domainname", "domainname"},
};

static void tell(const struct image_texts_listener *listener, const char *kind, const char *name,
				 const char *text)
{
	const struct image_text heard = {.kind = kind, .name = name, .text = text};
	if (text != NULL && *text != '\0')
		listener->heard(listener->context, &heard);
}

static void tell_plain(const struct node *node, const char *kind,
					   const struct image_texts_listener *listener)
{
	void *position = NULL;
	struct node member;
	tell(listener, kind, NULL, node_peek_text(node));
	for (size_t i = 0; i < node_count(node); i++) {
		struct node element = node_element(node, i);
		tell(listener, kind, NULL, node_peek_text(&element));
	}
	while (node_next_member(node, &position, &member))
		tell(listener, kind, NULL, member.member);
}

/* Labels and annotations. */
static void tell_pairs(const struct node *pairs, const char *kind,
					   const struct image_texts_listener *listener)
{
	void *position = NULL;
	struct node pair;
	while (node_next_member(pairs, &position, &pair)) {
		tell(listener, kind, pair.member, pair.member);
		tell(listener, kind, pair.member, node_peek_text(&pair));
	}
}

/* NAME=VALUE */
static void tell_variable(const char *text, const struct image_texts_listener *listener)
{
	size_t size = strcspn(text, "=");
	CLEANUP(free_at) char *name = memory_copy_span(text, size);
	tell(listener, "env", name, name);
	if (text[size] == '=')
		tell(listener, "env", name, text + size + 1);
}

static void tell_environment(const struct node *environment,
							 const struct image_texts_listener *listener)
{
	for (size_t i = 0; i < node_count(environment); i++) {
		struct node variable = node_element(environment, i);
		const char *text = node_peek_text(&variable);
		if (text != NULL)
			tell_variable(text, listener);
	}
}

/* A manifest's `config` is a descriptor, an image's holds what the container is to be. */
static void tell_config(const struct node *config, const struct image_texts_listener *listener)
{
	for (size_t i = 0; i < sizeof(plain_members) / sizeof(plain_members[0]); i++) {
		struct node member = node_find(config, plain_members[i].member);
		tell_plain(&member, plain_members[i].kind, listener);
	}
	struct node annotations = node_find(config, "annotations");
	struct node environment = node_find(config, "Env");
	struct node labels = node_find(config, "Labels");
	struct node check = node_find(config, "Healthcheck");
	struct node test = node_find(&check, "Test");
	tell_pairs(&annotations, "annotation", listener);
	tell_environment(&environment, listener);
	tell_pairs(&labels, "label", listener);
	tell_plain(&test, "healthcheck", listener);
}

static void tell_history(const struct node *history, const struct image_texts_listener *listener)
{
	static const char *const members[] = {"created_by", "author", "comment"};
	for (size_t i = 0; i < node_count(history) && i < LIMIT_HISTORY; i++) {
		struct node entry = node_element(history, i);
		for (size_t j = 0; j < sizeof(members) / sizeof(members[0]); j++) {
			struct node member = node_find(&entry, members[j]);
			const struct image_text heard = {
				.kind = "history", .number = i, .text = node_peek_text(&member)};
			if (heard.text != NULL)
				listener->heard(listener->context, &heard);
		}
	}
}

static void tell_descriptors(const struct node *descriptors,
							 const struct image_texts_listener *listener)
{
	for (size_t i = 0; i < node_count(descriptors); i++) {
		struct node descriptor = node_element(descriptors, i);
		struct node annotations = node_find(&descriptor, "annotations");
		tell_pairs(&annotations, "annotation", listener);
	}
}

void image_texts_tell(const json_t *document, const struct image_texts_listener *listener)
{
	struct node root = node_root(document, "document");
	struct node annotations = node_find(&root, "annotations");
	struct node manifests = node_find(&root, "manifests");
	struct node layers = node_find(&root, "layers");
	struct node config = node_find(&root, "config");
	struct node container = node_find(&root, "container_config");
	struct node author = node_find(&root, "author");
	struct node comment = node_find(&root, "comment");
	struct node history = node_find(&root, "history");
	tell_pairs(&annotations, "annotation", listener);
	tell_descriptors(&manifests, listener);
	tell_descriptors(&layers, listener);
	tell_config(&config, listener);
	tell_config(&container, listener);
	tell_plain(&author, "author", listener);
	tell_plain(&comment, "comment", listener);
	tell_history(&history, listener);
}
