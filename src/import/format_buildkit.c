/*
 * format_buildkit: what `docker buildx build --metadata-file` and `buildctl --metadata-file` write.
 * The digest is of an index or a manifest, as the descriptor says; built into the docker daemon it
 * is that of the configuration again, and there is no descriptor.
 */
#include <stddef.h>
#include <string.h>

#include "import_format.h"
#include "import_walk.h"

#define DIGEST     "containerimage.digest"
#define CONFIG     "containerimage.config.digest"
#define DESCRIPTOR "containerimage.descriptor"
#define NAMES      "image.name"

/* Several tags, with commas between. */
static int take_names(struct import_record *record, const char *names)
{
	while (names != NULL && *names != '\0') {
		size_t size = strcspn(names, ",");
		if (import_record_add(record, IMPORT_NAME, NAMES, names, size) != 0) {
			return -1;
		}
		names += size;
		names += strspn(names, ",");
	}
	return 0;
}

/* Two parts, or three. */
static int take_platform(struct import_record *record, const struct node *descriptor)
{
	struct node platform = import_walk_member(descriptor, "platform");
	const char *os = import_walk_text(&platform, "os");
	const char *architecture = import_walk_text(&platform, "architecture");
	return import_walk_add(record, IMPORT_OS, DESCRIPTOR, os) != 0 ||
				   import_walk_add(record, IMPORT_ARCHITECTURE, DESCRIPTOR, architecture) != 0
			   ? -1
			   : import_walk_add_platform(record, DESCRIPTOR, os, architecture,
										  import_walk_text(&platform, "variant"));
}

static int refine(struct import_record *record, const struct node *object, const struct node *outer)
{
	(void)outer;
	struct node descriptor = import_walk_member(object, DESCRIPTOR);
	if (import_walk_add(record, IMPORT_MEDIA_TYPE, DESCRIPTOR,
						import_walk_text(&descriptor, "mediaType")) != 0 ||
		import_walk_add_top(record, IDENTITY_CONFIG, CONFIG, import_walk_text(object, CONFIG)) !=
			0 ||
		take_platform(record, &descriptor) != 0) {
		return -1;
	}
	return take_names(record, import_walk_text(object, NAMES));
}

static const char *const signs[] = {DIGEST, NULL};

static const struct import_place places[] = {
	{IMPORT_DIGEST, DIGEST},
	{IMPORT_KEPT, DESCRIPTOR},
	{IMPORT_KEPT, CONFIG},
	{IMPORT_KEPT, NAMES},
	{0},
};

const struct import_format import_format_buildkit = {
	.name = "buildkit",
	.title = "BuildKit metadata file",
	.encoding = IMPORT_JSON,
	.signs = signs,
	.places = places,
	.refine = refine,
};
