/* inifile: reads a configuration and prints every setting as a program would see it.
 *
 *   [name]          a section             [name : other]   one that inherits from another
 *   key = value     a setting             - name           takes a section away again
 *   # words         a comment
 *
 * In a value ${key} stands for another setting, and \n, \t, \\, \xNN for characters. Settings whose key ends in
 * "size" are numbers with a unit (k, m or g) and are printed in bytes.
 * Returns 0, or 2 after one line that begins with "error:".
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOM 128
#define MAX_DEPTH 8

struct setting {
    char *key;
    char *value;
    struct setting *next;
};

struct section {
    char *name;
    struct section *parent;
    struct setting *settings;
    struct section *next;
};

struct config {
    struct section *sections;
    struct section *current;
    const char *error;
    FILE *out;
};

struct text {
    char bytes[ROOM];
    size_t used;
};

static int fail(struct config *c, const char *why)
{
    if (!c->error)
        c->error = why;
    return -1;
}

static char *copy(const char *from, size_t length)
{
    char *to = malloc(length + 1);
    if (to) {
        memcpy(to, from, length);
        to[length] = '\0';
    }
    return to;
}

static char *trim(char *line)
{
    while (isspace((unsigned char)*line))
        line++;
    size_t length = strlen(line);
    while (length && isspace((unsigned char)line[length - 1]))
        line[--length] = '\0';
    return line;
}

static struct section *find_section(struct config *c, const char *name)
{
    for (struct section *s = c->sections; s; s = s->next)
        if (!strcmp(s->name, name))
            return s;
    return NULL;
}

static const char *find_setting(const struct section *s, const char *key, size_t length)
{
    for (; s; s = s->parent)
        for (const struct setting *e = s->settings; e; e = e->next)
            if (strlen(e->key) == length && !memcmp(e->key, key, length))
                return e->value;
    return NULL;
}

static void drop_section(struct section *s)
{
    while (s->settings) {
        struct setting *next = s->settings->next;
        free(s->settings->key);
        free(s->settings->value);
        free(s->settings);
        s->settings = next;
    }
    free(s->name);
    free(s);
}

static int open_section(struct config *c, char *line)
{
    char *end = strchr(line, ']');
    if (!end)
        return fail(c, "a section lacks its bracket");
    *end = '\0';
    char *colon = strchr(line, ':');
    struct section *parent = NULL;
    if (colon) {
        *colon = '\0';
        parent = find_section(c, trim(colon + 1));
        if (!parent)
            return fail(c, "a section inherits from none");
    }
    char *name = trim(line);
    if (find_section(c, name))
        return fail(c, "a section is there twice");
    struct section *s = calloc(1, sizeof *s);
    if (!s || !(s->name = copy(name, strlen(name))))
        return fail(c, "out of memory");
    s->parent = parent;
    struct section **last = &c->sections;
    while (*last)
        last = &(*last)->next;
    *last = s;
    c->current = s;
    return 0;
}

static int remove_section(struct config *c, const char *name)
{
    struct section *s = find_section(c, name);
    if (!s || s == c->current)
        return fail(c, "no such section to take away");
    for (struct section *child = c->sections; child; child = child->next)
        if (child->parent == s)
            return fail(c, "a section is inherited from");
    struct section **link = &c->sections;
    while (*link != s)
        link = &(*link)->next;
    *link = s->next;
    drop_section(s);
    return 0;
}

static int add_setting(struct config *c, char *line)
{
    char *equals = strchr(line, '=');
    if (!equals)
        return fail(c, "a line is no setting");
    *equals = '\0';
    if (!c->current)
        return fail(c, "a setting stands before any section");
    char *key = trim(line), *value = trim(equals + 1);
    struct setting *e = calloc(1, sizeof *e);
    if (!e)
        return fail(c, "out of memory");
    e->key = copy(key, strlen(key));
    e->value = copy(value, strlen(value));
    struct setting **last = &c->current->settings;
    while (*last)
        last = &(*last)->next;
    *last = e;
    return 0;
}

static int add_char(struct text *t, char ch)
{
    if (t->used >= ROOM)
        return -1;
    t->bytes[t->used++] = ch;
    return 0;
}

static int hex(char ch)
{
    return isdigit((unsigned char)ch) ? ch - '0' : (tolower((unsigned char)ch) - 'a' + 10) & 15;
}

/* What a backslash and the characters behind it stand for; moves *at behind them. */
static char unescape(const char *value, size_t *at)
{
    char ch = value[*at];
    *at += 1;
    switch (ch) {
    case 'n':
        return '\n';
    case 't':
        return '\t';
    case 'x': {
        if (!isxdigit((unsigned char)value[*at]) || !isxdigit((unsigned char)value[*at + 1]))
            return '?';
        int high = hex(value[*at]), low = hex(value[*at + 1]);
        *at += 2;
        return (char)(high << 4 | low);
    }
    default:
        return ch;
    }
}

