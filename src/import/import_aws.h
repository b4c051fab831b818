/*
 * import_aws: what Inspector's findings and Security Hub's have in common.
 */
#ifndef LAYERPROOF_IMPORT_AWS_H
#define LAYERPROOF_IMPORT_AWS_H

#include "import_record.h"
#include "layerproof/node.h"

/* Adds the registry's host, and, where nothing else did, the digest, from the ARN of an image:
 * "arn:aws:ecr:REGION:ACCOUNT:repository/NAME/sha256:...". Another text, or NULL, adds nothing.
 * -1: refused. */
int import_aws_add_arn(struct import_record *record, const char *column, const char *arn);

/* How the packages of a finding call themselves. */
struct import_aws_names {
	const char *column; /* of the layer, for refusals */
	const char *package_manager;
	const char *layer;
};

/* Adds the layers of the packages and, where `severity` is not NULL, the finding's severity with
 * them; without packages, with none. -1: refused. */
int import_aws_add_packages(struct import_record *record, const struct node *packages,
							const struct import_aws_names *names, const char *severity);

#endif
