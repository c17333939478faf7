/* slotdb: keeps texts in numbered slots, as a script of one command a line says.
 *
 *   new SLOT SIZE       put SLOT OFFSET TEXT    get SLOT          del SLOT
 *   copy FROM TO        alias FROM TO           size SLOT SIZE    swap SLOT SLOT
 *   find SLOT TEXT      count                   ratio SLOT        byte SLOT INDEX
 *
 * Returns 0, or 2 after one line that begins with "error:".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS 16
#define LARGEST 4096

struct slot {
    char *bytes;
    size_t size;
    size_t used;
    int alias; /* 1 + the number of the slot that owns the bytes */
};

struct store {
    struct slot *slots;
    FILE *out;
    const char *error;
};

static int fail(struct store *s, const char *why)
{
    if (!s->error)
        s->error = why;
    return -1;
}

static int number(char **words, long *value)
{
    char *end;
    *value = strtol(*words, &end, 10);
    if (end == *words)
        return -1;
    *words = *end == ' ' ? end + 1 : end;
    return 0;
}

static struct slot *slot_at(struct store *s, char **words)
{
    long n;
    if (number(words, &n) || n < 0 || n >= SLOTS) {
        fail(s, "no such slot");
        return NULL;
    }
    return &s->slots[n];
}

static struct slot *filled(struct store *s, char **words)
{
    struct slot *slot = slot_at(s, words);
    if (slot && !slot->bytes) {
        fail(s, "a slot is empty");
        return NULL;
    }
    return slot;
}

static int cmd_new(struct store *s, char *words)
{
    struct slot *slot = slot_at(s, &words);
    long size;
    if (!slot)
        return -1;
    if (number(&words, &size) || size < 1 || size > LARGEST)
        return fail(s, "a size is out of range");
    if (slot->bytes || slot->alias)
        return fail(s, "a slot is taken");
    slot->bytes = calloc((size_t)size, 1);
    if (!slot->bytes)
        return fail(s, "out of memory");
    slot->size = (size_t)size;
    slot->used = 0;
    return 0;
}

static int cmd_put(struct store *s, char *words)
{
    struct slot *slot = filled(s, &words);
    long offset;
    if (!slot)
        return -1;
    if (number(&words, &offset) || offset < 0 || offset > (long)slot->size)
        return fail(s, "an offset is out of range");
    size_t length = strlen(words);
    if (length > slot->size - (size_t)offset)
        return fail(s, "a text does not fit");
    memcpy(slot->bytes + offset, words, length);
    if ((size_t)offset + length > slot->used)
        slot->used = (size_t)offset + length;
    return 0;
}

static void show_bytes(struct store *s, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        fputc(bytes[i] >= 0x20 && bytes[i] < 0x7f ? bytes[i] : '.', s->out);
    fputc('\n', s->out);
}

static int cmd_get(struct store *s, char *words)
{
    struct slot *slot = filled(s, &words);
    if (!slot)
        return -1;
    show_bytes(s, slot->bytes, slot->used);
    return 0;
}

static int has_alias(const struct store *s, const struct slot *slot)
{
    int owner = (int)(slot - s->slots) + 1;
    for (int i = 0; i < SLOTS; i++)
        if (s->slots[i].alias == owner)
            return 1;
    return 0;
}

static int cmd_del(struct store *s, char *words)
{
    struct slot *slot = filled(s, &words);
    if (!slot)
        return -1;
    if (slot->alias) {
        memset(slot, 0, sizeof *slot);
        return 0;
    }
    if (has_alias(s, slot))
        return fail(s, "a slot has aliases");
    free(slot->bytes);
    memset(slot, 0, sizeof *slot);
    return 0;
}

static int cmd_copy(struct store *s, char *words)
{
    struct slot *from = filled(s, &words), *to = from ? slot_at(s, &words) : NULL;
    if (!to)
        return -1;
    if (to->bytes || to->alias)
        return fail(s, "a slot is taken");
    to->bytes = calloc(from->size, 1);
    to->size = from->size;
    if (!to->bytes)
        return fail(s, "out of memory");
    memcpy(to->bytes, from->bytes, from->used);
    to->used = from->used;
    return 0;
}

