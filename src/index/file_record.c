#include "file_record.h"

#include <string.h>

#include "bytes.h"

void file_collect(uint8_t *filed, const struct index_file_layer *layer, const uint8_t *file)
{
	memset(filed, 0, FILED_FILE);
	record_write_key(&layer->digest, filed);
	filed[FILED_FLAGS] = layer->has_packages ? FILE_PACKAGES : 0;
	memcpy(filed + FILED_FILE, file, FILE_KEY_SIZE);
}

void file_layer_write(const struct file_layer *layer, uint8_t out[static FILE_LAYER_SIZE])
{
	uint8_t *at = bytes_put_32(out, layer->number);
	at = bytes_put_32(at, layer->files);
	*at++ = layer->flags;
	memcpy(at, layer->sum, RECORD_SUM_SIZE);
}

int file_layer_read(struct store_bytes bytes, struct file_layer *out, struct error *err)
{
	const uint8_t *at = bytes.bytes;

	if (bytes.size != FILE_LAYER_SIZE || at[8] > FILE_FLAGS_KNOWN)
		return record_damaged("a layer's files", err);
	out->number = bytes_get_32(at);
	out->files = bytes_get_32(at + 4);
	out->flags = at[8];
	memcpy(out->sum, at + 9, RECORD_SUM_SIZE);
	return 0;
}

int file_layer_get(struct store_txn *txn, struct store_bytes key, struct file_layer *out,
				   struct error *err)
{
	struct store_bytes value;

	int found = store_get(txn, DATABASE_FILE_LAYERS, key, &value, err);
	if (found != 1)
		return found;
	return file_layer_read(value, out, err) < 0 ? -1 : 1;
}

bool file_is_layer_key(struct store_bytes key)
{
	const uint8_t *at = key.bytes;
	size_t size = key.size > 0 ? digest_size((enum digest_algorithm)at[0]) : 0;

	return size > 0 && key.size == 1 + size;
}

int file_layer_key(struct store_txn *txn, uint32_t number, struct store_bytes *out,
				   struct error *err)
{
	uint8_t key[RECORD_NUMBER_SIZE];

	record_write_number(number, key);
	int found = store_get(txn, DATABASE_FILE_LAYER_KEYS, (struct store_bytes){key, sizeof(key)},
						  out, err);
	if (found == 1 && !file_is_layer_key(*out))
		return record_damaged("a layer's number", err);
	return found;
}
