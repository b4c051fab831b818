/*
 * fuzz_document: bytes served as a manifest are hashed, told apart and read as what they are. A
 * document that is taken for one thing is refused by the readers of every other.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "layerproof/chain_id.h"
#include "layerproof/document.h"
#include "layerproof/empty_layer.h"
#include "layerproof/image_config.h"
#include "layerproof/image_index.h"
#include "layerproof/limits.h"
#include "layerproof/manifest.h"
#include "layerproof/memory.h"
#include "layerproof/node.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
	if (!condition)
		abort();
}

static int read_index(const struct document *document)
{
	struct error err = ERROR_INIT;
	struct image_index index CLEANUP(image_index_clear) = {.children = NULL};
	if (image_index_parse(document->bytes, document->size, &index, &err) != 0)
		return -1;
	require(index.count <= LIMIT_INDEX_CHILDREN);
	for (size_t i = 0; i < index.count; i++) {
		struct descriptor copy CLEANUP(descriptor_clear);
		descriptor_copy(&index.children[i], &copy);
		require(copy.size >= 0 && copy.digest_text != NULL && copy.media_type != NULL);
	}
	return 0;
}

static int read_manifest(const json_t *body)
{
	struct error err = ERROR_INIT;
	struct manifest manifest CLEANUP(manifest_clear) = {.layers = NULL};
	if (manifest_read(body, &manifest, &err) != 0)
		return -1;
	require(manifest.layer_count <= LIMIT_LAYERS);
	for (size_t i = 0; i < manifest.layer_count; i++)
		(void)empty_layer_is_known(&manifest.layers[i].digest);
	return 0;
}

static int read_config(const struct document *document)
{
	struct error err = ERROR_INIT;
	struct image_config config CLEANUP(image_config_clear) = {.platform = NULL};
	if (image_config_parse(document->bytes, document->size, &config, &err) != 0)
		return -1;
	struct digest *chain CLEANUP(free_at) = memory_alloc(config.diff_id_count, sizeof(*chain));
	chain_id_compute(config.diff_ids, config.diff_id_count, chain);
	require(image_config_layer_history(&config, config.diff_id_count) == NULL);
	require(image_config_check_layers(&config, config.diff_id_count, &err) == 0);
	return 0;
}

static void identify_and_read(const struct document *document)
{
	struct error err = ERROR_INIT;
	enum media_kind kind = MEDIA_OTHER;
	char *media_type CLEANUP(free_at) = NULL;
	json_t *body CLEANUP(json_decref_at) = NULL;
	if (document_identify(document, &kind, &media_type, &body, &err) != 0) {
		require(err.code == ERROR_MALFORMED || err.code == ERROR_UNSUPPORTED ||
				err.code == ERROR_OVER_LIMIT);
		require(err.text[0] != '\0' && media_type == NULL && body == NULL);
		return;
	}
	require(media_type_kind(media_type) == kind);
	require(read_index(document) != 0 || kind == MEDIA_INDEX);
	require(read_manifest(body) != 0 || kind == MEDIA_MANIFEST);
	require(read_config(document) != 0 || kind == MEDIA_CONFIG);
}

/* The first line is the media type that the server states, when it is no JSON. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *line_end = size > 0 && data[0] != '{' ? memchr(data, '\n', size) : NULL;
	size_t head = line_end == NULL ? 0 : (size_t)(line_end - data) + 1;
	char *served CLEANUP(free_at) = line_end == NULL
										? NULL
										: memory_copy_span((const char *)data, head - 1);
	struct document document CLEANUP(document_clear);
	struct digest asked = {.algorithm = size % 2 == 0 ? DIGEST_SHA256 : DIGEST_SHA512};
	document_init(&document, memory_copy_span((const char *)data + head, size - head), size - head,
				  served, &asked);
	require(document.digest.algorithm == asked.algorithm);
	require(document.digest_sha256.algorithm == DIGEST_SHA256);
	identify_and_read(&document);
	return 0;
}
