/* gridcsv: reads a table of comma-separated fields and answers formulas about it.
 *
 *   rows of fields, plain or "quoted" with "" for a quote; then a line "---"; then formulas:
 *   CELL B2   SUM A1:B3   AVG A1:A9   MID A1:C2   WIDTH 2   COL C1
 *
 * Returns 0, or 2 after one line that begins with "error:".
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST 48

struct row {
    char **cells;
    int count;
};

struct table {
    struct row *rows;
    int count;
    int widest;
    FILE *out;
    const char *error;
};

struct range {
    int left, top, right, bottom;
};

static int fail(struct table *t, const char *why)
{
    if (!t->error)
        t->error = why;
    return -1;
}

static int add_cell(struct table *t, struct row *r, const char *text, size_t length)
{
    char **more = realloc(r->cells, ((size_t)r->count + 1) * sizeof *more);
    if (!more)
        return fail(t, "out of memory");
    r->cells = more;
    char *cell = malloc(length + 1);
    if (!cell)
        return fail(t, "out of memory");
    memcpy(cell, text, length);
    cell[length] = '\0';
    r->cells[r->count++] = cell;
    if (r->count > t->widest)
        t->widest = r->count;
    return 0;
}

/* A quoted field that begins behind its quote at *pos; leaves *pos behind the closing one. */
static int read_quoted(struct table *t, struct row *r, const char *data, size_t size, size_t *pos)
{
    char field[LONGEST];
    size_t used = 0;
    for (;;) {
        if (*pos >= size)
            return fail(t, "a quote is open");
        char ch = data[(*pos)++];
        if (ch == '"') {
            if (*pos >= size || data[*pos] != '"')
                break;
            (*pos)++;
        }
        if (used == sizeof field)
            return fail(t, "a field is too long");
        field[used++] = ch;
    }
    return add_cell(t, r, field, used);
}

static int read_row(struct table *t, const char *data, size_t size, size_t *pos)
{
    struct row *more = realloc(t->rows, ((size_t)t->count + 1) * sizeof *more);
    if (!more)
        return fail(t, "out of memory");
    t->rows = more;
    struct row *r = &t->rows[t->count++];
    r->cells = NULL;
    r->count = 0;
    while (*pos < size && data[*pos] != '\n') {
        if (data[*pos] == '"') {
            (*pos)++;
            if (read_quoted(t, r, data, size, pos))
                return -1;
        } else {
            size_t start = *pos;
            while (*pos < size && data[*pos] != ',' && data[*pos] != '\n')
                (*pos)++;
            if (add_cell(t, r, data + start, *pos - start))
                return -1;
        }
        if (*pos < size && data[*pos] == ',')
            (*pos)++;
    }
    if (*pos < size)
        (*pos)++;
    return 0;
}

/* Reads "B12" as column 1, row 11. */
static int read_place(struct table *t, const char **words, int *column, int *row)
{
    int c = 0, r = 0, letters = 0;
    while (isupper((unsigned char)**words)) {
        if (letters++ > 3)
            return fail(t, "a column is too far");
        c = c * 26 + (*(*words)++ - 'A' + 1);
    }
    while (isdigit((unsigned char)**words)) {
        if (r > 99999)
            return fail(t, "a row is too far");
        r = r * 10 + (*(*words)++ - '0');
    }
    if (c == 0 || r == 0)
        return fail(t, "a place has a column and a row");
    *column = c - 1;
    *row = r - 1;
    return 0;
}

static int read_range(struct table *t, const char **words, struct range *g)
{
    if (read_place(t, words, &g->left, &g->top))
        return -1;
    if (*(*words)++ != ':')
        return fail(t, "a range lacks its colon");
    if (read_place(t, words, &g->right, &g->bottom))
        return -1;
    if (g->right < g->left || g->bottom < g->top)
        return fail(t, "a range ends before it begins");
    if (g->bottom >= t->count || g->right >= t->widest)
        return fail(t, "a range is outside the table");
    return 0;
}

static const char *cell_at(const struct table *t, int column, int row)
{
    const struct row *r = &t->rows[row];
    if (column >= r->count)
        return "";
    return r->cells[column];
}

static long number_at(const struct table *t, int column, int row)
{
    long value = strtol(cell_at(t, column, row), NULL, 10);
    return value > 1000000000 ? 1000000000 : value < -1000000000 ? -1000000000 : value;
}

