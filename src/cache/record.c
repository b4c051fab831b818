#include "record.h"

#include <string.h>

#include "layerproof/digest.h"
#include "layerproof/memory.h"

enum { CHECKSUM_SIZE = 16, FRONT_SIZE = CHECKSUM_SIZE + sizeof(uint32_t) };

static void compute(const struct generations_record *record, struct store_bytes head,
					struct digest *out)
{
	const uint8_t database = (uint8_t)record->database;
	struct digest_stream *stream = digest_stream_new();
	digest_stream_start(stream, DIGEST_SHA256);
	digest_stream_add(stream, &database, sizeof(database));
	digest_stream_add(stream, record->key, record->key_size);
	digest_stream_add(stream, head.bytes, head.size);
	digest_stream_finish(stream, out);
	digest_stream_free(stream);
}

void record_write(struct generations_record *record, struct store_bytes head,
				  struct store_bytes body)
{
	struct digest checksum;
	uint32_t head_size = (uint32_t)head.size;
	compute(record, head, &checksum);
	record->size = FRONT_SIZE + head.size + body.size;
	uint8_t *at = memory_alloc(record->size, 1);
	record->value = at;
	memcpy(at, checksum.bytes, CHECKSUM_SIZE);
	memcpy(at + CHECKSUM_SIZE, &head_size, sizeof(head_size));
	memcpy(at + FRONT_SIZE, head.bytes, head.size);
	if (body.size > 0)
		memcpy(at + FRONT_SIZE + head.size, body.bytes, body.size);
}

bool record_read(const struct generations_record *key, struct store_bytes value,
				 struct store_bytes *head, struct store_bytes *body)
{
	const uint8_t *at = value.bytes;
	struct digest checksum;
	uint32_t head_size;
	if (value.size < FRONT_SIZE)
		return false;
	memcpy(&head_size, at + CHECKSUM_SIZE, sizeof(head_size));
	if (head_size > value.size - FRONT_SIZE)
		return false;
	*head = (struct store_bytes){at + FRONT_SIZE, head_size};
	*body = (struct store_bytes){at + FRONT_SIZE + head_size, value.size - FRONT_SIZE - head_size};
	compute(key, *head, &checksum);
	return memcmp(at, checksum.bytes, CHECKSUM_SIZE) == 0;
}
