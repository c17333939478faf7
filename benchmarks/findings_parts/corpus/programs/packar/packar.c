/* packar: unpacks an archive in memory and lists what is in it, with sums.
 *
 *   "PKA", then entries: method, length of the name, name, unpacked size and packed size (16 bits, big-endian), bytes
 *   0 stored   1 runs: count, byte   2 literals and copies: 0nnnnnnn bytes, or 1nnnnnnn distance
 *   3 link: number of an earlier entry   4 joined: numbers of entries   5 patch: number, offset, bytes
 *   6 removes: number of an entry
 *
 * Returns 0, or 2 after one line that begins with "error:".
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH 10

struct entry {
    char *name;
    unsigned char method;
    unsigned char *bytes;
    size_t size;
    int gone;
};

struct archive {
    struct entry *entries;
    size_t count;
    FILE *out;
    const char *error;
};

struct sink {
    unsigned char *bytes;
    size_t room;
    size_t used;
};

static int bad(struct archive *a, const char *why)
{
    if (!a->error)
        a->error = why;
    return -1;
}

static void emit(struct sink *s, unsigned char byte)
{
    s->bytes[s->used] = byte;
    s->used++;
}

static int unpack_runs(struct archive *a, struct sink *s, const unsigned char *at, size_t length)
{
    for (size_t i = 0; i + 1 < length; i += 2) {
        unsigned count = at[i];
        if (count > s->room - s->used)
            return bad(a, "runs are longer than they say");
        while (count--)
            emit(s, at[i + 1]);
    }
    return 0;
}

static void copy_back(struct sink *s, size_t distance, unsigned count)
{
    while (count--)
        emit(s, s->bytes[s->used - distance]);
}

static int unpack_copies(struct archive *a, struct sink *s, const unsigned char *at, size_t length)
{
    size_t i = 0;
    while (i < length) {
        unsigned token = at[i++], count = token & 0x7f;
        if (count > s->room - s->used)
            return bad(a, "a copy is longer than its entry");
        if (token & 0x80) {
            if (i >= length)
                return bad(a, "a distance is missing");
            unsigned distance = at[i++];
            if (distance == 0 || distance > s->used)
                return bad(a, "a distance leads before the entry");
            copy_back(s, distance, count);
            continue;
        }
        if (count > length - i)
            return bad(a, "literal bytes are cut short");
        while (count--)
            emit(s, at[i++]);
    }
    return 0;
}

/* The entry with a number, if it is there and has bytes of its own. */
static struct entry *numbered(struct archive *a, unsigned number)
{
    if (number >= a->count)
        return NULL;
    return a->entries[number].gone ? NULL : &a->entries[number];
}

static int follow(struct archive *a, unsigned number, struct sink *s, int depth)
{
    struct entry *e = numbered(a, number);
    if (!e)
        return bad(a, "a link leads to nothing");
    if (e->method != 3) {
        for (size_t i = 0; i < e->size && s->used < s->room; i++)
            emit(s, e->bytes[i]);
        return 0;
    }
    if (e->size != 1 || depth > MAX_DEPTH)
        return bad(a, "links lead to one another");
    return follow(a, e->bytes[0], s, depth + 1);
}

static int join(struct archive *a, struct sink *s, const unsigned char *at, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        struct entry *e = numbered(a, at[i]);
        if (!e || e->method == 3)
            return bad(a, "an entry to join is missing");
        if (e->size > s->room - s->used)
            return bad(a, "joined entries are longer than they say");
        for (size_t n = 0; n < e->size; n++)
            emit(s, e->bytes[n]);
    }
    return 0;
}

static int patch(struct archive *a, const unsigned char *at, size_t length)
{
    if (length < 2)
        return bad(a, "a patch lacks its number and offset");
    struct entry *e = numbered(a, at[0]);
    size_t offset = at[1], count = length - 2;
    if (!e || offset > e->size || count > e->size - offset)
        return bad(a, "a patch does not fit its entry");
    memcpy(e->bytes + offset, at + 2, count);
    fprintf(a->out, "patched %u at %zu with %zu bytes\n", at[0], offset, count);
    return 0;
}

