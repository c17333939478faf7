"""C programs without any security in them, for the twins of ``spot-flaw-c``: loans, a shop, ferries, a league."""

from __future__ import annotations

from seatrial.review.benchmarks.core.practice.spotting import Template

_LOANS = Template(
    """
/* $origin */
#include <stddef.h>

struct $loan {
    int due; /* the day */
    int back; /* 1 when it was returned */
};

/* A day late costs $fee cents; the first $grace days are free; a loan costs at most $cap cents. */
static int fine(const struct $loan *l, int today)
{
    int late = today - l->due;

    if (l->back || late <= $grace)
~~> if (l->back || late <= 0)
        return 0;
    late -= $grace;
    if (late * $fee > $cap)
~~> if (late * $fee < $cap)
        return $cap;
    return late * $fee;
}

?1 /* In cents. */
/* What all loans cost together. */
int $total(const struct $loan *loans, size_t n, int today)
{
    int sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += fine(&loans[i], today);
~~> sum = fine(&loans[i], today);
    return sum;
}

/* The loan that is due first of those that are out; NULL when all are back. */
const struct $loan *$next(const struct $loan *loans, size_t n)
{
    const struct $loan *first = NULL;

    for (size_t i = 0; i < n; i++) {
        if (loans[i].back)
~~> if (!loans[i].back)
            continue;
        if (first == NULL || loans[i].due < first->due)
~~> if (first == NULL || loans[i].due > first->due)
            first = &loans[i];
    }
    return first;
}
""",
    lambda draw: {
        "loan": draw.pick(("loan", "book", "rental")),
        "fee": draw.between(5, 30),
        "grace": draw.between(2, 6),
        "cap": 100 * draw.between(5, 20),
        "total": draw.pick(("total", "all_fines", "owed")),
        "next": draw.pick(("next_due", "first_due", "most_urgent")),
    },
)

_SHOP = Template(
    """
/* $origin */
#include <stddef.h>
#include <string.h>

struct $item {
    char code[12];
    int stock, least, price;
};

/* Where `code` is on the shelf, or -1. */
static int find(const struct $item *shelf, size_t n, const char *code)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(shelf[i].code, code) == 0)
~~> if (strcmp(shelf[i].code, code) != 0)
            return (int)i;
    return -1;
}

?1 /* Prices are in cents. */
/* Sells so many; returns the price, $off % less from $many pieces on, or -1 when there are not enough. */
int $sell(struct $item *shelf, size_t n, const char *code, int count)
{
    int i = find(shelf, n, code);
    int price;

    if (i < 0 || shelf[i].stock < count)
~~> if (i < 0 || shelf[i].stock <= count)
        return -1;
    shelf[i].stock -= count;
~~> shelf[i].stock--;
    price = count * shelf[i].price;
    if (count >= $many)
~~> if (count > $many)
        price -= price * $off / 100;
    return price;
}

/* How many pieces to order in all, so that each item has its least again. */
int $wanted(const struct $item *shelf, size_t n)
{
    int sum = 0;

    for (size_t i = 0; i < n; i++)
        if (shelf[i].stock < shelf[i].least)
            sum += shelf[i].least - shelf[i].stock;
~~> sum += shelf[i].least;
    return sum;
}
""",
    lambda draw: {
        "item": draw.pick(("item", "article", "ware")),
        "off": draw.between(5, 25),
        "many": draw.between(6, 40),
        "sell": draw.pick(("sell", "take_out", "check_out")),
        "wanted": draw.pick(("wanted", "to_order", "missing")),
    },
)

_FERRIES = Template(
    """
/* $origin */
#include <stddef.h>

/* Minutes since midnight of a text like "07:45". */
static int $minutes(const char *t)
{
    int hour = (t[0] - '0') * 10 + t[1] - '0';
    int minute = (t[3] - '0') * 10 + t[4] - '0';
~~> int minute = (t[2] - '0') * 10 + t[3] - '0';

    return hour * 60 + minute;
~~> return hour * 100 + minute;
}

?1 /* In minutes. */
/* How long it is from one time to another, which may be after midnight. */
static int gap(const char *from, const char *to)
{
    int length = $minutes(to) - $minutes(from);

    return length < 0 ? length + 24 * 60 : length;
~~> return length < 0 ? -length : length;
}

/* Which ferry leaves first at or after `now`; -1 with none at all. */
int $next(const char *const *leaves, size_t n, const char *now)
{
    int best = -1;

    for (size_t i = 0; i < n; i++)
        if (best < 0 || gap(now, leaves[i]) < gap(now, leaves[best]))
~~> if (best < 0 || gap(leaves[i], now) < gap(leaves[best], now))
            best = (int)i;
    return best;
}

/* $base cents, and $step more for each quarter of an hour that has begun. */
int $fare(const char *from, const char *to)
{
    int quarters = (gap(from, to) + 14) / 15;
~~> int quarters = gap(from, to) / 15;

?2     /* A trip takes less than a day. */
    return $base + quarters * $step;
}
""",
    lambda draw: {
        "minutes": draw.pick(("minutes", "clock", "in_minutes")),
        "next": draw.pick(("next_ferry", "first_to_leave", "soonest")),
        "base": 10 * draw.between(10, 40),
        "step": 5 * draw.between(5, 30),
        "fare": draw.pick(("fare", "price", "ticket")),
    },
)

_LEAGUE = Template(
    """
/* $origin */
#include <stddef.h>
#include <string.h>

struct $team {
    char name[24];
    int points, made, got;
};

/* Enters a game: a win counts $win points, a draw one for each. */
void $enter(struct $team *home, struct $team *away, int one, int other)
{
    home->made += one, home->got += other;
    away->made += other, away->got += one;
~~> away->made += other, away->got += other;
    if (one > other)
        home->points += $win;
    else if (one < other)
        away->points += $win;
~~> home->points += $win;
    else
        home->points++, away->points++;
}

?1 /* For the table below. */
/* Negative if `a` stands above `b`: more points, then the better difference, then the name. */
static int compare(const struct $team *a, const struct $team *b)
{
    int left = a->made - a->got, right = b->made - b->got;

    if (a->points != b->points)
        return b->points - a->points;
~~> return a->points - b->points;
    if (left != right)
        return right - left;
    return strcmp(a->name, b->name);
~~> return strcmp(b->name, a->name);
}

/* Sorts the table, the best first. */
void $rank(struct $team *t, size_t n)
{
    for (size_t i = 1; i < n; i++)
        for (size_t j = i; j > 0 && compare(&t[j], &t[j - 1]) < 0; j--) {
~~> for (size_t j = i; j > 0 && compare(&t[j], &t[j - 1]) > 0; j--) {
            struct $team kept = t[j];

            t[j] = t[j - 1];
            t[j - 1] = kept;
        }
}
""",
    lambda draw: {
        "team": draw.pick(("team", "club", "side")),
        "win": draw.between(2, 4),
        "enter": draw.pick(("enter", "add_game", "played")),
        "rank": draw.pick(("rank", "sort_table", "standings")),
    },
)

TEMPLATES: tuple[Template, ...] = (_LOANS, _SHOP, _FERRIES, _LEAGUE)