static int do_cell(struct table *t, const char *words)
{
    int column, row;
    if (read_place(t, &words, &column, &row))
        return -1;
    if (row >= t->count || column >= t->widest)
        return fail(t, "a cell is outside the table");
    fprintf(t->out, "%s\n", cell_at(t, column, row));
    return 0;
}

static int do_sum(struct table *t, const char *words, int average)
{
    struct range g;
    long sum = 0;
    int numbers = 0;
    if (read_range(t, &words, &g))
        return -1;
    for (int row = g.top; row <= g.bottom; row++)
        for (int column = g.left; column <= g.right; column++) {
            const char *cell = cell_at(t, column, row);
            if (isdigit((unsigned char)*cell) || *cell == '-') {
                sum += number_at(t, column, row);
                numbers++;
            }
        }
    if (average && numbers == 0)
        return fail(t, "there is nothing to average");
    fprintf(t->out, "%ld\n", average ? sum / numbers : sum);
    return 0;
}

/* The middle one of a range's numbers, in order. */
static int do_middle(struct table *t, const char *words)
{
    struct range g;
    if (read_range(t, &words, &g))
        return -1;
    int width = g.right - g.left + 1, height = g.bottom - g.top + 1, used = 0;
    long *all = calloc((size_t)(width * height > 0 ? width * height : 0), sizeof *all);
    if (!all)
        return fail(t, "out of memory");
    for (int row = g.top; row <= g.bottom; row++)
        for (int column = g.left; column <= g.right; column++) {
            long value = number_at(t, column, row);
            int at = used++;
            for (; at > 0 && all[at - 1] > value; at--)
                all[at] = all[at - 1];
            all[at] = value;
        }
    fprintf(t->out, "%ld\n", all[used / 2]);
    free(all);
    return 0;
}

static int do_width(struct table *t, const char *words)
{
    int row = atoi(words) - 1;
    if (row < 0 || row >= t->count)
        return fail(t, "no such row");
    fprintf(t->out, "%d fields\n", t->rows[row].count);
    return 0;
}

static int do_column(struct table *t, const char *words)
{
    int column, row;
    char line[LONGEST];
    size_t used = 0;
    if (read_place(t, &words, &column, &row))
        return -1;
    for (row = 0; row < t->count; row++) {
        const char *cell = cell_at(t, column < t->widest ? column : 0, row);
        size_t length = strlen(cell);
        if (length + 1 >= sizeof line - used)
            return fail(t, "a column is too long to show");
        memcpy(line + used, cell, length);
        used += length;
        line[used++] = ' ';
    }
    fprintf(t->out, "%.*s\n", (int)used, line);
    return 0;
}

static int formula(struct table *t, const char *line)
{
    if (!strncmp(line, "CELL ", 5))
        return do_cell(t, line + 5);
    if (!strncmp(line, "SUM ", 4))
        return do_sum(t, line + 4, 0);
    if (!strncmp(line, "AVG ", 4))
        return do_sum(t, line + 4, 1);
    if (!strncmp(line, "MID ", 4))
        return do_middle(t, line + 4);
    if (!strncmp(line, "WIDTH ", 6))
        return do_width(t, line + 6);
    if (!strncmp(line, "COL ", 4))
        return do_column(t, line + 4);
    return fail(t, "a formula is unknown");
}

int program_run(const unsigned char *data, size_t size, FILE *out)
{
    struct table t = {.out = out};
    size_t pos = 0;
    const char *text = (const char *)data;
    while (pos < size && !t.error && (size - pos < 4 || memcmp(text + pos, "---\n", 4)))
        read_row(&t, text, size, &pos);
    pos += 4;
    fprintf(out, "%d rows, %d columns\n", t.count, t.widest);
    while (pos < size && !t.error) {
        const char *end = memchr(text + pos, '\n', size - pos);
        size_t length = (end ? (size_t)(end - text) : size) - pos;
        char *line = malloc(length + 1);
        if (!line)
            break;
        memcpy(line, text + pos, length);
        line[length] = '\0';
        if (length)
            formula(&t, line);
        free(line);
        pos += length + 1;
    }
    for (int r = 0; r < t.count; r++) {
        for (int c = 0; c < t.rows[r].count; c++)
            free(t.rows[r].cells[c]);
        free(t.rows[r].cells);
    }
    free(t.rows);
    if (t.error)
        fprintf(out, "error: %s\n", t.error);
    return t.error ? 2 : 0;
}
