/*
 * match: the words of what it answers.
 */
#include "layerproof/match.h"

const char *unread_name(enum unread unread)
{
	static const char *const names[] = {
		[UNREAD_NOT] = "not",
		[UNREAD_FOREIGN] = "foreign",
		[UNREAD_ENCRYPTED] = "encrypted",
		[UNREAD_KIND] = "kind",
		[UNREAD_ALGORITHM] = "algorithm",
		[UNREAD_FAILED] = "failed",
		[UNREAD_FORMAT] = "format",
		[UNREAD_DAMAGED] = "damaged",
	};
	return names[unread];
}

const char *basis_name(enum basis basis)
{
	static const char *const names[] = {
		[BASIS_NONE] = "none",
		[BASIS_KNOWN_BOUNDARY] = "known_boundary",
		[BASIS_WHOLE_IMAGE] = "whole_image",
		[BASIS_OUTSIDE_COMMON_BASE] = "outside_common_base",
		[BASIS_TOP_LAYER] = "top_layer",
		[BASIS_COMMON_BASE] = "common_base",
	};
	return names[basis];
}

const char *next_action_name(enum next_action action)
{
	static const char *const names[] = {
		[NEXT_NONE] = "none",
		[NEXT_HASH_LAYER] = "hash_layer",
		[NEXT_ADD_BASE] = "add_base",
		[NEXT_ADD_MISSING] = "add_missing",
	};
	return names[action];
}
