"""root-cause's programs: a queue, a growing text, split lines, a grid, and those of ``root_cause_objects``."""

from __future__ import annotations

from seatrial.review.benchmarks.core.practice.root_cause_objects import NAMES, SHARED
from seatrial.review.benchmarks.core.practice.root_cause_planting import Case, Report

_QUEUE = Case(
    """
/* $origin */
#include <stdlib.h>

#define $CAP $cap

struct $queue {
    unsigned first, count;
    int items[$CAP];
};

struct $queue *$open(void)
{
    return calloc(1, sizeof(struct $queue)); //@E
}

?1 /* -1 when it is full. */
int $push(struct $queue *q, int value)
{
    unsigned at = (q->first + q->count) % $CAP;
~~> unsigned at = q->first + q->count;

    if (q->count == $CAP)
        return -1;
    q->items[at] = value; //@A
    q->count++;
    return 0;
}

/* Only when something is in it. */
static int front(const struct $queue *q)
{
    return q->items[q->first]; //@B
}

?2 /* -1 when it is empty. */
int $pop(struct $queue *q)
{
    int value;

    if (q->count == 0)
        return -1;
    value = front(q); //@C
    q->first = (q->first + 1) % $CAP;
~~> q->first = q->first + 1;
~~> q->first = (q->first + 1) % ($CAP + 1);
    q->count--;
    return value;
}
""",
    lambda draw: {
        "CAP": draw.pick(("CAP", "SLOTS", "ROOM")),
        "cap": draw.between(4, 9),
        "queue": draw.pick(("queue", "ring", "line")),
        "open": draw.pick(("open_queue", "new_queue", "start")),
        "push": draw.pick(("push", "put_in", "enqueue")),
        "pop": draw.pick(("pop", "take_out", "dequeue")),
    },
    tuple(
        Report(
            "heap-buffer-overflow",
            frames,
            "struct $queue; struct $queue *$open(void); int $push(struct $queue *, int); int $pop(struct $queue *);\n"
            "int main(void) { struct $queue *q = $open(); $push(q, 7); for (int i = 0; i < 99; "
            "i++) { $push(q, i); $pop(q); } }",
            access,
            allocated=(("open", "E"),),
        )
        for frames, access in (
            ((("push", "A"),), "WRITE of size 4"),
            ((("front", "B"), ("pop", "C")), "READ of size 4"),
            ((("front", "B"), ("pop", "C")), "READ of size 4"),
        )
    ),
)

_TEXT = Case(
    """
/* $origin */
#include <stdlib.h>
#include <string.h>

struct $text {
    char *data;
    size_t used, room;
};

?1 /* -1 when there is no memory left. */
static int $reserve(struct $text *t, size_t more)
{
    size_t need = t->used + more + 1;
~~> size_t need = t->used + more;
    char *data;

    if (need <= t->room)
        return 0;
    data = realloc(t->data, need); //@E
    if (data == NULL)
        return -1;
    t->data = data;
    t->room = need;
~~> t->room = 2 * need;
    return 0;
}

?2 /* The text always ends in a NUL. */
int $append(struct $text *t, const char *s)
{
    size_t n = strlen(s);

    if ($reserve(t, n) != 0) //@F
        return -1;
    memcpy(t->data + t->used, s, n); //@A
    t->used += n;
    t->data[t->used] = '\\0'; //@B
    return 0;
}

void $clear(struct $text *t)
{
    free(t->data); //@D
    t->data = NULL, t->used = t->room = 0;
~~> t->data = NULL, t->used = 0;
}
""",
    lambda draw: {
        "text": draw.pick(("text", "builder", "string")),
        "reserve": draw.pick(("reserve", "make_room", "ensure")),
        "append": draw.pick(("append", "add_text", "push_text")),
        "clear": draw.pick(("clear", "empty", "reset")),
    },
    (
        Report(
            "heap-buffer-overflow",
            (("append", "B"),),
            "#include <stddef.h>\nstruct $text { char *data; size_t used, room; };\n"
            "int $append(struct $text *, const char *);\n"
            'int main(void) { struct $text t = {0}; $append(&t, "anchor"); }',
            "WRITE of size 1",
            allocated=(("reserve", "E"), ("append", "F")),
        ),
        Report(
            "heap-buffer-overflow",
            (("append", "A"),),
            "#include <stddef.h>\nstruct $text { char *data; size_t used, room; };\n"
            "int $append(struct $text *, const char *);\n"
            'int main(void) { struct $text t = {0}; $append(&t, "anchor"); $append(&t, "rope"); }',
            "WRITE of size 4",
            allocated=(("reserve", "E"), ("append", "F")),
        ),
        Report(
            "SEGV on unknown address 0x000000000000",
            (("append", "A"),),
            "#include <stddef.h>\nstruct $text { char *data; size_t used, room; };\n"
            "int $append(struct $text *, const char *);\n"
            "void $clear(struct $text *);\n"
            'int main(void) { struct $text t = {0}; $append(&t, "anchor"); $clear(&t); $append(&t, "rope"); }',
            "The signal is caused by a WRITE memory access.",
        ),
    ),
)

