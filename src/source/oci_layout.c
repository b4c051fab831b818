#include "layout.h"

struct source *oci_layout_open(struct source_client *client, const struct reference *reference,
							   struct error *err)
{
	struct members *members = members_open_directory(reference->path, err);
	if (members == NULL)
		return NULL;
	return layout_open(client, reference, members, err);
}
