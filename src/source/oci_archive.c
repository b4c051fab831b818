#include "layout.h"

struct source *oci_archive_open(struct source_client *client, const struct reference *reference,
								struct error *err)
{
	struct members *members = members_open_tar(reference->path, err);
	if (members == NULL)
		return NULL;
	return layout_open(client, reference, members, err);
}
