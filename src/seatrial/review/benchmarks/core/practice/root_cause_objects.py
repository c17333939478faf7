"""Two of root-cause's programs, about what lives how long: names in a list, documents that are shared."""

from __future__ import annotations

from seatrial.review.benchmarks.core.practice.root_cause_planting import Case, Report

NAMES = Case(
    """
/* $origin */
#include <stdlib.h>
#include <string.h>

struct $node {
    struct $node *next;
    char *name;
};

static struct $node *head;

?1 /* The newest comes first. */
void $add(const char *name)
{
    struct $node *n = malloc(sizeof *n); //@E

    n->name = malloc(strlen(name) + 1);
~~> n->name = malloc(strlen(name)); //@F
    strcpy(n->name, name); //@A
    n->next = head;
    head = n;
}

void $drop(const char *name)
{
    for (struct $node **link = &head; *link != NULL; link = &(*link)->next) {
        struct $node *n = *link;

        if (strcmp(n->name, name) == 0) {
            *link = n->next;
~~> *link = n;
            free(n->name);
            free(n); //@D
            return;
        }
    }
}

?2 /* The length of all names together. */
size_t $total(void)
{
    size_t sum = 0;

    for (const struct $node *n = head; n != NULL; n = n->next)
        sum += strlen(n->name); //@B
    return sum;
}
""",
    lambda draw: {
        "node": draw.pick(("node", "guest", "entry", "client")),
        "add": draw.pick(("add_name", "enter", "sign_in")),
        "drop": draw.pick(("drop_name", "leave", "sign_out")),
        "total": draw.pick(("total", "all_letters", "size_of_all")),
    },
    (
        Report(
            "heap-buffer-overflow",
            (("add", "A"),),
            'void $add(const char *);\nint main(void) { $add("wheelhouse-12345"); }',
            "WRITE of size 17",
            allocated=(("add", "F"),),
        ),
        Report(
            "heap-use-after-free",
            (("total", "B"),),
            "#include <stddef.h>\nvoid $add(const char *); void $drop(const char *); size_t $total(void);\n"
            'int main(void) { $add("oak"); $add("elm"); $drop("elm"); return (int)$total(); }',
            "READ of size 8",
            freed=(("drop", "D"),),
            allocated=(("add", "E"),),
        ),
    ),
)

SHARED = Case(
    """
/* $origin */
#include <stdlib.h>
#include <string.h>

struct $doc {
    int refs;
    char body[$size];
};

struct $tab {
    struct $doc *shown;
};

struct $doc *$open(const char *body)
{
    struct $doc *d = calloc(1, sizeof *d); //@E

    strncpy(d->body, body, sizeof d->body - 1);
    d->refs = 1;
~~> d->refs = 0;
    return d;
}

void $release(struct $doc *d)
{
    if (--d->refs <= 0)
        free(d); //@D
}

?1 /* The tab keeps the document for itself too. */
void $show(struct $tab *t, struct $doc *d)
{
    if (t->shown != NULL)
        $release(t->shown);
    d->refs = d->refs + 1;
~~> d->refs = 1;
    t->shown = d;
}

void $hide(struct $tab *t)
{
    if (t->shown != NULL)
        $release(t->shown);
    t->shown = NULL;
}

?2 /* 0 for an empty tab. */
size_t $length(const struct $tab *t)
{
    size_t n = 0;

    while (t->shown != NULL && t->shown->body[n] != '\\0') //@B
        n++;
    return n;
}
""",
    lambda draw: {
        "size": 16 * draw.between(2, 6),
        "doc": draw.pick(("doc", "page", "sheet")),
        "tab": draw.pick(("tab", "view", "pane")),
        "open": draw.pick(("open_doc", "load", "new_doc")),
        "release": draw.pick(("release", "let_go", "unref")),
        "show": draw.pick(("show", "display", "attach")),
        "hide": draw.pick(("hide", "detach", "close_tab")),
        "length": draw.pick(("length", "letters", "shown_size")),
    },
    tuple(
        Report(
            "heap-use-after-free",
            (("length", "B"),),
            "#include <stddef.h>\nstruct $doc; struct $tab { struct $doc *shown; }; struct $doc *$open(const char *);\n"
            "void $release(struct $doc *); void $show(struct $tab *, struct $doc *); "
            "size_t $length(const struct $tab *);\n"
            'int main(void) { struct $tab t = {0}; struct $doc *d = $open("log"); $show(&t, d); $release(d); '
            "return (int)$length(&t); }",
            "READ of size 1",
            freed=(("release", "D"),),
            allocated=(("open", "E"),),
        )
        for _ in range(2)
    ),
)
