/*
 * utf8: characters as RFC 3629 has them, in texts that strangers may have written.
 */
#ifndef LAYERPROOF_BASE_UTF8_H
#define LAYERPROOF_BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* How many bytes the character at `text` takes, and its code point; 0 when none begins there. At
 * least one byte of `size` may be read. */
size_t utf8_decode(const char *text, size_t size, uint32_t *point);

/* `size`, less the bytes of a last character that is cut short there. */
size_t utf8_whole_size(const char *text, size_t size);

/* Copies `size` bytes so that a terminal may show them: control characters (C0, DEL, C1), marks
 * that turn the order of what is read, and bytes that are not UTF-8 become \xNN. Ends at the last
 * character that fits into `room` bytes. Returns how many it wrote; adds no NUL. */
size_t utf8_write_printable(const char *text, size_t size, char *out, size_t room);

#endif
