/*
 * format_kubernetes: `kubectl get pods -o json`: what the containers of all pods run, each image
 * once.
 *
 * imageID is what the runtime says: repo@digest (of what was pulled: index or manifest); bare
 * digits (CRI-O), sha256:... or docker://sha256:... (loaded by hand) are of a configuration; blank
 * while the container has not started.
 */
#include <stddef.h>
#include <string.h>

#include "import_format.h"
#include "import_walk.h"
#include "layerproof/text.h"

static const char *without_scheme(const char *id)
{
	const char *scheme = strstr(id, "://");
	return scheme == NULL ? id : scheme + strlen("://");
}

/* More containers than a pod can have: the names of a forged one are not searched without end. */
enum { CONTAINERS_MAX = 1000 };

/* What the pod was told to run in the container of this name; NULL when it does not say. */
static const char *find_ordered(const struct node *pod, const char *name)
{
	static const char *const lists[] = {"containers", "initContainers", "ephemeralContainers"};
	struct node spec = import_walk_member(pod, "spec");
	for (size_t i = 0; name != NULL && i < sizeof(lists) / sizeof(lists[0]); i++) {
		struct node list = import_walk_member(&spec, lists[i]);
		for (size_t j = 0; j < node_count(&list) && j < CONTAINERS_MAX; j++) {
			struct node container = node_element(&list, j);
			const char *other = import_walk_text(&container, "name");
			if (other != NULL && strcmp(other, name) == 0) {
				return import_walk_text(&container, "image");
			}
		}
	}
	return NULL;
}

/* Some runtimes report the ID in place of the name. */
static const char *name_of(const struct node *status, const struct node *pod)
{
	const char *image = import_walk_text(status, "image");
	return image == NULL || import_walk_is_digest(image)
			   ? find_ordered(pod, import_walk_text(status, "name"))
			   : image;
}

static int refine(struct import_record *record, const struct node *object, const struct node *outer)
{
	const char *image = name_of(object, outer);
	const char *id = import_walk_text(object, "imageID");
	if (image != NULL && !import_walk_is_digest(image) &&
		import_walk_add(record, IMPORT_NAME, "image", image) != 0) {
		return -1;
	}
	if (id == NULL || *id == '\0') {
		return record->image.top_count != 0
				   ? 0
				   : import_record_pass_over(record, "imageID", "a container not started");
	}
	id = without_scheme(id);
	return import_walk_add(record, strchr(id, '@') == NULL ? IMPORT_CONFIG : IMPORT_NAME, "imageID",
						   id);
}

static const char *const lists[] = {"items", "", NULL};

static const char *const signs[] = {"kind", "spec.containers.image", NULL};

static const char *const each[] = {"status.initContainerStatuses", "status.containerStatuses",
								   "status.ephemeralContainerStatuses", NULL};

static const struct import_place places[] = {
	{IMPORT_KEPT, "name"},
	{IMPORT_KEPT, "image"},
	{IMPORT_KEPT, "imageID"},
	{IMPORT_KEPT, "/spec.containers.name"},
	{IMPORT_KEPT, "/spec.containers.image"},
	{IMPORT_KEPT, "/spec.initContainers.name"},
	{IMPORT_KEPT, "/spec.initContainers.image"},
	{IMPORT_KEPT, "/spec.ephemeralContainers.name"},
	{IMPORT_KEPT, "/spec.ephemeralContainers.image"},
	{0},
};

const struct import_format import_format_kubernetes = {
	.name = "kubernetes",
	.title = "kubectl get pods -o json",
	.encoding = IMPORT_JSON,
	.lists = lists,
	.signs = signs,
	.each = each,
	.places = places,
	.folds = true,
	.refine = refine,
};
