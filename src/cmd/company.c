#include "company.h"

#include <stdlib.h>

static int read_released(const struct settings *settings, struct company *out, struct error *err)
{
	const char *text;
	size_t capacity = 0;
	for (size_t n = 0; (text = settings_get_nth(settings, "origin", "released_digest", n)) != NULL;
		 n++) {
		out->released = memory_grow(out->released, out->released_count, &capacity,
									sizeof(*out->released));
		if (digest_parse(text, &out->released[out->released_count], err) != 0) {
			err->code = ERROR_USAGE;
			return error_add_context(err, "configuration: [origin] released_digest");
		}
		out->released_count++;
	}
	return 0;
}

static int read_names(const struct settings *settings, struct company *out, struct error *err)
{
	const char *pattern;
	for (size_t n = 0; (pattern = settings_get_nth(settings, "names", "pattern", n)) != NULL; n++) {
		if (out->names == NULL)
			out->names = name_patterns_new();
		if (name_patterns_add(out->names, pattern, err) != 0)
			return error_add_context(err, "configuration: [names] pattern");
	}
	return 0;
}

int company_read(const struct settings *settings, struct company *out, struct error *err)
{
	const char *pattern;
	*out = (struct company){.released = NULL};
	for (size_t n = 0; (pattern = settings_get_nth(settings, "origin", "authorized", n)) != NULL;
		 n++)
		text_list_add(&out->authorized, pattern);
	return read_released(settings, out, err) != 0 ? -1 : read_names(settings, out, err);
}

void company_tell(const struct company *company, struct assessor_options *options)
{
	options->names = company->names;
	options->released = company->released;
	options->released_count = company->released_count;
	options->authorized = company->authorized.items;
	options->authorized_count = company->authorized.count;
}

void company_clear(struct company *company)
{
	name_patterns_free(company->names);
	free(company->released);
	free(company->authorized.items);
}
