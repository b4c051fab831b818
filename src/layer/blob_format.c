#include "blob_format.h"

#include <stdbool.h>
#include <string.h>

enum {
	TAR_BLOCK_SIZE = 512,
	TAR_CHECKSUM_AT = 148,
	TAR_CHECKSUM_SIZE = 8,
	TAR_MAGIC_AT = 257,
};

struct signature {
	const char *name;
	const char *bytes;
	size_t size;
};

#define SIGNATURE(format, text)                                                                    \
	{                                                                                              \
		format, text, sizeof(text) - 1                                                             \
	}

/* Kinds of blob that are met in registries under a layer's media type, or instead of a layer. */
static const struct signature guesses[] = {
	SIGNATURE("bzip2", "BZh"),
	SIGNATURE("xz", "\xfd"
					"7zXZ\0"),
	SIGNATURE("lz4", "\x04\x22\x4d\x18"),
	SIGNATURE("lzip", "LZIP"),
	SIGNATURE("lzma", "\x5d\0\0"),
	SIGNATURE("compress", "\x1f\x9d"),
	SIGNATURE("zip", "PK\x03\x04"),
	SIGNATURE("7-Zip", "7z\xbc\xaf\x27\x1c"),
	SIGNATURE("cpio", "070701"),
	SIGNATURE("ar", "!<arch>\n"),
	SIGNATURE("squashfs", "hsqs"),
	SIGNATURE("qcow2", "QFI\xfb"),
	SIGNATURE("ELF", "\x7f"
					 "ELF"),
	SIGNATURE("WebAssembly", "\0asm"),
	SIGNATURE("GGUF", "GGUF"),
	SIGNATURE("PDF", "%PDF"),
	SIGNATURE("JSON", "{"),
	SIGNATURE("HTML or XML", "<"),
};

static bool begins_with(const uint8_t *bytes, size_t size, const void *what, size_t length)
{
	return size >= length && memcmp(bytes, what, length) == 0;
}

static bool is_gzip(const uint8_t *bytes, size_t size)
{
	return begins_with(bytes, size, "\x1f\x8b", 2); /* RFC 1952 section 2.3.1 */
}

/* RFC 8878 sections 3.1.1 and 3.1.2: a frame, or a skippable one before it. */
static bool is_zstd(const uint8_t *bytes, size_t size)
{
	if (begins_with(bytes, size, "\x28\xb5\x2f\xfd", 4))
		return true;
	return size >= 4 && (bytes[0] & 0xf0) == 0x50 && memcmp(bytes + 1, "\x2a\x4d\x18", 3) == 0;
}

static bool is_zero(const uint8_t *bytes, size_t size)
{
	return bytes[0] == 0 && memcmp(bytes, bytes + 1, size - 1) == 0;
}

/* The number in the checksum field of a tar header, or -1: octal digits between blanks and NULs. */
static long tar_checksum_field(const uint8_t *header)
{
	const uint8_t *field = header + TAR_CHECKSUM_AT;
	size_t at = 0;
	while (at < TAR_CHECKSUM_SIZE && field[at] == ' ')
		at++;
	size_t first = at;
	long value = 0;
	for (; at < TAR_CHECKSUM_SIZE && field[at] >= '0' && field[at] <= '7'; at++)
		value = value * 8 + (field[at] - '0');
	if (at == first)
		return -1;
	for (; at < TAR_CHECKSUM_SIZE; at++)
		if (field[at] != ' ' && field[at] != '\0')
			return -1;
	return value;
}

/* The sum over the header with blanks for the field itself, of unsigned bytes (POSIX ustar) or of
 * signed ones (old writers). */
static bool has_tar_checksum(const uint8_t *header)
{
	long unsigned_sum = 0;
	long signed_sum = 0;
	for (size_t i = 0; i < TAR_BLOCK_SIZE; i++) {
		bool in_field = i >= TAR_CHECKSUM_AT && i < TAR_CHECKSUM_AT + TAR_CHECKSUM_SIZE;
		uint8_t byte = in_field ? ' ' : header[i];
		unsigned_sum += byte;
		signed_sum += (int8_t)byte;
	}
	long field = tar_checksum_field(header);
	return field == unsigned_sum || (field >= 0 && field == signed_sum);
}

static bool is_tar(const uint8_t *bytes, size_t size)
{
	if (size < TAR_BLOCK_SIZE)
		return false;
	return is_zero(bytes, TAR_BLOCK_SIZE) || memcmp(bytes + TAR_MAGIC_AT, "ustar", 5) == 0 ||
		   has_tar_checksum(bytes);
}

enum layer_format blob_format_tell(const uint8_t *bytes, size_t size)
{
	if (size == 0)
		return LAYER_EMPTY;
	if (is_gzip(bytes, size))
		return LAYER_GZIP;
	if (is_zstd(bytes, size))
		return LAYER_ZSTD;
	return is_tar(bytes, size) ? LAYER_TAR : LAYER_UNKNOWN;
}

const char *blob_format_guess(const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < sizeof(guesses) / sizeof(guesses[0]); i++)
		if (begins_with(bytes, size, guesses[i].bytes, guesses[i].size))
			return guesses[i].name;
	return NULL;
}
