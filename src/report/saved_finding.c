#include "layerproof/saved_finding.h"

#include <string.h>

#include "explanation.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "layerproof/node.h"
#include "layerproof/reference.h"
#include "saved_comparison.h"
#include "saved_digest.h"

static const char schema_known[] = "layerproof.finding.v1";

static int check_schema(const struct node *root, struct error *err)
{
	const char *schema;
	if (node_kind(root) != NODE_OBJECT)
		return node_error(root, err, "not a finding: no JSON object");
	if (node_member_text(root, "schema", NODE_OPTIONAL, &schema, err) != 0)
		return -1;
	if (schema == NULL)
		return node_error(root, err, "not a finding: it has no schema");
	if (strcmp(schema, schema_known) != 0)
		return node_error(root, err, "not a finding: its schema is \"%s\", not \"%s\"", schema,
						  schema_known);
	return 0;
}

static int read_transport(const struct node *object, enum reference_transport *out,
						  struct error *err)
{
	struct node member;
	const char *name;
	if (node_member(object, "transport", NODE_REQUIRED, &member, err) != 0 ||
		node_text(&member, &name, err) != 0)
		return -1;
	for (int i = REFERENCE_REGISTRY; i <= REFERENCE_DOCKER_ARCHIVE; i++) {
		*out = (enum reference_transport)i;
		if (strcmp(name, reference_transport_name(*out)) == 0)
			return 0;
	}
	return node_error(&member, err, "not a transport: \"%s\"", name);
}

/* Its text. */
static int read_reference(const struct node *object, char **out, struct error *err)
{
	struct reference reference = {.registry = NULL};
	const char *registry = NULL;
	const char *repository = NULL;
	const char *path = NULL;
	const char *tag = NULL;
	if (read_transport(object, &reference.transport, err) != 0)
		return -1;
	bool is_local = reference.transport != REFERENCE_REGISTRY;
	enum node_presence local = is_local ? NODE_REQUIRED : NODE_OPTIONAL;
	enum node_presence remote = is_local ? NODE_OPTIONAL : NODE_REQUIRED;
	if (node_member_text(object, "registry", remote, &registry, err) != 0 ||
		node_member_text(object, "repository", remote, &repository, err) != 0 ||
		node_member_text(object, "path", local, &path, err) != 0 ||
		node_member_text(object, "tag", NODE_OPTIONAL, &tag, err) != 0 ||
		saved_digest_read(object, "digest", NODE_OPTIONAL, &reference.digest, err) != 0)
		return -1;
	reference.registry = (char *)(uintptr_t)registry;
	reference.repository = (char *)(uintptr_t)repository;
	reference.path = (char *)(uintptr_t)path;
	reference.tag = (char *)(uintptr_t)tag;
	*out = reference_format(&reference);
	return 0;
}

static int read_head(const struct node *root, struct explanation *out, struct error *err)
{
	struct node reference;
	const char *input;
	const char *summary;
	if (node_member_text(root, "input", NODE_REQUIRED, &input, err) != 0 ||
		node_member_text(root, "verdict", NODE_REQUIRED, &out->verdict, err) != 0 ||
		node_member_text(root, "reason", NODE_REQUIRED, &out->reason, err) != 0 ||
		node_member_text(root, "priority", NODE_REQUIRED, &out->priority, err) != 0 ||
		node_member_text(root, "summary", NODE_REQUIRED, &summary, err) != 0 ||
		node_member_object(root, "reference", NODE_OPTIONAL, &reference, err) != 0)
		return -1;
	out->summary = memory_copy_text(summary);
	if (node_is_set(&reference))
		return read_reference(&reference, &out->reference, err);
	out->reference = memory_copy_text(input);
	return 0;
}

