#include "tar_framing.h"

#include <string.h>

#include "layerproof/limits.h"
#include "layerproof/memory.h"

enum {
	NAME_LENGTH = 100,
	SIZE_AT = 124,
	SIZE_LENGTH = 12,
	MAGIC_AT = 257,
	MAGIC_LENGTH = 8,
	/* of an old GNU header: whether blocks with more of the sparse map follow, and the size */
	GNU_MORE_AT = 482,
	GNU_REAL_SIZE_AT = 483,
	GNU_EXTENSION_MORE_AT = 504,
	FRAMES_MOST = 65536, /* in one chunk, and more than libarchive can be behind */
	FIRST_CAPACITY = 256,
	NO_NUMBER = -2,
};

static const struct tar_frame_meta NO_META = {.size = -1, .map_size = -1, .real_size = -1};

void tar_framing_begin(struct tar_framing *self)
{
	*self = (struct tar_framing){.place = TAR_FRAMING_HEADER, .meta = NO_META};
}

void tar_framing_clear(struct tar_framing *self)
{
	for (size_t i = self->first; i < self->count; i++)
		free(self->frames[i].path);
	free(self->text);
	free(self->frames);
	free(self->path);
	free(self->last_path);
	*self = (struct tar_framing){.place = TAR_FRAMING_REFUSED};
}

/* ---- Numbers ---- */

/* A number of base 256: its first bit says so, its second gives the sign. -1 when it is negative or
 * too large. */
static int64_t parse_binary(const uint8_t *field, size_t length)
{
	uint64_t value = field[0] & 0x7f;
	if (field[0] & 0x40)
		return -1;
	for (size_t i = 1; i < length; i++) {
		if (value >> 55)
			return -1;
		value = value << 8 | field[i];
	}
	return (int64_t)value;
}

static bool is_padding(uint8_t byte)
{
	return byte == ' ' || byte == '\0';
}

/* Octal digits between blanks and NULs, on either side; nothing at all is 0. -1 for others. */
static int64_t parse_octal(const uint8_t *field, size_t length)
{
	int64_t value = 0;
	while (length > 0 && is_padding(*field)) {
		field++;
		length--;
	}
	while (length > 0 && is_padding(field[length - 1]))
		length--;
	for (; length > 0 && *field != '\0'; field++, length--) {
		if (*field < '0' || *field > '7')
			return -1;
		value = value * 8 + (*field - '0'); /* twelve digits at most */
	}
	return value;
}

static int64_t parse_field(const uint8_t *field)
{
	return field[0] & 0x80 ? parse_binary(field, SIZE_LENGTH) : parse_octal(field, SIZE_LENGTH);
}

/* Decimal digits behind a sign or none; NO_NUMBER for others, and for negative ones. */
static int64_t parse_decimal(const char *text, size_t length)
{
	int64_t value = 0;
	if (length > 0 && *text == '+') {
		text++;
		length--;
	}
	if (length == 0)
		return NO_NUMBER;
	for (; length > 0; text++, length--) {
		if (*text < '0' || *text > '9' || value > (INT64_MAX - (*text - '0')) / 10)
			return NO_NUMBER;
		value = value * 10 + (*text - '0');
	}
	return value;
}

/* ---- Extended headers ---- */

static bool is_key(const char *key, size_t length, const char *expected)
{
	return strlen(expected) == length && memcmp(key, expected, length) == 0;
}

static char one_digit(const char *value, size_t length)
{
	if (length == 0)
		return 0;
	return length == 1 && (*value == '0' || *value == '1') ? *value : '?';
}

static void take_path(struct tar_frame_meta *meta, bool is_sparse_name, const char *value,
					  size_t length)
{
	if (length == 0 || (meta->has_sparse_name && !is_sparse_name))
		return;
	meta->path = value;
	meta->path_length = length;
	meta->has_sparse_name = is_sparse_name;
}

