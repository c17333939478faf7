/* dnsread: shows the questions and records of one DNS message (RFC 1035), as a resolver's log would.
 *
 * Known types: A, NS, CNAME, MX, TXT, AAAA, SRV, CAA, and LOC in a short form of our own.
 * Returns 0, or 2 after one line that begins with "error:".
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_ROOM 256
#define MAX_JUMPS 16

enum { T_A = 1, T_NS = 2, T_CNAME = 5, T_MX = 15, T_TXT = 16, T_AAAA = 28, T_LOC = 29, T_SRV = 33, T_CAA = 257 };

struct message {
    const unsigned char *data;
    size_t size;
    size_t pos;
    FILE *out;
    const char *error;
    char **cache; /* names of owners, for the summary */
    size_t cached;
};

static int bad(struct message *m, const char *why)
{
    if (!m->error)
        m->error = why;
    return -1;
}

static unsigned get16(const struct message *m, size_t at)
{
    return (unsigned)m->data[at] << 8 | m->data[at + 1];
}

static uint32_t get32(const struct message *m, size_t at)
{
    return (uint32_t)get16(m, at) << 16 | get16(m, at + 2);
}

static int put(char *name, size_t *used, char c)
{
    if (*used + 1 >= NAME_ROOM)
        return -1;
    name[(*used)++] = c;
    return 0;
}

/* Unpacks the name at ``at``; ``*next`` is where the message goes on. Compressed names jump back. */
static int read_name(struct message *m, size_t at, size_t *next, char *name, size_t *used, int jumps)
{
    for (;;) {
        if (at >= m->size)
            return bad(m, "a name is cut short");
        unsigned length = m->data[at++];
        if (length == 0) {
            *next = at;
            return 0;
        }
        if (length >= 0xc0) {
            if (at >= m->size)
                return bad(m, "a pointer is cut short");
            size_t target = (length & 0x3f) << 8 | m->data[at++], ignored;
            if (target >= m->size || jumps >= MAX_JUMPS)
                return bad(m, "a pointer leads nowhere");
            *next = at;
            return read_name(m, target, &ignored, name, used, jumps + 1);
        }
        if (length > 63)
            return bad(m, "a label is too long");
        if (length > m->size - at)
            return bad(m, "a label is cut short");
        for (unsigned i = 0; i < length; i++) {
            unsigned char c = m->data[at + i];
            if (put(name, used, c > 0x20 && c < 0x7f ? (char)c : '?'))
                return bad(m, "a name is too long");
        }
        if (put(name, used, '.'))
            return bad(m, "a name is too long");
        at += length;
    }
}

static int next_name(struct message *m, char *name)
{
    size_t used = 0;
    int failed = read_name(m, m->pos, &m->pos, name, &used, 0);
    name[failed ? 0 : used] = '\0';
    return failed;
}

static int name_at(struct message *m, size_t at, char *name)
{
    size_t used = 0, ignored;
    int failed = read_name(m, at, &ignored, name, &used, 0);
    name[failed ? 0 : used] = '\0';
    return failed;
}

static void remember(struct message *m, const char *name)
{
    char **more = realloc(m->cache, (m->cached + 1) * sizeof *more);
    if (!more)
        return;
    m->cache = more;
    size_t length = strlen(name);
    m->cache[m->cached] = malloc(length + 1);
    if (m->cache[m->cached])
        memcpy(m->cache[m->cached++], name, length + 1);
}

static int show_question(struct message *m)
{
    char name[NAME_ROOM];
    if (next_name(m, name))
        return -1;
    if (m->size - m->pos < 4)
        return bad(m, "a question is cut short");
    fprintf(m->out, "? %s type %u class %u\n", name, get16(m, m->pos), get16(m, m->pos + 2));
    m->pos += 4;
    return 0;
}

static int show_text(struct message *m, size_t at, size_t end)
{
    while (at < end) {
        size_t length = m->data[at++];
        if (length > end - at)
            return bad(m, "a text is cut short");
        fputs(" \"", m->out);
        for (size_t i = 0; i < length; i++) {
            unsigned char c = m->data[at + i];
            fputc(c >= 0x20 && c < 0x7f ? c : '?', m->out);
        }
        fputc('"', m->out);
        at += length;
    }
    return 0;
}