_SPLIT = Case(
    """
/* $origin */
#include <stdlib.h>
#include <string.h>

static size_t $count(const char *line)
{
    size_t n = 1;
~~> size_t n = 0;

    for (; *line != '\\0'; line++)
        if (*line == '$sep')
            n++;
    return n;
}

?1 /* The fields of a line, which is cut up; `*n` tells how many. */
char **$split(char *line, size_t *n)
{
    char **fields = malloc($count(line) * sizeof *fields); //@E

    for (*n = 0;; line++) {
        fields[(*n)++] = line; //@A
        line = strchr(line, '$sep');
        if (line == NULL)
            return fields;
        *line = '\\0';
    }
}

static size_t width(char **fields, size_t k)
{
    return strlen(fields[k]); //@B
}

?2 /* 0 when there is no such column. */
size_t $column(char **fields, size_t n, size_t k)
{
    if (k >= n)
~~> if (k > n)
        return 0;
    return width(fields, k); //@C
}
""",
    lambda draw: {
        "sep": draw.pick(",;|:"),
        "count": draw.pick(("count", "fields_of", "how_many")),
        "split": draw.pick(("split", "cut", "parse_line")),
        "column": draw.pick(("column", "column_width", "field_size")),
    },
    (
        Report(
            "heap-buffer-overflow",
            (("split", "A"),),
            "#include <stddef.h>\nchar **$split(char *, size_t *);\n"
            'int main(void) { char line[] = "a${sep}b${sep}c"; size_t n; $split(line, &n); }',
            "WRITE of size 8",
            allocated=(("split", "E"),),
        ),
        Report(
            "heap-buffer-overflow",
            (("width", "B"), ("column", "C")),
            "#include <stddef.h>\nchar **$split(char *, size_t *); size_t $column(char **, size_t, size_t);\n"
            'int main(void) { char line[] = "a${sep}b"; size_t n; char **f = $split(line, &n); '
            "return (int)$column(f, n, n); }",
            "READ of size 8",
            allocated=(("split", "E"),),
        ),
    ),
)

_GRID = Case(
    """
/* $origin */
#include <stdlib.h>

struct $grid {
    int wide, high;
    int *cells;
};

struct $grid *$make(int wide, int high)
{
    struct $grid *g = malloc(sizeof *g);

    g->wide = wide, g->high = high;
    g->cells = calloc((size_t)wide * high, sizeof *g->cells); //@E
~~> g->cells = calloc((size_t)high * high, sizeof *g->cells); //@E
    return g;
}

static int *at(const struct $grid *g, int x, int y)
{
    return &g->cells[y * g->wide + x];
~~> return &g->cells[x * g->wide + y];
}

?1 /* Every cell gets the value. */
void $fill(struct $grid *g, int value)
{
    for (int y = 0; y < g->high; y++)
        for (int x = 0; x < g->wide; x++)
            *at(g, x, y) = value; //@A
}

?2 /* A new grid with rows and columns exchanged. */
struct $grid *$turn(const struct $grid *g)
{
    struct $grid *t = $make(g->high, g->wide); //@F
~~> struct $grid *t = $make(g->high, g->high); //@F

    for (int y = 0; y < g->high; y++)
        for (int x = 0; x < g->wide; x++)
            *at(t, y, x) = *at(g, x, y); //@B
    return t;
}
""",
    lambda draw: {
        "grid": draw.pick(("grid", "board", "matrix")),
        "make": draw.pick(("make_grid", "new_grid", "blank")),
        "fill": draw.pick(("fill", "paint", "set_all")),
        "turn": draw.pick(("turn", "transpose", "flip")),
    },
    tuple(
        Report(
            "heap-buffer-overflow",
            frames,
            "struct $grid; struct $grid *$make(int, int); void $fill(struct $grid *, int);\n"
            "struct $grid *$turn(const struct $grid *);\n"
            "int main(void) { struct $grid *g = $make(9, 4); $fill(g, 1); $turn(g); }",
            "WRITE of size 4",
            allocated=allocated,
        )
        for frames, allocated in (
            ((("fill", "A"),), (("make", "E"),)),
            ((("fill", "A"),), (("make", "E"),)),
            ((("turn", "B"),), (("make", "E"), ("turn", "F"))),
        )
    ),
)

CASES: tuple[Case, ...] = (NAMES, _QUEUE, _TEXT, _SPLIT, SHARED, _GRID)
