#include "layerproof/settings.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "layerproof/buffer.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "layerproof/reader.h"

/* Every key there is. layerproof.conf(5) describes them in this order. */
static const struct known_key {
	const char *section;
	const char *key;
} known_keys[] = {
	{"index", "dir"},
	{"origin", "ours"},
	{"origin", "third_party"},
	{"origin", "released"},
	{"origin", "released_digest"},
	{"origin", "authorized"},
	{"origin", "bases"},
	{"names", "pattern"},
	{"check", "depth"},
	{"check", "jobs"},
	{"cache", "directory"},
	{"cache", "size"},
	{"network", "plain_http"},
	{"network", "ca_file"},
	{"network", "allow_net"},
	{"network", "connect_seconds"},
	{"network", "idle_seconds"},
	{"network", "request_seconds"},
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

/* Whether there is such a section, and with a key that is not NULL, such a key in it. */
static bool is_known(const char *section, size_t length, const char *key)
{
	for (size_t i = 0; i < sizeof(known_keys) / sizeof(known_keys[0]); i++)
		if (strlen(known_keys[i].section) == length &&
			memcmp(known_keys[i].section, section, length) == 0 &&
			(key == NULL || strcmp(known_keys[i].key, key) == 0))
			return true;
	return false;
}

struct parse {
	struct settings *settings;
	const char *at; /* what inih has not seen yet */
	size_t left;
	int line;    /* number of the line that it saw last */
	bool failed; /* `err` says what is wrong with that line */
	struct error *err;
};

static int fail(struct parse *parse)
{
	parse->failed = true;
	return -1;
}

/* inih cuts a line that it has no room for, and what a NUL hides, without a word. */
static int check_line(struct parse *parse, const char *line, size_t size, size_t most)
{
	if (size > most)
		error_set(parse->err, ERROR_USAGE, "longer than %zu characters", most);
	else if (memchr(line, '\0', size) != NULL)
		error_set(parse->err, ERROR_USAGE, "holds a NUL byte");
	else
		return 0;
	return fail(parse);
}

/* inih passes over a section that has no keys, and over what stands behind its "]". */
static int check_section(struct parse *parse, const char *line)
{
	const char *end = line[0] == '[' ? strchr(line, ']') : NULL;
	if (end == NULL)
		return 0;
	const char *behind = end + 1 + strspn(end + 1, " \t\r\n");
	if (!is_known(line + 1, (size_t)(end - line - 1), NULL))
		error_set(parse->err, ERROR_USAGE, "there is no section %.*s", (int)(end + 1 - line), line);
	else if (*behind != '\0' && *behind != ';' && *behind != '#')
		error_set(parse->err, ERROR_USAGE, "text behind the \"]\" of a section");
	else
		return 0;
	return fail(parse);
}

/* The size of the word with which an indented line begins, when it is one more value of the key
 * above: a word alone, a comment aside, that sets nothing. 0 when the line stands for itself. inih
 * would take any indented line for one more value, a key of its own and all. */
static size_t further_value(const char *line, size_t size)
{
	size_t word = 0;
	while (word < size && !isspace((unsigned char)line[word]) && line[word] != '=')
		word++;
	size_t behind = word;
	while (behind < size && isspace((unsigned char)line[behind]))
		behind++;
	bool is_alone = behind == size || (line[behind] == ';' && behind > word);
	return is_alone && word > 0 && strchr("[;#", line[0]) == NULL ? word : 0;
}

/* inih's fgets(3): a whole line, or NULL where there is none or one that cannot be right. */
static char *next_line(char *line, int room, void *context)
{
	struct parse *parse = context;
	if (parse->failed || parse->left == 0)
		return NULL;
	const char *from = parse->at;
	const char *newline = memchr(from, '\n', parse->left);
	size_t size = newline == NULL ? parse->left : (size_t)(newline - from);
	parse->at += newline == NULL ? size : size + 1;
	parse->left -= newline == NULL ? size : size + 1;
	parse->line++;
	/* ini.h: the longest line, CR, LF and NUL. */
	if (check_line(parse, from, size, (size_t)room - 3) != 0)
		return NULL;
	size_t indent = 0;
	while (indent < size && isspace((unsigned char)from[indent]))
		indent++;
	size_t word = indent == 0 ? 0 : further_value(from + indent, size - indent);
	if (word > 0)
		snprintf(line, (size_t)room, " %.*s\n", (int)word, from + indent);
	else
		snprintf(line, (size_t)room, "%.*s\n", (int)(size - indent), from + indent);
	return check_section(parse, line) == 0 ? line : NULL;
}

/* inih's callback: 1 to go on, 0 for an error at this line. */
static int on_setting(void *context, const char *section, const char *key, const char *value)
{
	struct parse *parse = context;
	struct settings *settings = parse->settings;
	if (!is_known(section, strlen(section), key)) {
		error_set(parse->err, ERROR_USAGE, "there is no setting \"%s\" in section [%s]", key,
				  section);
		fail(parse);
		return 0;
	}
	if (*value == '\0')
		return 1;
	settings->items = memory_grow(settings->items, settings->count, &settings->capacity,
								  sizeof(*settings->items));
	settings->items[settings->count++] = (struct setting){
		memory_copy_text(section), memory_copy_text(key), memory_copy_text(value)};
	return 1;
}

static int parse_text(const struct buffer *text, struct settings *settings, struct error *err)
{
	struct parse parse = {.settings = settings, .at = text->bytes, .left = text->size, .err = err};
	/* The first line that inih itself cannot read, or that on_setting() refused. */
	int line = ini_parse_stream(next_line, &parse, on_setting, &parse);
	if (line < 0)
		return error_set(err, ERROR_SYSTEM, "out of memory");
	if (line == 0 && !parse.failed)
		return 0;
	if (line > 0 && (!parse.failed || line < parse.line)) {
		error_set(err, ERROR_USAGE, "not \"key = value\" or \"[section]\"");
		parse.line = line;
	}
	return error_add_context(err, "line %d", parse.line);
}

/* `$variable/tail`, or `$HOME/home_tail` when the variable holds no absolute path (XDG Base
 * Directory Specification); NULL when there is no home. */
static char *path_under(const char *variable, const char *tail, const char *home_tail)
{
	const char *base = getenv(variable);
	if (base != NULL && *base == '/')
		return memory_format("%s/%s", base, tail);
	const char *home = getenv("HOME");
	if (home == NULL || *home == '\0')
		return NULL;
	return memory_format("%s/%s", home, home_tail);
}

/* Whether a default file is there: one that cannot be looked at is, and reading it says why. */
static bool is_there(const char *path)
{
	return access(path, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

static int read_file(const char *path, struct settings *settings, struct error *err)
{
	CLEANUP(buffer_clear) struct buffer text = BUFFER_INIT(LIMIT_SETTINGS_SIZE);
	int descriptor = open(path, O_RDONLY | O_CLOEXEC);
	if (descriptor < 0)
		return error_set_errno(err, "configuration %s", path);
	struct reader *file = reader_from_file(descriptor, 1, "reading");
	int result = reader_read_all(file, &text, err);
	reader_close(file);
	if (result == 0)
		result = parse_text(&text, settings, err);
	return result == 0 ? 0 : error_add_context(err, "configuration %s", path);
}

struct settings *settings_load(const char *path, struct error *err)
{
	CLEANUP(settings_free_at) struct settings *settings = memory_alloc(1, sizeof(*settings));
	CLEANUP(free_at) char *default_path = NULL;
	const char *environment = getenv("LAYERPROOF_CONFIG");
	if (path == NULL && environment != NULL && *environment != '\0')
		path = environment;
	bool named = path != NULL;
	if (!named) {
		default_path = path_under("XDG_CONFIG_HOME", "layerproof/layerproof.conf",
								  ".config/layerproof/layerproof.conf");
		path = default_path;
	}
	if (path != NULL && (named || is_there(path)) && read_file(path, settings, err) != 0)
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

int settings_get_number(const struct settings *settings, const char *section, const char *key,
						long least, long most, long *out, struct error *err)
{
	char *end;
	const char *text = settings_get(settings, section, key);
	if (text == NULL)
		return 0;
	errno = 0;
	long value = strtol(text, &end, 10);
	if (*end != '\0' || errno != 0 || value < least || value > most)
		return error_set(err, ERROR_USAGE,
						 "configuration: [%s] %s is a whole number from %ld to %ld, not \"%s\"",
						 section, key, least, most, text);
	*out = value;
	return 0;
}

char *settings_index_directory(const struct settings *settings, const char *flag, struct error *err)
{
	if (flag != NULL && *flag == '\0') {
		/* An unset variable in a script must not lead to the default index. */
		error_set(err, ERROR_USAGE, "--index: no directory is named");
		return NULL;
	}
	const char *named = flag != NULL ? flag : getenv("LAYERPROOF_INDEX");
	if (named == NULL || *named == '\0')
		named = settings_get(settings, "index", "dir");
	if (named != NULL)
		return memory_copy_text(named);
	char *path = path_under("XDG_DATA_HOME", "layerproof/index", ".local/share/layerproof/index");
	if (path == NULL)
		error_set(err, ERROR_USAGE, "no home directory: name the index with --index DIR");
	return path;
}

char *settings_cache_directory(const struct settings *settings)
{
	const char *named = getenv("LAYERPROOF_CACHE");
	if (named == NULL || *named == '\0')
		named = settings_get(settings, "cache", "directory");
	if (named != NULL)
		return memory_copy_text(named);
	return path_under("XDG_CACHE_HOME", "layerproof", ".cache/layerproof");
}