/* An empty value takes back what an earlier record said. */
static void take_record(struct tar_frame_meta *meta, const char *key, size_t key_length,
						const char *value, size_t length)
{
	int64_t number = length > 0 ? parse_decimal(value, length) : -1;
	if (is_key(key, key_length, "size"))
		meta->size = number;
	else if (is_key(key, key_length, "path"))
		meta->path_end = (char)(length > 0 ? value[length - 1] : 0);
	else if (is_key(key, key_length, "GNU.sparse.major"))
		meta->major = one_digit(value, length);
	else if (is_key(key, key_length, "GNU.sparse.minor"))
		meta->minor = one_digit(value, length);
	else if (is_key(key, key_length, "GNU.sparse.size"))
		meta->map_size = number;
	else if (is_key(key, key_length, "GNU.sparse.realsize"))
		meta->real_size = number;
	else if (is_key(key, key_length, "GNU.sparse.map"))
		meta->has_map = length > 0;
	else if (is_key(key, key_length, "GNU.sparse.offset"))
		meta->has_map = true;
	bool is_sparse_name = is_key(key, key_length, "GNU.sparse.name");
	if (is_sparse_name || is_key(key, key_length, "path"))
		take_path(meta, is_sparse_name, value, length);
}

/* Takes one record "LENGTH KEY=VALUE\n" of `text`; returns its length, or 0 when it is none. */
static size_t take_next(struct tar_framing *self, struct tar_frame_meta *meta, const char *text,
						size_t size)
{
	const char *blank = memchr(text, ' ', size);
	if (blank == NULL)
		return 0;
	int64_t length = parse_decimal(text, (size_t)(blank - text));
	const char *key = blank + 1;
	if (length < key + 1 - text || length > (int64_t)size || text[length - 1] != '\n')
		return 0;
	const char *end = text + length - 1;
	const char *equals = memchr(key, '=', (size_t)(end - key));
	if (equals == NULL || equals == key)
		return 0;
	const char *value = equals + 1;
	take_record(meta, key, (size_t)(equals - key), value, (size_t)(end - value));
	if (is_key(key, (size_t)(equals - key), "SUN.holesdata"))
		self->has_holes = true;
	return (size_t)length;
}

static bool is_ascii(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)text[i] >= 0x80)
			return false;
	return true;
}

/* Readers do not agree on which of several headers counts: nothing is kept then. */
static void keep_path(struct tar_framing *self, struct tar_frame_meta *meta)
{
	if (self->extended == 1 && meta->path != NULL && !is_ascii(meta->path, meta->path_length))
		self->path = memory_format("%.*s", (int)meta->path_length, meta->path);
	meta->path = NULL;
}

static void forget_meta(struct tar_framing *self)
{
	self->meta = NO_META;
	self->extended = 0;
	free(STEAL(self->path));
}

/* The records of an extended header take the place of those of one before it. */
static bool take_records(struct tar_framing *self)
{
	struct tar_frame_meta meta = NO_META;
	size_t at = 0;
	meta.long_name_end = self->meta.long_name_end;
	while (at < self->text_length) {
		size_t length = take_next(self, &meta, self->text + at, self->text_length - at);
		if (length == 0)
			return false;
		at += length;
	}
	keep_path(self, &meta);
	self->meta = meta;
	return true;
}

static void take_long_name(struct tar_framing *self)
{
	size_t length = strnlen(self->text, self->text_length);
	self->meta.long_name_end = (char)(length > 0 ? self->text[length - 1] : 0);
}

static void end_meta(struct tar_framing *self)
{
	self->place = TAR_FRAMING_HEADER;
	self->extended++;
	free(STEAL(self->path));
	if (self->is_long_name)
		take_long_name(self);
	else if (!take_records(self))
		self->place = TAR_FRAMING_REFUSED;
}

/* ---- Headers ---- */

static void begin_content(struct tar_framing *self, int64_t size, enum tar_framing_place place)
{
	self->left = (size + USTAR_BLOCK_SIZE - 1) / USTAR_BLOCK_SIZE * USTAR_BLOCK_SIZE;
	self->place = self->left > 0 ? place : TAR_FRAMING_HEADER;
}

static void begin_meta(struct tar_framing *self, int64_t size, bool is_long_name)
{
	if (size > LIMIT_TAR_HEADER) {
		self->place = TAR_FRAMING_REFUSED;
		return;
	}
	if ((size_t)size >= self->text_size) {
		self->text = memory_resize(self->text, (size_t)size + 1, 1);
		self->text_size = (size_t)size + 1;
	}
	self->text_length = (size_t)size;
	self->is_long_name = is_long_name;
	begin_content(self, size, TAR_FRAMING_META);
	if (size == 0)
		end_meta(self);
}

