#include "gzip_header.h"

#include <isa-l/crc.h>
#include <stdbool.h>

enum {
	FIXED_SIZE = 10,
	FLAGS_AT = 3,
	METHOD_DEFLATE = 8,
	/* Section 2.3.1. FTEXT means nothing here, and the reserved bits are let pass: container
	 * runtimes do, and what they can unpack must be seen. */
	FLAG_CHECKSUM = 1 << 1,
	FLAG_EXTRA = 1 << 2,
	FLAG_NAME = 1 << 3,
	FLAG_COMMENT = 1 << 4,
};

/* The flag that says whether a part is there; the fixed part and the end always are. */
static const uint8_t part_flags[] = {
	[GZIP_HEADER_EXTRA_SIZE] = FLAG_EXTRA,
	[GZIP_HEADER_EXTRA] = FLAG_EXTRA,
	[GZIP_HEADER_NAME] = FLAG_NAME,
	[GZIP_HEADER_COMMENT] = FLAG_COMMENT,
	[GZIP_HEADER_CHECKSUM_FIELD] = FLAG_CHECKSUM,
};

static void next_part(struct gzip_header *header)
{
	bool empty_extra = header->part == GZIP_HEADER_EXTRA_SIZE && header->value == 0;
	header->part += empty_extra ? 2 : 1;
	while (header->part != GZIP_HEADER_DONE && !(header->flags & part_flags[header->part]))
		header->part++;
	header->place = 0;
}

static enum gzip_header_result take_fixed(struct gzip_header *header, uint8_t byte)
{
	uint32_t place = header->place++;
	if ((place == 0 && byte != 0x1f) || (place == 1 && byte != 0x8b))
		return GZIP_HEADER_NO_MEMBER;
	if (place == 2 && byte != METHOD_DEFLATE)
		return GZIP_HEADER_NO_DEFLATE;
	if (place == FLAGS_AT)
		header->flags = byte;
	if (header->place == FIXED_SIZE)
		next_part(header);
	return GZIP_HEADER_MORE;
}

/* Numbers have two bytes, the lower one first. */
static bool take_number(struct gzip_header *header, uint8_t byte)
{
	header->value = header->place == 0 ? byte : header->value | (uint32_t)byte << 8;
	return header->place++ == 1;
}

static enum gzip_header_result take_part(struct gzip_header *header, uint8_t byte)
{
	switch (header->part) {
	case GZIP_HEADER_FIXED:
		return take_fixed(header, byte);
	case GZIP_HEADER_EXTRA_SIZE:
		if (take_number(header, byte))
			next_part(header);
		break;
	case GZIP_HEADER_EXTRA:
		if (++header->place == header->value)
			next_part(header);
		break;
	case GZIP_HEADER_NAME:
	case GZIP_HEADER_COMMENT:
		if (byte == 0)
			next_part(header);
		break;
	case GZIP_HEADER_CHECKSUM_FIELD: /* the lower half of the CRC-32 of all before it */
		if (!take_number(header, byte))
			break;
		if (header->value != (header->checksum & 0xffff))
			return GZIP_HEADER_CHECKSUM;
		next_part(header);
		break;
	case GZIP_HEADER_DONE:
		break;
	}
	return GZIP_HEADER_MORE;
}

enum gzip_header_result gzip_header_take(struct gzip_header *header, uint8_t byte)
{
	if (header->part != GZIP_HEADER_CHECKSUM_FIELD)
		header->checksum = crc32_gzip_refl(header->checksum, &byte, 1);
	enum gzip_header_result result = take_part(header, byte);
	if (result != GZIP_HEADER_MORE)
		return result;
	return header->part == GZIP_HEADER_DONE ? GZIP_HEADER_END : GZIP_HEADER_MORE;
}
