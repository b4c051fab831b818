/*
 * tar_name: names in a tar, which may be written from the root, or from the folder at hand.
 */
#ifndef LAYER_TAR_NAME_H
#define LAYER_TAR_NAME_H

/* The name without any "./" and "/" that lead it. */
static inline const char *tar_name_strip(const char *name)
{
	while (*name == '/' || (name[0] == '.' && name[1] == '/'))
		name += *name == '/' ? 1 : 2;
	return name;
}

#endif
