/* calc: works through lines of whole-number arithmetic.
 *
 *   name = expression      list name = e, e, …      def name = expression of x      expression
 *
 * Operators | & << >> + - * / % and unary -; name, name[i], name(e), and abs, gcd, fact, pow(e; e), sum(name),
 * mean(name) of lists. Numbers are 64 bits wide; what does not fit is an error.
 * Returns 0, or 2 after one line that begins with "error:".
 */
#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_ROOM 24
#define MAX_DEPTH 60

struct item {
    char name[NAME_ROOM];
    char kind; /* v value, l list, d definition */
    int64_t value;
    int64_t *list;
    size_t count;
    char *body;
    struct item *next;
};

struct calc {
    const char *p;
    struct item *items;
    int64_t x;
    int depth;
    const char *error;
    FILE *out;
};

static int64_t fail(struct calc *c, const char *why)
{
    if (!c->error)
        c->error = why;
    return 0;
}

static void space(struct calc *c)
{
    while (*c->p == ' ')
        c->p++;
}

static int take(struct calc *c, const char *words)
{
    space(c);
    size_t length = strlen(words);
    if (strncmp(c->p, words, length))
        return 0;
    c->p += length;
    return 1;
}

static void read_name(struct calc *c, char *name)
{
    size_t used = 0;
    space(c);
    while (isalnum((unsigned char)*c->p) || *c->p == '_') {
        if (used + 1 >= NAME_ROOM) {
            fail(c, "a name is too long");
            break;
        }
        name[used++] = *c->p++;
    }
    name[used] = '\0';
}

static struct item *find(struct calc *c, const char *name)
{
    for (struct item *i = c->items; i; i = i->next)
        if (!strcmp(i->name, name))
            return i;
    return NULL;
}

static int64_t expression(struct calc *c);

static int64_t negate(struct calc *c, int64_t a)
{
    if (a == INT64_MIN)
        return fail(c, "a number is too large");
    return -a;
}

static int64_t absolute(struct calc *c, int64_t a)
{
    return a < 0 ? negate(c, a) : a;
}

static int64_t divide(struct calc *c, int64_t a, int64_t b)
{
    if (b == 0)
        return fail(c, "nothing divides by zero");
    if (b == -1)
        return negate(c, a);
    return a / b;
}

static int64_t remainder_of(struct calc *c, int64_t a, int64_t b)
{
    if (b == 0)
        return fail(c, "nothing divides by zero");
    if (b == -1)
        return 0;
    return a % b;
}

static int64_t gcd(struct calc *c, int64_t a, int64_t b)
{
    a = absolute(c, a);
    b = absolute(c, b);
    while (b && !c->error) {
        int64_t rest = remainder_of(c, a, b);
        a = b;
        b = rest;
    }
    return a;
}

static int64_t multiply(struct calc *c, int64_t a, int64_t b)
{
    int64_t product;
    if (__builtin_mul_overflow(a, b, &product))
        return fail(c, "a number is too large");
    return product;
}

static int64_t power(struct calc *c, int64_t a, int64_t b)
{
    int64_t product = 1;
    if (b < 0 || b > 1000)
        return fail(c, "an exponent is out of range");
    while (b-- && !c->error)
        product = multiply(c, product, a);
    return product;
}

static int64_t factorial(struct calc *c, int64_t a)
{
    if (a < 0 || a > 20)
        return fail(c, "no such factorial");
    int64_t product = 1;
    for (int64_t i = 2; i <= a; i++)
        product *= i;
    return product;
}

static int64_t shift(struct calc *c, int64_t a, int64_t by, int left)
{
    if (by < 0 || by > 62 || a < 0 || (left && a >> (62 - by)))
        return fail(c, "a shift is out of range");
    return left ? a << by : a >> by;
}

static int64_t element(struct calc *c, const struct item *list, int64_t at)
{
    if (at < 0 || at >= (int64_t)list->count)
        return fail(c, "a list is shorter");
    return list->list[at];
}

static int64_t whole_list(struct calc *c, int mean)
{
    char name[NAME_ROOM];
    int64_t sum = 0;
    read_name(c, name);
    struct item *list = find(c, name);
    if (!list || list->kind != 'l' || !take(c, ")"))
        return fail(c, "a list is needed");
    for (size_t i = 0; i < list->count; i++)
        if (__builtin_add_overflow(sum, list->list[i], &sum))
            return fail(c, "a number is too large");
    return mean ? divide(c, sum, (int64_t)list->count) : sum;
}

static int64_t call(struct calc *c, const struct item *def, int64_t x)
{
    const char *p = c->p;
    int64_t outer = c->x;
    if (c->depth >= MAX_DEPTH)
        return fail(c, "calls are too deep");
    c->depth++;
    c->p = def->body;
    c->x = x;
    int64_t value = expression(c);
    c->p = p;
    c->x = outer;
    c->depth--;
    return value;
}

