/* tlvdump: shows a message of nested tag-length-value records as indented text.
 *
 *   record  = tag (1 byte), length, value
 *   length  = 0..127 in one byte, or 0x80 + n followed by n bytes (n = 1..3), big-endian
 *   1 int   signed, 1..8 bytes        2 text  bytes
 *   3 list  records                   4 bits  count of unused bits, then bytes
 *   5 ratio two 16-bit numbers        6 name  remembers a text, numbered from 0
 *   7 again number of a name          8 part  number of a name, start, count
 *   9 same  offset of an earlier record in the message, 16 bits
 *
 * Returns 0, or 2 after one line that begins with "error:".
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TAG_INT = 1, TAG_TEXT, TAG_LIST, TAG_BITS, TAG_RATIO, TAG_NAME, TAG_AGAIN, TAG_PART, TAG_SAME };

#define MAX_DEPTH 24

struct name {
    unsigned char *bytes;
    size_t length;
};

struct reader {
    const unsigned char *data;
    size_t size;
    FILE *out;
    struct name *names;
    size_t name_count;
    const char *error;
};

struct record {
    unsigned tag;
    size_t start;
    size_t length;
};

static int fail(struct reader *r, const char *why)
{
    if (!r->error)
        r->error = why;
    return -1;
}

static void indent(struct reader *r, int depth)
{
    for (int i = 0; i < depth; i++)
        fputs("  ", r->out);
}

/* Prints bytes as text, with those that do not print as \xNN. */
static void emit_text(struct reader *r, const unsigned char *bytes, size_t length)
{
    fputc('"', r->out);
    for (size_t i = 0; i < length; i++) {
        unsigned char c = bytes[i];
        if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\')
            fputc(c, r->out);
        else
            fprintf(r->out, "\\x%02x", c);
    }
    fputc('"', r->out);
}

/* Reads the header at *pos and moves *pos to the value. */
static int read_header(struct reader *r, size_t *pos, size_t end, struct record *rec)
{
    if (end - *pos < 2)
        return fail(r, "a record is cut short");
    rec->tag = r->data[(*pos)++];
    size_t length = r->data[(*pos)++];
    if (length & 0x80) {
        size_t count = length & 0x7f;
        if (count < 1 || count > 3)
            return fail(r, "a length has too many bytes");
        if (end - *pos < count)
            return fail(r, "a length is cut short");
        length = 0;
        while (count--)
            length = length << 8 | r->data[(*pos)++];
    }
    if (length > end - *pos)
        return fail(r, "a value is cut short");
    rec->start = *pos;
    rec->length = length;
    return 0;
}

static int show_int(struct reader *r, const struct record *rec)
{
    unsigned char wide[8];
    if (rec->length < 1 || rec->length > sizeof wide)
        return fail(r, "an integer has 1 to 8 bytes");
    memset(wide, r->data[rec->start] & 0x80 ? 0xff : 0, sizeof wide);
    for (size_t i = 0; i < rec->length; i++)
        wide[sizeof wide - 1 - i] = r->data[rec->start + rec->length - 1 - i];
    uint64_t value = 0;
    for (size_t i = 0; i < sizeof wide; i++)
        value = value << 8 | wide[i];
    fprintf(r->out, "int %lld\n", (long long)value);
    return 0;
}

static int show_bits(struct reader *r, const struct record *rec)
{
    const unsigned char *p = r->data + rec->start;
    if (rec->length < 1)
        return fail(r, "bits have no count of unused ones");
    unsigned unused = p[0];
    if (unused > 7)
        return fail(r, "more than 7 bits are unused");
    if (rec->length == 1 && unused > 0)
        return fail(r, "bits are unused where there are none");
    size_t bits = (rec->length - 1) * 8 - unused;
    fputs("bits ", r->out);
    for (size_t i = 0; i < bits; i++)
        fputc(p[1 + i / 8] >> (7 - i % 8) & 1 ? '1' : '0', r->out);
    fputc('\n', r->out);
    return 0;
}

static int show_ratio(struct reader *r, const struct record *rec)
{
    const unsigned char *p = r->data + rec->start;
    if (rec->length != 4)
        return fail(r, "a ratio has 4 bytes");
    int part = p[0] << 8 | p[1], whole = p[2] << 8 | p[3];
    if (part > whole || whole == 0)
        return fail(r, "a ratio is above 100 %");
    fprintf(r->out, "ratio %d %%\n", part * 100 / whole);
    return 0;
}

