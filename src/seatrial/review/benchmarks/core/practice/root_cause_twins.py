"""Programs for the twins of root-cause: beans in jars, a sorted shelf, a bus; each checks what it counts on."""

from __future__ import annotations

from seatrial.review.benchmarks.core.practice.root_cause_planting import Case, Report

_JARS = Case(
    """
/* $origin */
#include <assert.h>

#define $JARS $jars

struct $shelf {
    int beans[$JARS];
    int total;
};

?1 /* Beans that are new here. */
void $put(struct $shelf *s, int jar, int count)
{
    s->beans[jar] += count;
    s->total += count;
~~> s->total = count;
}

/* From one jar to another; nothing if there are not enough. */
void $move(struct $shelf *s, int from, int to, int count)
{
    if (s->beans[from] < count)
        return;
    s->beans[from] -= count;
    s->beans[to] += count;
~~> s->beans[to] = count;
}

?2 /* All beans of a jar are eaten. */
void $eat(struct $shelf *s, int jar)
{
    s->total -= s->beans[jar];
~~> s->total -= 1;
    s->beans[jar] = 0;
}

void $check(const struct $shelf *s)
{
    int sum = 0;

    for (int jar = 0; jar < $JARS; jar++)
        sum += s->beans[jar];
    assert(sum == s->total); //@A
}
""",
    lambda draw: {
        "JARS": draw.pick(("JARS", "POTS", "CUPS")),
        "jars": draw.between(4, 9),
        "shelf": draw.pick(("shelf", "kitchen", "cupboard")),
        "put": draw.pick(("put", "fill", "bring")),
        "move": draw.pick(("move", "pour", "carry")),
        "eat": draw.pick(("eat", "finish", "use_up")),
        "check": draw.pick(("check", "count", "inspect")),
    },
    tuple(
        Report(
            "sum == s->total",
            (("check", "A"),),
            "struct $shelf { int beans[$jars]; int total; }; void $put(struct $shelf *, int, int);\n"
            "void $move(struct $shelf *, int, int, int); void $eat(struct $shelf *, int); "
            "void $check(const struct $shelf *);\n"
            "int main(void) { struct $shelf s = {0}; $put(&s, 0, 5); $put(&s, 1, 3); $move(&s, 0, 1, 2); "
            "$eat(&s, 1); $check(&s); }",
        )
        for _ in range(3)
    ),
)

_SORTED = Case(
    """
/* $origin */
#include <assert.h>
#include <string.h>

#define $MAX $most

struct $list {
    int count;
    int size[$MAX];
};

static int $place(const struct $list *l, int size)
{
    int at = 0;

    while (at < l->count && l->size[at] < size)
~~> while (at < l->count && l->size[at] > size)
        at++;
    return at;
}

?1 /* Keeps the sizes in order; -1 when the list is full. */
int $insert(struct $list *l, int size)
{
    int at = $place(l, size);

    if (l->count == $MAX)
        return -1;
    memmove(&l->size[at + 1], &l->size[at], (size_t)(l->count - at) * sizeof l->size[0]);
~~> memmove(&l->size[at], &l->size[at + 1], (size_t)(l->count - at) * sizeof l->size[0]);
    l->size[at] = size;
    l->count++;
    return at;
}

static void sorted(const struct $list *l)
{
    for (int i = 1; i < l->count; i++)
        assert(l->size[i - 1] <= l->size[i]); //@A
}

?2 /* Of those in the list. */
int $middle(const struct $list *l)
{
    sorted(l); //@B
    return l->size[l->count / 2];
}
""",
    lambda draw: {
        "MAX": draw.pick(("MAX", "MOST", "PLACES")),
        "most": draw.between(10, 40),
        "list": draw.pick(("list", "shelf", "row")),
        "place": draw.pick(("place", "where", "position")),
        "insert": draw.pick(("insert", "add_size", "enter")),
        "middle": draw.pick(("middle", "median", "usual")),
    },
    tuple(
        Report(
            "l->size[i - 1] <= l->size[i]",
            (("sorted", "A"), ("middle", "B")),
            "struct $list { int count; int size[$most]; }; int $insert(struct $list *, int); "
            "int $middle(const struct $list *);\n"
            "int main(void) { struct $list l = {0}; int all[] = {5, 8, 3, 6, 1, 9};\n"
            "for (int i = 0; i < 6; i++) $insert(&l, all[i]); return $middle(&l); }",
        )
        for _ in range(2)
    ),
)

_BUS = Case(
    """
/* $origin */
#include <assert.h>

#define $SEATS $seats

struct $bus {
    int riding, waiting, home;
};

?1 /* People come to the stop. */
void $arrive(struct $bus *b, int count)
{
    b->waiting += count;
}

/* As many get in as there are seats left; the others go on waiting. */
void $board(struct $bus *b)
{
    int left = $SEATS - b->riding;
~~> int left = $SEATS;
    int in = b->waiting < left ? b->waiting : left;
~~> int in = b->waiting > left ? b->waiting : left;

    b->waiting -= in;
    b->riding += in;
}

/* So many get out, if as many ride. */
void $leave(struct $bus *b, int count)
{
    if (count > b->riding)
        count = b->riding;
~~> count = b->waiting;
    b->riding -= count;
    b->home += count;
}

?2 /* Before each stop. */
void $drive(const struct $bus *b)
{
    assert(b->waiting >= 0);
    assert(b->riding >= 0 && b->riding <= $SEATS); //@A
}
""",
    lambda draw: {
        "SEATS": "SEATS",
        "seats": draw.between(10, 40),
        "bus": draw.pick(("bus", "ferry", "coach")),
        "arrive": draw.pick(("arrive", "gather", "queue_up")),
        "board": draw.pick(("board", "get_in", "embark")),
        "leave": draw.pick(("leave", "get_out", "alight")),
        "drive": draw.pick(("drive", "depart", "go_on")),
    },
    tuple(
        Report(
            "b->riding >= 0 && b->riding <= SEATS",
            (("drive", "A"),),
            "struct $bus { int riding, waiting, home; }; void $arrive(struct $bus *, int); "
            "void $board(struct $bus *);\n"
            "void $leave(struct $bus *, int); void $drive(const struct $bus *);\n"
            "int main(void) { struct $bus b = {0}; $arrive(&b, "
            + people
            + "); $board(&b); $arrive(&b, 200); $board(&b);\n"
            "$leave(&b, 2); $drive(&b); $leave(&b, 90); $drive(&b); }",
        )
        for people in ("9", "50", "9")
    ),
)

NEUTRAL: tuple[Case, ...] = (_JARS, _SORTED, _BUS)