static int remove_entry(struct archive *a, const unsigned char *at, size_t length)
{
    struct entry *e = length == 1 ? numbered(a, at[0]) : NULL;
    if (!e)
        return bad(a, "no such entry to remove");
    free(e->bytes);
    e->bytes = NULL;
    e->gone = 1;
    fprintf(a->out, "removed %u\n", at[0]);
    return 0;
}

static int add_entry(struct archive *a, unsigned char method, const unsigned char *name, size_t name_length, size_t size,
                     const unsigned char *at, size_t length)
{
    struct sink s = {.bytes = malloc(size ? size : 1), .room = size};
    int failed = s.bytes ? 0 : bad(a, "out of memory");
    if (!failed && (method == 0 || method == 3)) {
        if (length != size)
            failed = bad(a, "a stored entry has another size");
        for (size_t i = 0; i < length && !failed; i++)
            emit(&s, at[i]);
    } else if (!failed) {
        failed = method == 1 ? unpack_runs(a, &s, at, length)
                 : method == 2 ? unpack_copies(a, &s, at, length)
                               : join(a, &s, at, length);
    }
    struct entry *more = failed ? NULL : realloc(a->entries, (a->count + 1) * sizeof *more);
    if (!more) {
        free(s.bytes);
        return bad(a, "out of memory");
    }
    a->entries = more;
    struct entry *e = &a->entries[a->count];
    memset(e, 0, sizeof *e);
    e->method = method;
    e->bytes = s.bytes;
    e->size = s.used;
    e->name = malloc(name_length + 1);
    if (e->name) {
        memcpy(e->name, name, name_length);
        e->name[name_length] = '\0';
    }
    a->count++;
    return 0;
}

static void list(struct archive *a)
{
    unsigned char window[4096];
    for (size_t i = 0; i < a->count && !a->error; i++) {
        struct sink s = {.bytes = window, .room = sizeof window};
        unsigned sum = 0;
        if (a->entries[i].gone || follow(a, (unsigned)i, &s, 0))
            continue;
        for (size_t n = 0; n < s.used; n++)
            sum = (sum * 31 + window[n]) & 0xffff;
        fprintf(a->out, "%zu %s %zu bytes, sum %04x\n", i, a->entries[i].name, s.used, sum);
    }
}

int program_run(const unsigned char *data, size_t size, FILE *out)
{
    struct archive a = {.out = out};
    size_t pos = 3;
    if (size < 3 || memcmp(data, "PKA", 3)) {
        fputs("error: this is no archive\n", out);
        return 2;
    }
    while (pos < size && !a.error) {
        if (size - pos < 6 || size - pos - 6 < data[pos + 1]) {
            bad(&a, "an entry is cut short");
            break;
        }
        unsigned char method = data[pos];
        size_t name_length = data[pos + 1];
        const unsigned char *name = data + pos + 2, *sizes = name + name_length;
        size_t unpacked = (size_t)sizes[0] << 8 | sizes[1], packed = (size_t)sizes[2] << 8 | sizes[3];
        pos += 6 + name_length;
        if (packed > size - pos || method > 6) {
            bad(&a, "an entry is cut short, or of no known method");
            break;
        }
        if (method == 5)
            patch(&a, data + pos, packed);
        else if (method == 6)
            remove_entry(&a, data + pos, packed);
        else
            add_entry(&a, method, name, name_length, unpacked, data + pos, packed);
        pos += packed;
    }
    if (!a.error)
        list(&a);
    for (size_t i = 0; i < a.count; i++) {
        free(a.entries[i].name);
        free(a.entries[i].bytes);
    }
    free(a.entries);
    if (a.error)
        fprintf(out, "error: %s\n", a.error);
    return a.error ? 2 : 0;
}