static int keep_name(struct reader *r, const struct record *rec)
{
    struct name *more = realloc(r->names, (r->name_count + 1) * sizeof *more);
    if (!more)
        return fail(r, "out of memory");
    r->names = more;
    struct name *n = &r->names[r->name_count];
    n->bytes = malloc(rec->length ? rec->length : 1);
    if (!n->bytes)
        return fail(r, "out of memory");
    memcpy(n->bytes, r->data + rec->start, rec->length);
    n->length = rec->length;
    fprintf(r->out, "name %zu ", r->name_count);
    r->name_count++;
    emit_text(r, n->bytes, n->length);
    fputc('\n', r->out);
    return 0;
}

static const struct name *find_name(struct reader *r, size_t number)
{
    if (number >= r->name_count)
        return NULL;
    return &r->names[number];
}

static int show_again(struct reader *r, const struct record *rec)
{
    if (rec->length != 1)
        return fail(r, "a number of a name has 1 byte");
    const struct name *n = find_name(r, r->data[rec->start]);
    if (!n)
        return fail(r, "no such name");
    fputs("again ", r->out);
    emit_text(r, n->bytes, n->length);
    fputc('\n', r->out);
    return 0;
}

static int show_part(struct reader *r, const struct record *rec)
{
    const unsigned char *p = r->data + rec->start;
    if (rec->length != 3)
        return fail(r, "a part has 3 bytes");
    const struct name *n = find_name(r, p[0]);
    if (!n)
        return fail(r, "no such name");
    size_t start = p[1], count = p[2];
    if (start > n->length || count > n->length - start)
        return fail(r, "a part ends behind its name");
    fputs("part ", r->out);
    emit_text(r, n->bytes + start, count);
    fputc('\n', r->out);
    return 0;
}

static int show_record(struct reader *r, size_t *pos, size_t end, int depth);

static int show_list(struct reader *r, const struct record *rec, int depth)
{
    size_t pos = rec->start, end = rec->start + rec->length;
    fputs("list\n", r->out);
    while (pos < end)
        if (show_record(r, &pos, end, depth + 1))
            return -1;
    return 0;
}

static int show_same(struct reader *r, const struct record *rec, size_t here, int depth)
{
    const unsigned char *p = r->data + rec->start;
    if (rec->length != 2)
        return fail(r, "an offset has 2 bytes");
    size_t target = (size_t)p[0] << 8 | p[1];
    if (target >= here || depth > MAX_DEPTH)
        return fail(r, "an offset points forward, or records are too deep");
    fputs("same\n", r->out);
    return show_record(r, &target, r->size, depth + 1);
}

static int show_record(struct reader *r, size_t *pos, size_t end, int depth)
{
    struct record rec;
    size_t here = *pos;
    if (read_header(r, pos, end, &rec))
        return -1;
    *pos += rec.length;
    if (depth < MAX_DEPTH)
        indent(r, depth);
    switch (rec.tag) {
    case TAG_INT:
        return show_int(r, &rec);
    case TAG_TEXT:
        fputs("text ", r->out);
        emit_text(r, r->data + rec.start, rec.length);
        fputc('\n', r->out);
        return 0;
    case TAG_LIST:
        if (depth > MAX_DEPTH)
            return fail(r, "records are too deep");
        return show_list(r, &rec, depth);
    case TAG_BITS:
        return show_bits(r, &rec);
    case TAG_RATIO:
        return show_ratio(r, &rec);
    case TAG_NAME:
        return keep_name(r, &rec);
    case TAG_AGAIN:
        return show_again(r, &rec);
    case TAG_PART:
        return show_part(r, &rec);
    case TAG_SAME:
        return show_same(r, &rec, here, depth);
    default:
        return fail(r, "a tag is unknown");
    }
}

int program_run(const unsigned char *data, size_t size, FILE *out)
{
    struct reader r = {.data = data, .size = size, .out = out};
    size_t pos = 0;
    while (pos < size && !r.error)
        if (show_record(&r, &pos, size, 0))
            break;
    for (size_t i = 0; i < r.name_count; i++)
        free(r.names[i].bytes);
    free(r.names);
    if (r.error)
        fprintf(out, "error: %s\n", r.error);
    return r.error ? 2 : 0;
}
