/*
 * root_history: which layers bring the root of an operating system, by what the history of an image
 * says of them (image-spec config.md, `history`). Pure.
 *
 * A history is what its maker wrote: it only ever makes a guess.
 */
#ifndef LAYERPROOF_ROOT_HISTORY_H
#define LAYERPROOF_ROOT_HISTORY_H

#include <stdbool.h>
#include <stddef.h>

/* What is said of one layer. Borrowed. */
struct root_history {
	const char *created_by; /* NULL when nothing is */
	bool is_empty;          /* one without content: it has no say */
};

/* Bottom layers up to and with the uppermost one that brings such a root; 0 when none is seen to.
 *
 * The bottom layer brings one where a tarball or a whole folder was unpacked at "/" (Ubuntu,
 * Alpine, Amazon Linux, UBI), or a maker of such roots names itself (KIWI, apko, BusyBox); so do
 * the layers of "bazel build" that lie on each other from the bottom up (distroless), and, wherever
 * they lie, one of debian.sh (Debian) and an ADD of a tarball that is called a rootfs. Higher up, a
 * folder copied to "/" is how many programs come into an image. */
size_t root_history_layers(const struct root_history *layers, size_t count);

#endif
