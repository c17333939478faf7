/* tmpl: fills a template with values.
 *
 *   lines "name=value" or "name[]=value" (a list grows), an empty line, then the template:
 *   {{name}}  {{name|upper}}  {{name|pad:9}}  {{name|cut:3}}  {{name|last:3}}  {{name|repeat:2}}
 *   {%each item list%}…{%end%}   {%if name%}…{%end%}   {%set name text%}   {%macro name%}…{%end%}   {%call name%}
 *
 * Returns 0, or 2 after one line that begins with "error:".
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH 20
#define PAD_ROOM 64
#define TAG_ROOM 2048

struct value {
    char *name;
    char **items; /* one, or those of a list */
    size_t count;
    int list;
    struct value *next;
};

struct macro {
    char *name;
    const char *body;
    const char *end;
    struct macro *next;
};

struct page {
    struct value *values;
    struct macro *macros;
    FILE *out;
    long written;
    const char *error;
};

static int fail(struct page *p, const char *why)
{
    if (!p->error)
        p->error = why;
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

static void put(struct page *p, const char *from, size_t length)
{
    for (size_t i = 0; i < length && p->written < 100000; i++, p->written++)
        fputc(from[i], p->out);
}

static struct value *find(struct page *p, const char *name)
{
    for (struct value *v = p->values; v; v = v->next)
        if (!strcmp(v->name, name))
            return v;
    return NULL;
}

static struct value *assign(struct page *p, const char *name, const char *text, int list)
{
    struct value *v = find(p, name);
    if (!v) {
        v = calloc(1, sizeof *v);
        if (!v)
            return NULL;
        v->name = copy(name, strlen(name));
        v->list = list;
        v->next = p->values;
        p->values = v;
    }
    if (list && v->list) {
        char **more = realloc(v->items, (v->count + 1) * sizeof *more);
        if (!more)
            return NULL;
        v->items = more;
    } else {
        for (size_t i = 0; i < v->count; i++)
            free(v->items[i]);
        free(v->items);
        v->list = 0;
        v->count = 0;
        v->items = malloc(sizeof *v->items);
        if (!v->items)
            return NULL;
    }
    v->items[v->count++] = copy(text, strlen(text));
    return v;
}

static void filter_upper(struct page *p, const char *text)
{
    for (; *text; text++) {
        char ch = (char)toupper((unsigned char)*text);
        put(p, &ch, 1);
    }
}

static void filter_pad(struct page *p, const char *text, size_t width)
{
    char padded[PAD_ROOM];
    size_t length = strlen(text), used = 0;
    if (length > sizeof padded || width > sizeof padded) {
        fail(p, "a padding is too wide");
        return;
    }
    while (used < length && used < width) {
        padded[used] = text[used];
        used++;
    }
    while (used < width)
        padded[used++] = ' ';
    put(p, padded, used);
}

static void filter_cut(struct page *p, const char *text, size_t count)
{
    size_t length = strlen(text);
    put(p, text, count < length ? count : length);
}

static void filter_last(struct page *p, const char *text, size_t count)
{
    size_t length = strlen(text);
    if (count > length)
        count = length;
    put(p, text + length - count, count);
}

static void filter_repeat(struct page *p, const char *text, size_t times)
{
    size_t length = strlen(text);
    size_t room = length * times + 1;
    if (times > 200) {
        fail(p, "a text is repeated too often");
        return;
    }
    char *all = malloc(room);
    if (!all)
        return;
    for (size_t i = 0; i < times; i++)
        memcpy(all + i * length, text, length);
    put(p, all, length * times);
    free(all);
}

static int show(struct page *p, char *name)
{
    char *filter = strchr(name, '|');
    if (filter)
        *filter++ = '\0';
    struct value *v = find(p, name);
    if (!v)
        return 0;
    const char *text = v->items[0];
    if (!filter) {
        put(p, text, strlen(text));
        return 0;
    }
    char *colon = strchr(filter, ':');
    size_t number = colon ? strtoul(colon + 1, NULL, 10) % 1000 : 0;
    if (!strcmp(filter, "upper"))
        filter_upper(p, text);
    else if (!strncmp(filter, "pad:", 4))
        filter_pad(p, text, number);
    else if (!strncmp(filter, "cut:", 4))
        filter_cut(p, text, number);
    else if (!strncmp(filter, "last:", 5))
        filter_last(p, text, number);
    else if (!strncmp(filter, "repeat:", 7))
        filter_repeat(p, text, number);
    else
        return fail(p, "a filter is unknown");
    return 0;
}

/* The end of a tag that begins at ``at``, or NULL. */
static const char *closing(const char *at, const char *end, char first)
{
    while (end - at >= 2 && (at[0] != first || at[1] != '}'))
        at++;
    return end - at >= 2 ? at : NULL;
}

/* The {%end%} that belongs to what was just opened. */
static const char *block_end(const char *at, const char *end)
{
    int depth = 1;
    for (; end - at >= 7; at++) {
        if (!memcmp(at, "{%end%}", 7) && --depth == 0)
            return at;
        if (!memcmp(at, "{%each ", 7) || !memcmp(at, "{%macro", 7) || !memcmp(at, "{%if ", 5))
            depth++;
    }
    return NULL;
}

static int fill(struct page *p, const char *at, const char *end, int depth);

static int each(struct page *p, char *words, const char *body, const char *end, int depth)
{
    char *list_name = strchr(words, ' ');
    if (!list_name)
        return fail(p, "a loop lacks its list");
    *list_name++ = '\0';
    struct value *list = find(p, list_name);
    if (!list)
        return 0;
    if (!strcmp(words, list_name))
        return fail(p, "a loop is over its own item");
    for (size_t i = 0; i < list->count && !p->error; i++) {
        assign(p, words, list->items[i], 0);
        fill(p, body, end, depth + 1);
    }
    return 0;
}

static int call(struct page *p, const char *name, int depth)
{
    for (struct macro *m = p->macros; m; m = m->next)
        if (!strcmp(m->name, name)) {
            if (depth > MAX_DEPTH)
                return fail(p, "macros are too deep");
            return fill(p, m->body, m->end, depth + 1);
        }
    return fail(p, "a macro is unknown");
}

static int define(struct page *p, const char *name, const char *body, const char *end)
{
    struct macro *m = calloc(1, sizeof *m);
    if (!m)
        return fail(p, "out of memory");
    m->name = copy(name, strlen(name));
    m->body = body;
    m->end = end;
    m->next = p->macros;
    p->macros = m;
    return 0;
}

/* Does what a tag says; *at is behind it, and behind its block if it has one. */
static int tag(struct page *p, char *words, const char **at, const char *end, int depth)
{
    char *rest = strchr(words, ' ');
    if (!rest)
        return fail(p, "a tag lacks its name");
    *rest++ = '\0';
    if (!strcmp(words, "call"))
        return call(p, rest, depth);
    if (!strcmp(words, "set")) {
        char *text = strchr(rest, ' ');
        if (!text)
            return fail(p, "a value is missing");
        *text++ = '\0';
        assign(p, rest, text, 0);
        return 0;
    }
    const char *body = *at, *stop = block_end(body, end);
    if (!stop)
        return fail(p, "a block is not ended");
    *at = stop + 7;
    if (depth > MAX_DEPTH)
        return fail(p, "blocks are too deep");
    if (!strcmp(words, "each"))
        return each(p, rest, body, stop, depth);
    if (!strcmp(words, "macro"))
        return define(p, rest, body, stop);
    if (!strcmp(words, "if"))
        return find(p, rest) ? fill(p, body, stop, depth + 1) : 0;
    return fail(p, "a tag is unknown");
}

static int fill(struct page *p, const char *at, const char *end, int depth)
{
    while (at < end && !p->error && p->written < 100000) {
        int value = end - at >= 2 && at[0] == '{' && at[1] == '{';
        if (!value && !(end - at >= 2 && at[0] == '{' && at[1] == '%')) {
            put(p, at++, 1);
            continue;
        }
        const char *stop = closing(at + 2, end, value ? '}' : '%');
        if (!stop)
            return fail(p, "a tag is open");
        char words[TAG_ROOM];
        size_t length = (size_t)(stop - at - 2);
        if (length >= sizeof words)
            return fail(p, "a tag is too long");
        memcpy(words, at + 2, length);
        words[length] = '\0';
        at = stop + 2;
        if (value)
            show(p, words);
        else
            tag(p, words, &at, end, depth);
    }
    return p->error ? -1 : 0;
}

/* Reads the values; returns where the template begins. */
static const char *read_values(struct page *p, const char *at, const char *end)
{
    while (at < end && *at != '\n') {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        char *line = copy(at, (size_t)((stop ? stop : end) - at));
        char *equals = line ? strchr(line, '=') : NULL;
        if (!equals) {
            fail(p, "a line is no value");
            free(line);
            return end;
        }
        *equals = '\0';
        int list = equals - line > 2 && !strcmp(equals - 2, "[]");
        if (list)
            equals[-2] = '\0';
        assign(p, line, equals + 1, list);
        free(line);
        at = stop ? stop + 1 : end;
    }
    return at < end ? at + 1 : end;
}

int program_run(const unsigned char *data, size_t size, FILE *out)
{
    struct page p = {.out = out};
    const char *end = (const char *)data + size, *at = read_values(&p, (const char *)data, end);
    if (!p.error)
        fill(&p, at, end, 0);
    while (p.values) {
        struct value *next = p.values->next;
        for (size_t i = 0; i < p.values->count; i++)
            free(p.values->items[i]);
        free(p.values->items);
        free(p.values->name);
        free(p.values);
        p.values = next;
    }
    while (p.macros) {
        struct macro *next = p.macros->next;
        free(p.macros->name);
        free(p.macros);
        p.macros = next;
    }
    if (p.error)
        fprintf(out, "error: %s\n", p.error);
    return p.error ? 2 : 0;
}
