/*
 * packages: where package managers put what others publish; private to this folder. An image that
 * installs a package holds its files byte for byte as every other image that does.
 */
#ifndef LAYERPROOF_ADD_PACKAGES_H
#define LAYERPROOF_ADD_PACKAGES_H

#include <stdbool.h>

/* Whether the file is (a part of) the list of an operating system's installed packages. */
bool packages_is_list(const char *path);

/* Whether the file lies in a directory of libraries that a language's package manager fills. */
bool packages_is_library(const char *path);

#endif
