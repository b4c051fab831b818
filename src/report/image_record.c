#include "layerproof/image_record.h"

#include "image_parts.h"

int image_record_write_json(const struct reference *reference, const struct match_facts *facts,
							const struct finding_error *errors, size_t error_count,
							struct buffer *out, struct error *err)
{
	struct json_writer writer = {.out = out, .err = err};
	json_writer_begin_object(&writer, NULL);
	json_writer_text(&writer, "schema", "layerproof.image.v1");
	image_parts_add_reference(&writer, reference);
	json_writer_digest(&writer, "digest", &facts->tree->digest);
	json_writer_text(&writer, "media_type", facts->tree->media_type);
	image_parts_add_images(&writer, facts, NULL, false);
	image_parts_add_errors(&writer, errors, error_count, false);
	json_writer_end_object(&writer);
	return json_writer_end_line(&writer);
}
