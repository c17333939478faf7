/* netstr: reads a value in tagged netstrings and answers queries about it.
 *
 *   value  = length ":" payload type
 *   type   , text    # integer    ! true or false    ~ null    ] list of values    } pairs of key and value
 *
 * The file holds one value, then lines of queries:
 *   show | get KEY | nth N | sum | join SEP | avg | drop KEY | move KEY KEY
 *
 * Returns 0, or 2 after one line that begins with "error:".
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH 32

struct value {
    char type;
    char *text;
    size_t length;
    long long number;
    struct value **items;
    size_t count;
};

struct parser {
    const unsigned char *data;
    size_t size;
    size_t pos;
    const char *error;
};

static void *refuse(struct parser *p, const char *why)
{
    if (!p->error)
        p->error = why;
    return NULL;
}

static void release(struct value *v)
{
    if (!v)
        return;
    for (size_t i = 0; i < v->count; i++)
        release(v->items[i]);
    free(v->items);
    free(v->text);
    free(v);
}

static struct value *make(char type)
{
    struct value *v = calloc(1, sizeof *v);
    if (v)
        v->type = type;
    return v;
}

static int append(struct value *list, struct value *item)
{
    struct value **more = realloc(list->items, (list->count + 1) * sizeof *more);
    if (!more)
        return -1;
    list->items = more;
    list->items[list->count++] = item;
    return 0;
}

static int read_length(struct parser *p, size_t end, size_t *length)
{
    size_t n = 0, digits = 0;
    while (p->pos < end && p->data[p->pos] >= '0' && p->data[p->pos] <= '9') {
        n = n * 10 + (p->data[p->pos++] - '0');
        if (++digits > 9)
            return -1;
    }
    if (digits == 0 || p->pos >= end || p->data[p->pos] != ':')
        return -1;
    p->pos++;
    *length = n;
    return 0;
}

static long long to_number(struct parser *p, size_t start, size_t length)
{
    char digits[24];
    if (length >= sizeof digits) {
        refuse(p, "a number has too many digits");
        return 0;
    }
    memcpy(digits, p->data + start, length);
    digits[length] = '\0';
    return strtoll(digits, NULL, 10);
}

static struct value *parse(struct parser *p, size_t end, int depth)
{
    size_t length;
    if (depth > MAX_DEPTH)
        return refuse(p, "values are nested too deep");
    if (read_length(p, end, &length))
        return refuse(p, "a length is not a number with a colon");
    if (length >= end - p->pos)
        return refuse(p, "a payload is cut short");
    char type = (char)p->data[p->pos + length];
    size_t start = p->pos, stop = p->pos + length;
    struct value *v = make(type);
    if (!v)
        return refuse(p, "out of memory");
    switch (type) {
    case ',':
        v->text = malloc(length + 1);
        if (!v->text)
            break;
        memcpy(v->text, p->data + start, length);
        v->text[length] = '\0';
        v->length = length;
        break;
    case '#':
        v->number = to_number(p, start, length);
        break;
    case '!':
        v->number = length == 4 && !memcmp(p->data + start, "true", 4);
        break;
    case '~':
        break;
    case ']':
    case '}':
        while (p->pos < stop && !p->error) {
            struct value *item = parse(p, stop, depth + 1);
            if (item && append(v, item)) {
                release(item);
                refuse(p, "out of memory");
            }
        }
        if (type == '}' && v->count % 2)
            refuse(p, "a key has no value");
        break;
    default:
        refuse(p, "a type is unknown");
    }
    p->pos = stop + 1;
    if (p->error) {
        release(v);
        return NULL;
    }
    return v;
}

static void show(const struct value *v, FILE *out)
{
    switch (v->type) {
    case ',':
        fprintf(out, "'%s'", v->text);
        break;
    case '#':
        fprintf(out, "%lld", v->number);
        break;
    case '!':
        fputs(v->number ? "true" : "false", out);
        break;
    case '~':
        fputs("null", out);
        break;
    default:
        fputc(v->type == ']' ? '[' : '{', out);
        for (size_t i = 0; i < v->count; i++) {
            if (i)
                fputs(v->type == '}' && i % 2 ? ": " : ", ", out);
            show(v->items[i], out);
        }
        fputc(v->type == ']' ? ']' : '}', out);
    }
}

/* The place of a key among the items of a dictionary, or -1. */
static long find_key(const struct value *dict, const char *key)
{
    for (size_t i = 0; i + 1 < dict->count; i += 2) {
        if (dict->items[i]->type != ',')
            continue;
        if (!strcmp(dict->items[i]->text, key))
            return (long)i;
    }
    return -1;
}

static const char *cmd_get(struct value *root, const char *key, FILE *out)
{
    long at = root->type == '}' ? find_key(root, key) : -1;
    if (at < 0)
        return "no such key";
    show(root->items[at + 1], out);
    fputc('\n', out);
    return NULL;
}

