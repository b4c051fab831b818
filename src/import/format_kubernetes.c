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

static int refine(struct import_record *record, const struct node *object, const struct node *outer)
{
	(void)outer;
	const char *image = import_walk_text(object, "image");
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
	{IMPORT_KEPT, "image"},
	{IMPORT_KEPT, "imageID"},
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
