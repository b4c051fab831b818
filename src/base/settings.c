#include "layerproof/settings.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <string.h>

#include "layerproof/memory.h"

/* Every key there is. layerproof.conf(5) describes them in this order. */
static const struct known_key {
	const char *section;
	const char *key;
} known_keys[] = {
	{"index", "dir"},   {"origin", "ours"}, {"origin", "third_party"}, {"origin", "bases"},
	{"check", "depth"}, {"check", "jobs"},  {"network", "plain_http"}, {"network", "ca_file"},
};

struct setting {
	char *section;
	char *key;
	char *value;
};

struct settings {
	struct setting *items;
	size_t count;
	size_t capacity;
};

void settings_free(struct settings *settings)
{
	if (settings == NULL)
		return;
	for (size_t i = 0; i < settings->count; i++) {
		free(settings->items[i].section);
		free(settings->items[i].key);
		free(settings->items[i].value);
	}
	free(settings->items);
	free(settings);
}

DEFINE_CLEANUP(struct settings, settings_free)

static bool is_known(const char *section, const char *key)
{
	for (size_t i = 0; i < sizeof(known_keys) / sizeof(known_keys[0]); i++)
		if (strcmp(known_keys[i].section, section) == 0 && strcmp(known_keys[i].key, key) == 0)
			return true;
	return false;
}

struct parse {
	struct settings *settings;
	struct error *err;
	bool failed;
};

/* inih's callback: 1 to go on, 0 for an error at this line. */
static int on_setting(void *context, const char *section, const char *key, const char *value)
{
	struct parse *parse = context;
	struct settings *settings = parse->settings;
	if (!is_known(section, key)) {
		if (!parse->failed)
			error_set(parse->err, ERROR_USAGE, "there is no setting \"%s\" in section [%s]", key,
					  section);
		parse->failed = true;
		return 0;
	}
	settings->items = memory_grow(settings->items, settings->count, &settings->capacity,
								  sizeof(*settings->items));
	settings->items[settings->count++] = (struct setting){
		memory_copy_text(section), memory_copy_text(key), memory_copy_text(value)};
	return 1;
}

/* `$variable/tail`, or `$HOME/home_tail` when the variable is unset or empty; NULL when there is no
 * home. */
static char *path_under(const char *variable, const char *tail, const char *home_tail)
{
	const char *base = getenv(variable);
	if (base != NULL && *base != '\0')
		return memory_format("%s/%s", base, tail);
	const char *home = getenv("HOME");
	if (home == NULL || *home == '\0')
		return NULL;
	return memory_format("%s/%s", home, home_tail);
}

static int parse_file(const char *path, bool named, struct settings *settings, struct error *err)
{
	FILE *file = fopen(path, "re");
	if (file == NULL) {
		if (!named && (errno == ENOENT || errno == ENOTDIR))
			return 0;
		return error_set_errno(err, "configuration %s", path);
	}
	struct parse parse = {.settings = settings, .err = err};
	int line = ini_parse_file(file, on_setting, &parse);
	fclose(file);
	if (line == 0)
		return 0;
	if (!parse.failed)
		error_set(err, ERROR_USAGE, "not \"key = value\" or \"[section]\"");
	return error_add_context(err, "configuration %s: line %d", path, line < 0 ? 0 : line);
}

struct settings *settings_load(const char *path, struct error *err)
{
	CLEANUP(settings_free_at) struct settings *settings = memory_alloc(1, sizeof(*settings));
	CLEANUP(free_at) char *default_path = NULL;
	const char *chosen = path != NULL ? path : getenv("LAYERPROOF_CONFIG");
	bool named = chosen != NULL && *chosen != '\0';
	if (!named) {
		default_path = path_under("XDG_CONFIG_HOME", "layerproof/layerproof.conf",
								  ".config/layerproof/layerproof.conf");
		chosen = default_path;
	}
	if (chosen != NULL && parse_file(chosen, named, settings, err) != 0)
		return NULL;
	return STEAL(settings);
}

const char *settings_get_nth(const struct settings *settings, const char *section, const char *key,
							 size_t n)
{
	for (size_t i = 0; i < settings->count; i++) {
		const struct setting *item = &settings->items[i];
		if (strcmp(item->section, section) == 0 && strcmp(item->key, key) == 0 && n-- == 0)
			return item->value;
	}
	return NULL;
}

const char *settings_get(const struct settings *settings, const char *section, const char *key)
{
	const char *last = NULL;
	const char *value;
	for (size_t n = 0; (value = settings_get_nth(settings, section, key, n)) != NULL; n++)
		last = value;
	return last;
}

char *settings_index_directory(const struct settings *settings, const char *flag, struct error *err)
{
	const char *named = flag != NULL ? flag : getenv("LAYERPROOF_INDEX");
	if (named == NULL || *named == '\0')
		named = settings_get(settings, "index", "dir");
	if (named != NULL && *named != '\0')
		return memory_copy_text(named);
	char *path = path_under("XDG_DATA_HOME", "layerproof/index", ".local/share/layerproof/index");
	if (path == NULL)
		error_set(err, ERROR_USAGE, "no home directory: name the index with --index DIR");
	return path;
}