static void add_frame(struct tar_framing *self, const struct tar_frame *frame)
{
	if (self->first == self->count)
		self->first = self->count = 0;
	if (self->count == FRAMES_MOST) {
		self->is_lost = true;
		self->place = TAR_FRAMING_REFUSED;
		return;
	}
	if (self->count == self->capacity) {
		self->capacity = self->capacity > 0 ? 2 * self->capacity : FIRST_CAPACITY;
		self->frames = memory_resize(self->frames, self->capacity, sizeof(*self->frames));
	}
	struct tar_framed_entry *added = &self->frames[self->count++];
	added->frame = *frame;
	added->path = STEAL(self->path);
}

/* The last byte of the path, of which a slash makes a folder of what has no type. */
static char end_of_path(const struct tar_framing *self)
{
	size_t length = strnlen((const char *)self->block, NAME_LENGTH);
	if (self->meta.long_name_end != 0)
		return self->meta.long_name_end;
	if (self->meta.path_end != 0)
		return self->meta.path_end;
	return (char)(length > 0 ? self->block[length - 1] : '/');
}

static bool has_content(const struct tar_framing *self, char type)
{
	return (type < '1' || type > '6') && (type != '\0' || end_of_path(self) != '/');
}

static bool is_gnu(const uint8_t *block)
{
	return memcmp(block + MAGIC_AT, "ustar  ", MAGIC_LENGTH) == 0;
}

/* GNU.sparse of a version that runtimes know: 0.0, 0.1, or 1.0. */
static bool has_sparse_map(const struct tar_frame_meta *meta)
{
	if (meta->major == 0 && meta->minor == 0)
		return meta->has_map;
	return (meta->major == '0' && (meta->minor == '0' || meta->minor == '1')) ||
		   (meta->major == '1' && meta->minor == '0');
}

static int64_t size_of_sparse(const struct tar_frame_meta *meta, int64_t stored)
{
	if (meta->map_size != -1)
		return meta->map_size;
	return meta->real_size != -1 ? meta->real_size : stored;
}

static void begin_entry(struct tar_framing *self, char type, int64_t plain)
{
	int64_t stored = self->meta.size != -1 ? self->meta.size : plain;
	bool is_old_sparse = type == 'S' && is_gnu(self->block);
	struct tar_frame frame = {
		.start = self->start, .size = stored, .is_sparse = is_old_sparse, .content = self->at};
	if (!has_content(self, type)) {
		frame.size = 0;
		stored = stored < 0 ? stored : 0;
	} else if (is_old_sparse) {
		frame.size = parse_field(self->block + GNU_REAL_SIZE_AT);
	} else if (has_sparse_map(&self->meta)) {
		frame.is_sparse = true;
		frame.size = size_of_sparse(&self->meta, stored);
	}
	if (frame.size < 0 || stored < 0 || stored > INT64_MAX - USTAR_BLOCK_SIZE) {
		self->place = TAR_FRAMING_REFUSED;
		return;
	}
	if (self->has_holes)
		frame.size = NO_NUMBER;
	if (type == 'D' || type == 'M') /* folder of an incremental archive, rest of a file */
		frame.size = 0;
	self->in_entry = false;
	self->has_holes = false;
	begin_content(self, stored, TAR_FRAMING_CONTENT);
	if (is_old_sparse && self->block[GNU_MORE_AT] != 0)
		self->place = TAR_FRAMING_EXTENSION;
	add_frame(self, &frame);
	forget_meta(self);
}

static void take_header(struct tar_framing *self)
{
	static const uint8_t end_mark[USTAR_BLOCK_SIZE];
	char type = ustar_type(self->block);
	int64_t size = parse_field(self->block + SIZE_AT);
	if (memcmp(self->block, end_mark, sizeof(end_mark)) == 0) {
		self->place = TAR_FRAMING_END;
		return;
	}
	if (!self->in_entry)
		self->start = self->at - USTAR_BLOCK_SIZE;
	self->in_entry = true;
	if (size < 0 || size > INT64_MAX - USTAR_BLOCK_SIZE) {
		self->place = TAR_FRAMING_REFUSED;
		return;
	}
	switch (type) {
	case 'x':
	case 'X':
	case 'L':
		begin_meta(self, size, type == 'L');
		break;
	case 'g': /* is an entry for runtimes: what came before is forgotten */
		forget_meta(self);
		begin_content(self, size, TAR_FRAMING_CONTENT);
		break;
	case 'K':
	case 'A': /* of Solaris */
	case 'V': /* the name of a volume */
		begin_content(self, size, TAR_FRAMING_CONTENT);
		break;
	default:
		begin_entry(self, type, size);
		break;
	}
}

