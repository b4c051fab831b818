#include "member_table.h"

#include <stdbool.h>
#include <string.h>

#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "tar_name.h"

int member_table_add(struct member_table *table, const struct member *member, struct error *err)
{
	if (table->count == LIMIT_ARCHIVE_MEMBERS)
		return error_set(err, ERROR_OVER_LIMIT, "more than %d members", LIMIT_ARCHIVE_MEMBERS);
	table->text_size += strlen(member->name) + (member->link ? strlen(member->link) : 0);
	if (table->text_size > LIMIT_ARCHIVE_NAMES)
		return error_set(err, ERROR_OVER_LIMIT, "names of more than %lld bytes",
						 (long long)LIMIT_ARCHIVE_NAMES);
	table->members = memory_grow(table->members, table->count, &table->capacity,
								 sizeof(*table->members));
	struct member *added = &table->members[table->count++];
	*added = *member;
	added->name = memory_copy_text(member->name);
	added->link = memory_copy_text(member->link);
	return 0;
}

static void clear_member(struct member *member)
{
	free(member->name);
	free(member->link);
}

static int compare(const void *left, const void *right)
{
	const struct member *a = left;
	const struct member *b = right;
	int order = strcmp(a->name, b->name);
	return order != 0 ? order : (a->entry > b->entry) - (a->entry < b->entry);
}

void member_table_finish(struct member_table *table)
{
	size_t kept = 0;
	if (table->count > 1)
		qsort(table->members, table->count, sizeof(*table->members), compare);
	for (size_t i = 0; i < table->count; i++) {
		struct member *member = &table->members[i];
		if (i + 1 < table->count && strcmp(member->name, member[1].name) == 0)
			clear_member(member);
		else
			table->members[kept++] = *member;
	}
	table->count = kept;
}

static int compare_name(const void *name, const void *element)
{
	return strcmp(name, ((const struct member *)element)->name);
}

static const struct member *look_up(const struct member_table *table, const char *name)
{
	if (table->count == 0)
		return NULL;
	return bsearch(name, table->members, table->count, sizeof(*table->members), compare_name);
}

/* A path being put together, in memory that has room for all of it. */
struct path {
	char *text;
	size_t size;
};

/* Takes the last part off; -1 when there is none. */
static int leave_folder(struct path *path)
{
	if (path->size == 0)
		return -1;
	while (path->size > 0 && path->text[path->size - 1] != '/')
		path->size--;
	if (path->size > 0)
		path->size--;
	path->text[path->size] = '\0';
	return 0;
}

static void enter(struct path *path, const char *part, size_t length)
{
	if (path->size > 0)
		path->text[path->size++] = '/';
	memcpy(path->text + path->size, part, length);
	path->size += length;
	path->text[path->size] = '\0';
}

/* Follows each part of `more`; -1 when that leads out of the archive. */
static int follow(struct path *path, const char *more)
{
	while (*more != '\0') {
		size_t length = strcspn(more, "/");
		bool up = length == 2 && memcmp(more, "..", 2) == 0;
		bool stay = length == 0 || (length == 1 && *more == '.');
		if (up && leave_folder(path) == -1)
			return -1;
		if (!up && !stay)
			enter(path, more, length);
		more += length;
		more += *more == '/';
	}
	return 0;
}

/* Where the link leads, from the root of the archive; NULL when out of it. Free with free(). */
static char *resolve(const struct member *member)
{
	size_t room = strlen(member->name) + strlen(member->link) + 2;
	struct path path = {.text = memory_alloc(room, 1)};
	bool from_folder = member->kind == MEMBER_SYMLINK && member->link[0] != '/';
	if ((!from_folder || (follow(&path, member->name) == 0 && leave_folder(&path) == 0)) &&
		follow(&path, member->link) == 0)
		return path.text;
	free(path.text);
	return NULL;
}

const struct member *member_table_find(const struct member_table *table, const char *name)
{
	const struct member *member = look_up(table, tar_name_strip(name));
	for (int links = 0; member && member->kind != MEMBER_FILE; links++) {
		CLEANUP(free_at) char *path = links < LIMIT_ARCHIVE_LINKS ? resolve(member) : NULL;
		member = path ? look_up(table, path) : NULL;
	}
	return member;
}

void member_table_clear(struct member_table *table)
{
	for (size_t i = 0; i < table->count; i++)
		clear_member(&table->members[i]);
	free(table->members);
	*table = (struct member_table){.count = 0};
}