static int show_caa(struct message *m, size_t at, size_t end)
{
    char tag[16];
    if (end - at < 2)
        return bad(m, "a CAA record is cut short");
    unsigned flags = m->data[at], length = m->data[at + 1];
    at += 2;
    if (length > end - at || length >= sizeof tag)
        return bad(m, "a tag is cut short or too long");
    memcpy(tag, m->data + at, length);
    tag[length] = '\0';
    fprintf(m->out, " %u %s ", flags, tag);
    for (at += length; at < end; at++)
        fputc(m->data[at] >= 0x20 && m->data[at] < 0x7f ? m->data[at] : '?', m->out);
    return 0;
}

/* Size and precision are a digit and a power of ten; the altitude has an exponent of two. */
static int show_place(struct message *m, size_t at, size_t end)
{
    if (end - at != 4)
        return bad(m, "a place has 4 bytes");
    int base = m->data[at], exponent = m->data[at + 1], altitude = m->data[at + 2], scale = m->data[at + 3];
    if (base > 9 || exponent > 9 || scale > 16)
        return bad(m, "a place is out of range");
    long size = base;
    while (exponent--)
        size *= 10;
    fprintf(m->out, " size %ld cm altitude %d m", size, altitude << scale);
    return 0;
}

static int show_record(struct message *m)
{
    char name[NAME_ROOM], other[NAME_ROOM];
    if (next_name(m, name))
        return -1;
    if (m->size - m->pos < 10)
        return bad(m, "a record is cut short");
    unsigned type = get16(m, m->pos), length = get16(m, m->pos + 8);
    uint32_t ttl = get32(m, m->pos + 4);
    size_t at = m->pos + 10, end = at + length;
    if (end > m->size)
        return bad(m, "the data of a record is cut short");
    m->pos = end;
    remember(m, name);
    fprintf(m->out, "= %s %u s type %u", name, ttl, type);
    switch (type) {
    case T_A:
        if (length != 4)
            return bad(m, "an address has 4 bytes");
        fprintf(m->out, " %u.%u.%u.%u", m->data[at], m->data[at + 1], m->data[at + 2], m->data[at + 3]);
        break;
    case T_AAAA:
        if (length != 16)
            return bad(m, "an address has 16 bytes");
        for (size_t i = 0; i < 16; i += 2)
            fprintf(m->out, "%c%x", i ? ':' : ' ', get16(m, at + i));
        break;
    case T_NS:
    case T_CNAME:
        if (name_at(m, at, other))
            return -1;
        fprintf(m->out, " %s", other);
        break;
    case T_MX:
        if (length < 3 || name_at(m, at + 2, other))
            return bad(m, "a mail exchange is cut short");
        fprintf(m->out, " %u %s", get16(m, at), other);
        break;
    case T_SRV:
        if (length < 7 || name_at(m, at + 6, other))
            return bad(m, "a service is cut short");
        fprintf(m->out, " %u %u %s:%u", get16(m, at), get16(m, at + 2), other, get16(m, at + 4));
        break;
    case T_TXT:
        if (show_text(m, at, end))
            return -1;
        break;
    case T_CAA:
        if (show_caa(m, at, end))
            return -1;
        break;
    case T_LOC:
        if (show_place(m, at, end))
            return -1;
        break;
    default:
        fprintf(m->out, " %u bytes", length);
    }
    fputc('\n', m->out);
    return 0;
}

int program_run(const unsigned char *data, size_t size, FILE *out)
{
    struct message m = {.data = data, .size = size, .pos = 12, .out = out};
    if (size < 12) {
        fputs("error: a message has at least 12 bytes\n", out);
        return 2;
    }
    unsigned questions = get16(&m, 4), answers = get16(&m, 6);
    fprintf(out, "message %04x flags %04x\n", get16(&m, 0), get16(&m, 2));
    while (questions-- && !m.error)
        show_question(&m);
    while (!m.error && answers--)
        show_record(&m);
    for (size_t i = 0; i < m.cached && !m.error; i++)
        if (i == 0 || strcmp(m.cache[i], m.cache[i - 1]))
            fprintf(out, "owner %s\n", m.cache[i]);
    for (size_t i = 0; i < m.cached; i++)
        free(m.cache[i]);
    free(m.cache);
    if (m.error)
        fprintf(out, "error: %s\n", m.error);
    return m.error ? 2 : 0;
}