static int64_t named(struct calc *c)
{
    char name[NAME_ROOM];
    read_name(c, name);
    if (c->error)
        return 0;
    if (take(c, "(")) {
        if (!strcmp(name, "sum") || !strcmp(name, "mean"))
            return whole_list(c, name[0] == 'm');
        int64_t a = expression(c), b = take(c, ";") ? expression(c) : 0;
        if (!take(c, ")"))
            return fail(c, "a parenthesis is open");
        if (!strcmp(name, "abs"))
            return absolute(c, a);
        if (!strcmp(name, "fact"))
            return factorial(c, a);
        if (!strcmp(name, "gcd"))
            return gcd(c, a, b);
        if (!strcmp(name, "pow"))
            return power(c, a, b);
        struct item *def = find(c, name);
        if (!def || def->kind != 'd')
            return fail(c, "no such function");
        return call(c, def, a);
    }
    if (!strcmp(name, "x"))
        return c->x;
    struct item *item = find(c, name);
    if (!item)
        return fail(c, "no such name");
    if (take(c, "[")) {
        int64_t at = expression(c);
        if (!take(c, "]"))
            return fail(c, "a bracket is open");
        return item->kind == 'l' ? element(c, item, at) : fail(c, "only lists have elements");
    }
    return item->kind == 'v' ? item->value : fail(c, "a value is needed");
}

static int64_t atom(struct calc *c)
{
    int64_t value = 0;
    space(c);
    if (c->error)
        return 0;
    if (take(c, "-"))
        return negate(c, atom(c));
    if (take(c, "(")) {
        if (++c->depth > MAX_DEPTH)
            return fail(c, "parentheses are too deep");
        value = expression(c);
        c->depth--;
        return take(c, ")") ? value : fail(c, "a parenthesis is open");
    }
    if (isalpha((unsigned char)*c->p))
        return named(c);
    if (!isdigit((unsigned char)*c->p))
        return fail(c, "a number is needed");
    while (isdigit((unsigned char)*c->p)) {
        value = multiply(c, value, 10);
        if (__builtin_add_overflow(value, *c->p++ - '0', &value))
            return fail(c, "a number is too large");
    }
    return value;
}

static int64_t term(struct calc *c)
{
    int64_t value = atom(c);
    for (;;) {
        if (take(c, "*"))
            value = multiply(c, value, atom(c));
        else if (take(c, "/"))
            value = divide(c, value, atom(c));
        else if (take(c, "%"))
            value = remainder_of(c, value, atom(c));
        else
            return value;
    }
}

static int64_t expression(struct calc *c)
{
    int64_t value = term(c), other;
    while (!c->error) {
        if (take(c, "+")) {
            other = term(c);
            if (__builtin_add_overflow(value, other, &value))
                return fail(c, "a number is too large");
        } else if (take(c, "-")) {
            other = term(c);
            if (__builtin_sub_overflow(value, other, &value))
                return fail(c, "a number is too large");
        } else if (take(c, "<<")) {
            value = shift(c, value, term(c), 1);
        } else if (take(c, ">>")) {
            value = shift(c, value, term(c), 0);
        } else if (take(c, "&")) {
            value &= term(c);
        } else if (take(c, "|")) {
            value |= term(c);
        } else {
            break;
        }
    }
    return value;
}

static struct item *define(struct calc *c, const char *name, char kind)
{
    struct item *item = find(c, name);
    if (item) {
        fail(c, "a name is taken");
        return NULL;
    }
    item = calloc(1, sizeof *item);
    if (!item)
        return NULL;
    strcpy(item->name, name);
    item->kind = kind;
    item->next = c->items;
    c->items = item;
    return item;
}

static void read_list(struct calc *c, struct item *list)
{
    do {
        space(c);
        if (!*c->p)
            break;
        int64_t value = expression(c);
        int64_t *more = realloc(list->list, (list->count + 1) * sizeof *more);
        if (!more)
            break;
        list->list = more;
        list->list[list->count++] = value;
    } while (take(c, ",") && !c->error);
}

static void read_line(struct calc *c)
{
    char name[NAME_ROOM];
    const char *start = c->p;
    char kind = take(c, "list ") ? 'l' : take(c, "def ") ? 'd' : 'v';
    space(c);
    if (isalpha((unsigned char)*c->p)) {
        read_name(c, name);
        if (!c->error && take(c, "=")) {
            struct item *item = define(c, name, kind);
            if (!item)
                return;
            if (kind == 'd')
                item->body = strdup(c->p);
            else if (kind == 'l')
                read_list(c, item);
            else
                item->value = expression(c);
            return;
        }
    }
    c->p = start;
    int64_t value = expression(c);
    space(c);
    if (!c->error && *c->p)
        fail(c, "something follows an expression");
    if (!c->error)
        fprintf(c->out, "%lld\n", (long long)value);
}

int program_run(const unsigned char *data, size_t size, FILE *out)
{
    struct calc c = {.out = out};
    size_t pos = 0;
    while (pos < size && !c.error) {
        const unsigned char *end = memchr(data + pos, '\n', size - pos);
        size_t length = (end ? (size_t)(end - data) : size) - pos;
        char *line = malloc(length + 1);
        if (!line)
            break;
        memcpy(line, data + pos, length);
        line[length] = '\0';
        c.p = line;
        if (length)
            read_line(&c);
        free(line);
        pos += length + 1;
    }
    while (c.items) {
        struct item *next = c.items->next;
        free(c.items->list);
        free(c.items->body);
        free(c.items);
        c.items = next;
    }
    if (c.error)
        fprintf(out, "error: %s\n", c.error);
    return c.error ? 2 : 0;
}