/* A further block of an old sparse map. */
static void take_extension(struct tar_framing *self)
{
	if (self->block[GNU_EXTENSION_MORE_AT] == 0)
		self->place = self->left > 0 ? TAR_FRAMING_CONTENT : TAR_FRAMING_HEADER;
}

/* ---- Bytes ---- */

static size_t add_to_block(struct tar_framing *self, const uint8_t *bytes, size_t size)
{
	size_t room = USTAR_BLOCK_SIZE - self->block_size;
	size_t take = size < room ? size : room;
	memcpy(self->block + self->block_size, bytes, take);
	self->block_size += take;
	self->at += (int64_t)take;
	if (self->block_size < USTAR_BLOCK_SIZE)
		return take;
	self->block_size = 0;
	if (self->place == TAR_FRAMING_HEADER)
		take_header(self);
	else
		take_extension(self);
	return take;
}

static size_t add_to_content(struct tar_framing *self, const uint8_t *bytes, size_t size)
{
	size_t take = (int64_t)size < self->left ? size : (size_t)self->left;
	if (self->place == TAR_FRAMING_META) {
		size_t padded = (self->text_length + USTAR_BLOCK_SIZE - 1) / USTAR_BLOCK_SIZE *
						USTAR_BLOCK_SIZE;
		size_t before = padded - (size_t)self->left;
		size_t room = before < self->text_length ? self->text_length - before : 0;
		if (room > 0)
			memcpy(self->text + before, bytes, take < room ? take : room);
	}
	self->left -= (int64_t)take;
	self->at += (int64_t)take;
	if (self->left == 0 && self->place == TAR_FRAMING_META)
		end_meta(self);
	else if (self->left == 0)
		self->place = TAR_FRAMING_HEADER;
	return take;
}

void tar_framing_add(struct tar_framing *self, const uint8_t *bytes, size_t size)
{
	while (size > 0 && self->place < TAR_FRAMING_END) {
		bool is_block = self->place == TAR_FRAMING_HEADER || self->place == TAR_FRAMING_EXTENSION;
		size_t taken = is_block ? add_to_block(self, bytes, size)
								: add_to_content(self, bytes, size);
		bytes += taken;
		size -= taken;
	}
}

/* ---- Comparing ---- */

/* The same is said whether this has come as far as the reader, or further: what it has found behind
 * that place does not count. */
static bool is_refused_before(const struct tar_framing *self, int64_t place)
{
	return self->place == TAR_FRAMING_REFUSED && self->at <= place;
}

bool tar_framing_has_entry(struct tar_framing *self, const struct tar_frame *entry)
{
	free(STEAL(self->last_path));
	if (self->is_lost)
		return false;
	if (self->first == self->count) {
		self->is_lost = !is_refused_before(self, entry->content);
		return !self->is_lost;
	}
	/* A map may also stand for a file without holes. */
	const struct tar_frame *mine = &self->frames[self->first].frame;
	self->last_path = STEAL(self->frames[self->first].path);
	self->first++;
	self->is_lost = mine->start != entry->start || mine->size != entry->size ||
					mine->content > entry->content || (entry->is_sparse && !mine->is_sparse);
	return !self->is_lost;
}

const char *tar_framing_path(const struct tar_framing *self)
{
	return self->is_lost ? NULL : self->last_path;
}

bool tar_framing_has_end(struct tar_framing *self, int64_t end, int64_t read)
{
	bool is_between = self->place == TAR_FRAMING_HEADER && self->block_size == 0 && !self->in_entry;
	bool is_at_mark = self->place == TAR_FRAMING_END && self->at == end + USTAR_BLOCK_SIZE;
	if (self->first < self->count || !(is_between || is_at_mark || is_refused_before(self, read)))
		self->is_lost = true;
	return !self->is_lost;
}
