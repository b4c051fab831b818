#include "layerproof/image_config.h"

#include <string.h>

#include "layerproof/descriptor.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "layerproof/node.h"
#include "member.h"

static const char *const MEMBERS[] = {"created", "config", "rootfs", "history", NULL};
static const char *const ROOTFS_MEMBERS[] = {"type", "diff_ids", NULL};
static const char *const CONFIG_MEMBERS[] = {"Labels", NULL};

static int read_diff_ids(const struct node *diff_ids, struct image_config *out, struct error *err)
{
	size_t count = node_count(diff_ids);
	if (count > LIMIT_LAYERS)
		return error_set(err, ERROR_OVER_LIMIT, "config: %zu diff_ids are more than %d", count,
						 LIMIT_LAYERS);
	out->diff_ids = memory_alloc(count, sizeof(*out->diff_ids));
	for (; out->diff_id_count < count; out->diff_id_count++) {
		struct node diff_id = node_element(diff_ids, out->diff_id_count);
		if (member_digest(&diff_id, &out->diff_ids[out->diff_id_count], err) != 0)
			return -1;
	}
	return 0;
}

static int read_rootfs(const struct node *root, struct image_config *out, struct error *err)
{
	struct node rootfs;
	struct node diff_ids;
	const char *type = NULL;
	if (node_member_object(root, "rootfs", NODE_REQUIRED, &rootfs, err) != 0 ||
		member_refuse_variants(&rootfs, ROOTFS_MEMBERS, err) != 0 ||
		node_member_text(&rootfs, "type", NODE_REQUIRED, &type, err) != 0)
		return -1;
	if (strcmp(type, "layers") != 0)
		return node_error(&rootfs, err, "type is not \"layers\"");
	if (node_member_array(&rootfs, "diff_ids", NODE_REQUIRED, &diff_ids, err) != 0)
		return -1;
	return read_diff_ids(&diff_ids, out, err);
}

/* The text of a member, owned; NULL when it is not there or no text. What a person reads is no
 * reason to refuse what proves. */
static char *copy_text(const struct node *object, const char *name)
{
	const char *text = NULL;
	struct error ignored = ERROR_INIT;
	(void)node_member_text(object, name, NODE_OPTIONAL, &text, &ignored);
	return memory_copy_text(text);
}

static int read_history_entry(const struct node *entry, struct image_history *out)
{
	struct error ignored = ERROR_INIT;
	if (node_expect_object(entry, &ignored) != 0 ||
		node_member_bool(entry, "empty_layer", false, &out->empty_layer, &ignored) != 0)
		return -1;
	out->created_by = copy_text(entry, "created_by");
	return 0;
}

static void clear_history(struct image_config *config)
{
	for (size_t i = 0; i < config->history_count; i++)
		free(config->history[i].created_by);
	free(config->history);
	config->history = NULL;
	config->history_count = 0;
}

/* All of it or nothing: with one entry unread no other can be said to belong to its layer. */
static void read_history(const struct node *root, struct image_config *out)
{
	struct node history;
	struct error ignored = ERROR_INIT;
	if (node_member_array(root, "history", NODE_OPTIONAL, &history, &ignored) != 0 ||
		node_count(&history) > LIMIT_HISTORY)
		return;
	size_t count = node_count(&history);
	out->history = memory_alloc(count, sizeof(*out->history));
	for (; out->history_count < count; out->history_count++) {
		struct node entry = node_element(&history, out->history_count);
		if (read_history_entry(&entry, &out->history[out->history_count]) != 0) {
			clear_history(out);
			return;
		}
	}
}

static int read_labels(const struct node *root, struct image_config *out, struct error *err)
{
	struct node config;
	struct node labels;
	struct node label;
	struct error ignored = ERROR_INIT;
	if (node_member_object(root, "config", NODE_OPTIONAL, &config, &ignored) != 0 ||
		!node_is_set(&config))
		return 0;
	if (member_refuse_variants(&config, CONFIG_MEMBERS, err) != 0)
		return -1;
	if (node_member_object(&config, "Labels", NODE_OPTIONAL, &labels, &ignored) != 0)
		return 0;
	void *position = NULL;
	size_t capacity = 0;
	while (node_next_member(&labels, &position, &label)) {
		const char *value = NULL;
		if (node_text(&label, &value, &ignored) != 0)
			continue;
		out->labels = memory_grow(out->labels, out->label_count, &capacity, sizeof(*out->labels));
		out->labels[out->label_count++] = (struct image_pair){
			.name = memory_copy_text(label.member), .value = memory_copy_text(value)};
	}
	return 0;
}

int image_config_parse(const void *bytes, size_t size, struct image_config *out, struct error *err)
{
	json_t *document CLEANUP(json_decref_at) = node_parse(bytes, size, "config", err);
	if (document == NULL)
		return -1;
	struct image_config read CLEANUP(image_config_clear) = {.platform = NULL};
	struct node root = node_root(document, "config");
	if (node_expect_object(&root, err) != 0 || member_refuse_variants(&root, MEMBERS, err) != 0 ||
		read_rootfs(&root, &read, err) != 0 || read_labels(&root, &read, err) != 0 ||
		descriptor_read_platform(&root, &read.platform, err) != 0)
		return -1;
	read.created = copy_text(&root, "created");
	read_history(&root, &read);
	*out = read;
	read = (struct image_config){.platform = NULL};
	return 0;
}

void image_config_clear(struct image_config *config)
{
	clear_history(config);
	for (size_t i = 0; i < config->label_count; i++) {
		free(config->labels[i].name);
		free(config->labels[i].value);
	}
	free(config->labels);
	free(config->platform);
	free(config->created);
	free(config->diff_ids);
	*config = (struct image_config){.platform = NULL};
}

const struct image_history *image_config_layer_history(const struct image_config *config,
													   size_t layer)
{
	const struct image_history *found = NULL;
	size_t layers = 0;
	for (size_t i = 0; i < config->history_count; i++) {
		if (config->history[i].empty_layer)
			continue;
		if (layers++ == layer)
			found = &config->history[i];
	}
	return layers == config->diff_id_count ? found : NULL;
}

int image_config_check_layers(const struct image_config *config, size_t layers, struct error *err)
{
	if (config->diff_id_count == layers)
		return 0;
	return error_set(err, ERROR_MALFORMED, "config: %zu diff_ids for %zu layers",
					 config->diff_id_count, layers);
}