static const char *cmd_nth(struct value *root, const char *number, FILE *out)
{
    long n = strtol(number, NULL, 10);
    long count = (long)root->count;
    if (n < 0)
        n += count;
    if (n < 0 || n >= count)
        return "no such item";
    show(root->items[n], out);
    fputc('\n', out);
    return NULL;
}

static const char *cmd_sum(struct value *root, FILE *out)
{
    long long sum = 0;
    for (size_t i = 0; i < root->count; i++) {
        if (root->items[i]->type != '#')
            continue;
        if (__builtin_add_overflow(sum, root->items[i]->number, &sum))
            return "a sum is too large";
    }
    fprintf(out, "%lld\n", sum);
    return NULL;
}

static const char *cmd_avg(struct value *root, FILE *out)
{
    long long lowest = LLONG_MAX, highest = LLONG_MIN;
    int numbers = 0;
    for (size_t i = 0; i < root->count; i++) {
        if (root->items[i]->type != '#')
            continue;
        numbers++;
        if (root->items[i]->number < lowest)
            lowest = root->items[i]->number;
        if (root->items[i]->number > highest)
            highest = root->items[i]->number;
    }
    if (numbers == 0 || lowest < -1000000000 || highest > 1000000000)
        return "no average of these";
    fprintf(out, "%lld\n", (lowest + highest) / 2);
    return NULL;
}

static const char *cmd_join(struct value *root, const char *sep, FILE *out)
{
    size_t total = 1, gap = strlen(sep);
    for (size_t i = 0; i < root->count; i++) {
        if (root->items[i]->type != ',')
            return "only texts are joined";
        total += root->items[i]->length + gap;
    }
    char *joined = malloc(total), *end = joined;
    if (!joined)
        return "out of memory";
    *end = '\0';
    for (size_t i = 0; i < root->count; i++) {
        if (i)
            for (const char *s = sep; *s; s++)
                *end++ = *s;
        memcpy(end, root->items[i]->text, root->items[i]->length);
        end += root->items[i]->length;
    }
    fwrite(joined, 1, (size_t)(end - joined), out);
    fputc('\n', out);
    free(joined);
    return NULL;
}

static const char *cmd_drop(struct value *root, const char *key)
{
    long at = root->type == '}' ? find_key(root, key) : -1;
    if (at < 0)
        return "no such key";
    release(root->items[at]);
    release(root->items[at + 1]);
    memmove(root->items + at, root->items + at + 2, (root->count - (size_t)at - 2) * sizeof *root->items);
    root->count -= 2;
    return NULL;
}

/* The value of the first key takes the place of the second's. */
static const char *cmd_move(struct value *root, char *keys)
{
    char *other = strchr(keys, ' ');
    if (!other || root->type != '}')
        return "two keys are needed";
    *other++ = '\0';
    long from = find_key(root, keys), to = find_key(root, other);
    if (from < 0 || to < 0)
        return "no such key";
    if (from == to)
        return NULL;
    release(root->items[to + 1]);
    root->items[to + 1] = root->items[from + 1];
    root->items[from + 1] = make('~');
    return root->items[from + 1] ? NULL : "out of memory";
}

static const char *query(struct value *root, char *line, FILE *out)
{
    char *rest = strchr(line, ' ');
    if (rest)
        *rest++ = '\0';
    if (!strcmp(line, "show")) {
        show(root, out);
        fputc('\n', out);
        return NULL;
    }
    if (!strcmp(line, "sum"))
        return cmd_sum(root, out);
    if (!strcmp(line, "avg"))
        return cmd_avg(root, out);
    if (!rest)
        return "a query lacks its argument";
    if (!strcmp(line, "get"))
        return cmd_get(root, rest, out);
    if (!strcmp(line, "nth"))
        return cmd_nth(root, rest, out);
    if (!strcmp(line, "join"))
        return cmd_join(root, rest, out);
    if (!strcmp(line, "drop"))
        return cmd_drop(root, rest);
    if (!strcmp(line, "move"))
        return cmd_move(root, rest);
    return "a query is unknown";
}

int program_run(const unsigned char *data, size_t size, FILE *out)
{
    struct parser p = {.data = data, .size = size};
    struct value *root = parse(&p, size, 0);
    const char *error = p.error;
    while (root && !error && p.pos < size) {
        const unsigned char *end = memchr(data + p.pos, '\n', size - p.pos);
        size_t length = (end ? (size_t)(end - data) : size) - p.pos;
        char *line = malloc(length + 1);
        if (!line)
            break;
        memcpy(line, data + p.pos, length);
        line[length] = '\0';
        p.pos += length + 1;
        if (*line)
            error = query(root, line, out);
        free(line);
    }
    release(root);
    if (error)
        fprintf(out, "error: %s\n", error);
    return error ? 2 : 0;
}
