"""Python programs without any security in them, for the twins of ``spot-flaw-python``."""

from __future__ import annotations

from seatrial.review.benchmarks.core.practice.spotting import Template

_LOANS = Template(
    """
# $origin
from dataclasses import dataclass
from datetime import date, timedelta

FEE = $fee  # cents a day
CAP = $cap  # cents a loan at most
GRACE = $grace  # days that are free


@dataclass
class Loan:
    title: str
    reader: str
    due: date
    back: bool = False


?1 # In cents.
def fine(loan, today):
    late = (today - loan.due).days
    if loan.back or late <= GRACE:
~~> if loan.back and late <= GRACE:
        return 0
    return min(CAP, (late - GRACE) * FEE)
~~> return max(CAP, (late - GRACE) * FEE)


# What one reader owes for all loans.
def $owed(loans, reader, today):
    return sum(fine(loan, today) for loan in loans if loan.reader == reader)
~~> return sum(fine(loan, today) for loan in loans)


# Two more weeks, unless the loan is late already.
def $renew(loan, today):
    if today > loan.due:
~~> if today < loan.due:
        return False
    loan.due += timedelta(days=14)
~~> loan.due = today - timedelta(days=14)
    return True


# Titles that are out, those due first at the top.
def $out(loans):
    gone = [loan for loan in loans if not loan.back]
?2     # Those of the same day stay in their order.
    return [loan.title for loan in sorted(gone, key=lambda loan: loan.due)]
~~> return [loan.title for loan in sorted(gone, key=lambda loan: loan.title)]
""",
    lambda draw: {
        "fee": draw.between(5, 30),
        "cap": 100 * draw.between(5, 20),
        "grace": draw.between(2, 6),
        "owed": draw.pick(("owed", "account", "bill")),
        "renew": draw.pick(("renew", "extend", "prolong")),
        "out": draw.pick(("out", "not_back", "lent")),
    },
)

_SHOP = Template(
    """
# $origin
import csv
from collections import Counter

OFF = $off  # percent less ...
MANY = $many  # ... from so many pieces on


# The shelf by code, from rows of code, stock, least stock and price in cents.
def $read(path):
    with open(path, newline="") as file:
        rows = list(csv.reader(file))
    return {code: {"stock": int(a), "least": int(b), "price": int(c)} for code, a, b, c in rows}
~~> return {code: {"stock": int(a), "least": int(a), "price": int(c)} for code, a, b, c in rows}


# Sells so many pieces and returns their price; None when there are not enough.
def $sell(shelf, code, count):
    item = shelf.get(code)
    if item is None or item["stock"] < count:
~~> if item is None or item["stock"] < 1:
        return None
    item["stock"] -= count
~~> item["stock"] -= 1
    price = count * item["price"]
    if count >= MANY:
~~> if count <= MANY:
        price -= price * OFF // 100
    return price


?1 # Only what is short is named.
# What must be ordered so that each item has its least stock again.
def $order(shelf):
    short = {code: item["least"] - item["stock"] for code, item in shelf.items()}
~~> short = {code: item["least"] + item["stock"] for code, item in shelf.items()}
    return {code: count for code, count in short.items() if count > 0}


# The three codes sold most often in a list of sales (code, count).
def $best(sales):
    sold = Counter()
    for code, count in sales:
        sold[code] += count
~~> sold[code] = count
?2     # Ties are kept as they came.
    return [code for code, _ in sold.most_common(3)]
""",
    lambda draw: {
        "off": draw.between(5, 25),
        "many": draw.between(6, 40),
        "read": draw.pick(("read_shelf", "load", "stock_of")),
        "sell": draw.pick(("sell", "take_out", "check_out")),
        "order": draw.pick(("order", "restock", "missing")),
        "best": draw.pick(("best", "favourites", "top_three")),
    },
)

_FERRIES = Template(
    """
# $origin
DAY = 24 * 60
BASE = $base  # cents
STEP = $step  # cents for each quarter of an hour that has begun
?1 HARBOURS = ("north", "south", "island")


# Minutes since midnight of a text like "07:45".
def $minutes(text):
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)
~~> return int(hour) * 100 + int(minute)


# The same the other way round: 465 becomes "07:45".
def $clock(minutes):
    hour, minute = divmod(minutes % DAY, 60)
~~> hour, minute = divmod(minutes % DAY, 100)
    return f"{hour:02}:{minute:02}"


# Minutes from one time to another, which may be after midnight.
def $gap(start, end):
    return ($minutes(end) - $minutes(start)) % DAY
~~> return abs($minutes(end) - $minutes(start))


# The departure that comes first at or after now.
def following(departures, now):
    return min(departures, key=lambda leaves: $gap(now, leaves))
~~> return max(departures, key=lambda leaves: $gap(now, leaves))


def fare(start, end):
    quarters = -(-$gap(start, end) // 15)
~~> quarters = $gap(start, end) // 15
    return BASE + quarters * STEP


# When a round trip of several legs (minutes each) is over, with a stay of $stay minutes between two legs.
def $home(start, legs):
?2     # Legs are never empty.
    total = sum(legs) + $stay * (len(legs) - 1)
~~> total = sum(legs) + $stay * len(legs)
    return $clock($minutes(start) + total)
""",
    lambda draw: {
        "base": 10 * draw.between(10, 40),
        "step": 5 * draw.between(5, 30),
        "stay": draw.between(5, 25),
        "minutes": draw.pick(("minutes_of", "parse", "in_minutes")),
        "clock": draw.pick(("clock", "shown", "as_text")),
        "gap": draw.pick(("gap", "between", "lasts")),
        "home": draw.pick(("home", "arrival", "back_at")),
    },
)

_LEAGUE = Template(
    """
# $origin
from dataclasses import dataclass

WIN, DRAW = $win, 1  # points


@dataclass
class Team:
    name: str
    points: int = 0
    made: int = 0
    got: int = 0

?1     # Goals made without those got.
    def difference(self):
        return self.made - self.got


# Enters one game into the table.
def $enter(table, home, away, one, other):
    first = table.setdefault(home, Team(home))
    second = table.setdefault(away, Team(away))
~~> second = table.setdefault(home, Team(away))
    first.made, first.got = first.made + one, first.got + other
    second.made, second.got = second.made + other, second.got + one
~~> second.made, second.got = second.made + one, second.got + other
    if one == other:
        first.points += DRAW
        second.points += DRAW
    else:
        winner = first if one > other else second
~~> winner = first if one < other else second
        winner.points += WIN


# The names, best first: by points, then by difference, then by name.
def $ranking(table):
    teams = sorted(table.values(), key=lambda team: (-team.points, -team.difference(), team.name))
~~> teams = sorted(table.values(), key=lambda team: (-team.points, team.difference(), team.name))
    return [team.name for team in teams]


# Those whose last $few results (a text of W, D and L, the newest last) hold no L.
def $form(results):
?2     # Fewer results are taken as they are.
    return {name for name, text in results.items() if "L" not in text[-$few:]}
~~> return {name for name, text in results.items() if "L" not in text[:$few]}
""",
    lambda draw: {
        "win": draw.between(2, 4),
        "few": draw.between(3, 6),
        "enter": draw.pick(("enter", "add_game", "played")),
        "ranking": draw.pick(("ranking", "standings", "table_of")),
        "form": draw.pick(("in_form", "unbeaten", "on_a_run")),
    },
)

TEMPLATES: tuple[Template, ...] = (_LOANS, _SHOP, _FERRIES, _LEAGUE)