static int cmd_alias(struct store *s, char *words)
{
    struct slot *from = filled(s, &words), *to = from ? slot_at(s, &words) : NULL;
    if (!to)
        return -1;
    if (to->bytes || from->alias)
        return fail(s, "an alias needs an empty slot and an owner");
    *to = *from;
    to->alias = (int)(from - s->slots) + 1;
    return 0;
}

static int cmd_size(struct store *s, char *words)
{
    struct slot *slot = filled(s, &words);
    long size;
    if (!slot)
        return -1;
    if (number(&words, &size) || size < 1 || size > LARGEST)
        return fail(s, "a size is out of range");
    if (slot->alias || has_alias(s, slot))
        return fail(s, "an aliased slot keeps its size");
    char *more = realloc(slot->bytes, (size_t)size);
    if (!more)
        return fail(s, "out of memory");
    if ((size_t)size > slot->size)
        memset(more + slot->size, 0, (size_t)size - slot->size);
    slot->bytes = more;
    slot->size = (size_t)size;
    if (slot->used > slot->size)
        slot->used = slot->size;
    return 0;
}

static int cmd_swap(struct store *s, char *words)
{
    struct slot *one = filled(s, &words), *other = one ? filled(s, &words) : NULL;
    if (!other)
        return -1;
    if (one->alias || other->alias || has_alias(s, one) || has_alias(s, other))
        return fail(s, "aliased slots are not swapped");
    struct slot kept = *one;
    *one = *other;
    *other = kept;
    return 0;
}

static int cmd_find(struct store *s, char *words)
{
    struct slot *slot = filled(s, &words);
    if (!slot)
        return -1;
    size_t length = strlen(words), at = 0;
    while (at + length <= slot->used && memcmp(slot->bytes + at, words, length))
        at++;
    fprintf(s->out, "%s\n", at + length <= slot->used ? "found" : "not there");
    return 0;
}

static int cmd_ratio(struct store *s, char *words)
{
    struct slot *slot = filled(s, &words);
    if (!slot)
        return -1;
    fprintf(s->out, "one in %d\n", slot->used ? (int)slot->size / (int)slot->used : 0);
    return 0;
}

static int cmd_byte(struct store *s, char *words)
{
    struct slot *slot = filled(s, &words);
    long at;
    if (!slot)
        return -1;
    if (number(&words, &at) || at < 0 || at >= (long)slot->used)
        return fail(s, "an index is out of range");
    show_bytes(s, slot->bytes + at, 1);
    return 0;
}

static int cmd_count(struct store *s)
{
    int count = 0;
    for (int i = 0; i < SLOTS; i++)
        count += s->slots[i].bytes != NULL;
    fprintf(s->out, "%d slots\n", count);
    return 0;
}

static int command(struct store *s, char *line)
{
    static const struct {
        const char *name;
        int (*run)(struct store *, char *);
    } known[] = {{"new", cmd_new},   {"put", cmd_put},   {"get", cmd_get},   {"del", cmd_del},
                 {"copy", cmd_copy}, {"alias", cmd_alias}, {"size", cmd_size}, {"swap", cmd_swap},
                 {"find", cmd_find}, {"ratio", cmd_ratio}, {"byte", cmd_byte}};
    char *words = strchr(line, ' ');
    if (!strcmp(line, "count"))
        return cmd_count(s);
    if (!words)
        return fail(s, "a command lacks its slot");
    *words++ = '\0';
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!strcmp(known[i].name, line))
            return known[i].run(s, words);
    return fail(s, "a command is unknown");
}

int program_run(const unsigned char *data, size_t size, FILE *out)
{
    struct store s = {.slots = calloc(SLOTS, sizeof *s.slots), .out = out};
    size_t pos = 0;
    while (s.slots && pos < size && !s.error) {
        const unsigned char *end = memchr(data + pos, '\n', size - pos);
        size_t length = (end ? (size_t)(end - data) : size) - pos;
        char *line = malloc(length + 1);
        if (!line)
            break;
        memcpy(line, data + pos, length);
        line[length] = '\0';
        if (*line)
            command(&s, line);
        free(line);
        pos += length + 1;
    }
    for (int i = 0; s.slots && i < SLOTS; i++)
        if (!s.slots[i].alias)
            free(s.slots[i].bytes);
    free(s.slots);
    if (s.error)
        fprintf(out, "error: %s\n", s.error);
    return s.error ? 2 : 0;
}