static int expand(struct config *c, const struct section *s, const char *value, struct text *t, int depth)
{
    size_t at = 0;
    while (value[at]) {
        if (value[at] == '\\') {
            at++;
            if (value[at] && add_char(t, unescape(value, &at)))
                return fail(c, "a value is too long");
        } else if (value[at] == '$' && value[at + 1] == '{') {
            const char *name = value + at + 2, *end = strchr(name, '}');
            if (!end)
                return fail(c, "a reference lacks its brace");
            const char *other = find_setting(s, name, (size_t)(end - name));
            if (!other)
                return fail(c, "a reference leads to nothing");
            if (other == value || depth >= MAX_DEPTH)
                return fail(c, "references lead to one another");
            if (expand(c, s, other, t, depth + 1))
                return -1;
            at = (size_t)(end - value) + 1;
        } else if (add_char(t, value[at++])) {
            return fail(c, "a value is too long");
        }
    }
    return 0;
}

static int to_bytes(struct config *c, const struct text *t, long *bytes)
{
    size_t i = 0;
    int number = 0, unit = 1;
    while (i < t->used && isdigit((unsigned char)t->bytes[i]) && i < 9)
        number = number * 10 + (t->bytes[i++] - '0');
    if (i == 0)
        return fail(c, "a size is no number");
    if (i < t->used) {
        char ch = (char)tolower((unsigned char)t->bytes[i]);
        unit = ch == 'k' ? 1 << 10 : ch == 'm' ? 1 << 20 : ch == 'g' ? 1 << 30 : 0;
        if (!unit || i + 1 != t->used)
            return fail(c, "a size has an unknown unit");
    }
    *bytes = (long)number * unit;
    return 0;
}

static int show(struct config *c, const struct section *s)
{
    fprintf(c->out, "[%s]\n", s->name);
    for (const struct section *from = s; from; from = from->parent)
        for (const struct setting *e = from->settings; e; e = e->next) {
            struct text t = {.used = 0};
            size_t length = strlen(e->key);
            long bytes;
            if (expand(c, s, e->value, &t, 0))
                return -1;
            if (length >= 4 && !strcmp(e->key + length - 4, "size")) {
                if (to_bytes(c, &t, &bytes))
                    return -1;
                fprintf(c->out, "  %s is %ld bytes\n", e->key, bytes);
            } else {
                fprintf(c->out, "  %s is %.*s\n", e->key, (int)t.used, t.bytes);
            }
        }
    return 0;
}

static int read_line(struct config *c, char *line)
{
    line = trim(line);
    if (!*line || *line == '#')
        return 0;
    if (*line == '[')
        return open_section(c, line + 1);
    if (*line == '-')
        return remove_section(c, trim(line + 1));
    return add_setting(c, line);
}

int program_run(const unsigned char *data, size_t size, FILE *out)
{
    struct config c = {.out = out};
    size_t pos = 0;
    while (pos < size && !c.error) {
        const unsigned char *end = memchr(data + pos, '\n', size - pos);
        size_t length = (end ? (size_t)(end - data) : size) - pos;
        char *line = copy((const char *)data + pos, length);
        if (!line)
            break;
        read_line(&c, line);
        free(line);
        pos += length + 1;
    }
    for (struct section *s = c.sections; s && !c.error; s = s->next)
        show(&c, s);
    while (c.sections) {
        struct section *next = c.sections->next;
        drop_section(c.sections);
        c.sections = next;
    }
    if (c.error)
        fprintf(out, "error: %s\n", c.error);
    return c.error ? 2 : 0;
}