static int read_piece(const struct node *piece, struct explained_evidence *out, struct error *err)
{
	struct node internal;
	int64_t image = -1;
	int64_t layer = -1;
	int64_t others = 0;
	if (node_expect_object(piece, err) != 0 ||
		node_member_text(piece, "identity", NODE_REQUIRED, &out->identity, err) != 0 ||
		node_member_text(piece, "level", NODE_REQUIRED, &out->level, err) != 0 ||
		node_member_text(piece, "origin", NODE_REQUIRED, &out->origin, err) != 0 ||
		node_member_text(piece, "platform", NODE_OPTIONAL, &out->platform, err) != 0 ||
		node_member_text(piece, "basis", NODE_OPTIONAL, &out->basis, err) != 0 ||
		saved_digest_read(piece, "digest", NODE_REQUIRED, &out->digest, err) != 0 ||
		node_member_size(piece, "image", NODE_OPTIONAL, &image, err) != 0 ||
		node_member_size(piece, "layer", NODE_OPTIONAL, &layer, err) != 0 ||
		node_member_size(piece, "others", NODE_OPTIONAL, &others, err) != 0 ||
		node_member_object(piece, "internal", NODE_OPTIONAL, &internal, err) != 0)
		return -1;
	out->has_image = image >= 0;
	out->image = image >= 0 ? (size_t)image : 0;
	out->has_layer = layer >= 0;
	out->layer = layer >= 0 ? (size_t)layer : 0;
	out->others = (uint64_t)others;
	return node_is_set(&internal)
			   ? node_member_text(&internal, "name", NODE_OPTIONAL, &out->internal, err)
			   : 0;
}

static int read_evidence(const struct node *root, struct explanation *out, struct error *err)
{
	struct node list;
	if (node_member_array(root, "evidence", NODE_OPTIONAL, &list, err) != 0)
		return -1;
	size_t count = node_count(&list);
	out->evidence = memory_alloc(count, sizeof(*out->evidence));
	out->evidence_count = count;
	for (size_t i = 0; i < count; i++) {
		struct node piece = node_element(&list, i);
		if (read_piece(&piece, &out->evidence[i], err) != 0)
			return -1;
	}
	return 0;
}

static int read_hints(const struct node *root, struct explanation *out, struct error *err)
{
	struct node list;
	if (node_member_array(root, "hints", NODE_OPTIONAL, &list, err) != 0)
		return -1;
	size_t count = node_count(&list);
	out->hints = memory_alloc(count, sizeof(*out->hints));
	out->hint_count = count;
	for (size_t i = 0; i < count; i++) {
		struct node hint = node_element(&list, i);
		struct explained_hint *held = &out->hints[i];
		if (node_expect_object(&hint, err) != 0 ||
			node_member_text(&hint, "place", NODE_REQUIRED, &held->place, err) != 0 ||
			node_member_text(&hint, "pattern", NODE_REQUIRED, &held->pattern, err) != 0 ||
			node_member_text(&hint, "text", NODE_OPTIONAL, &held->text, err) != 0 ||
			node_member_text(&hint, "platform", NODE_OPTIONAL, &held->platform, err) != 0)
			return -1;
	}
	return 0;
}

static int read_finding(const struct node *root, struct explanation *out, struct error *err)
{
	if (check_schema(root, err) != 0 || read_head(root, out, err) != 0 ||
		read_evidence(root, out, err) != 0 || read_hints(root, out, err) != 0)
		return -1;
	return saved_comparison_read(root, out, err);
}

int saved_finding_write(const char *bytes, size_t size, const char *name,
						const struct finding_table *table, struct buffer *out, struct error *err)
{
	CLEANUP(json_decref_at) json_t *value = node_parse(bytes, size, name, err);
	struct explanation explanation CLEANUP(explanation_clear) = {.reference = NULL};
	struct buffer text CLEANUP(buffer_clear) = BUFFER_INIT(LIMIT_FINDING_SIZE);
	if (value == NULL)
		return -1;
	struct node root = node_root(value, name);
	if (read_finding(&root, &explanation, err) != 0)
		return -1;
	if (explanation_write(&explanation, table, &text, err) != 0)
		return error_add_context(err, "%s", name);
	return buffer_add(out, text.bytes, text.size, err);
}
