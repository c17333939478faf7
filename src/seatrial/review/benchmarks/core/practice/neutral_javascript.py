"""JavaScript programs without any security in them, for the twins of ``spot-flaw-javascript``."""

from __future__ import annotations

from seatrial.review.benchmarks.core.practice.spotting import Template

_LOANS = Template(
    """
// $origin
const FEE = $fee; // cents a day
const GRACE = $grace; // days that are free
const CAP = $cap; // cents a loan at most
const DAY = 24 * 3600 * 1000;
?1 export const READERS = new Map();

// What a loan costs today, in cents.
function fine(loan, today) {
  const late = Math.floor((today - loan.due) / DAY);
  if (loan.back || late <= GRACE) {
~~> if (loan.back || late <= 0) {
    return 0;
  }
  return Math.min(CAP, (late - GRACE) * FEE);
~~> return Math.max(CAP, (late - GRACE) * FEE);
}

// What one reader owes for all loans.
export function $owed(loans, reader, today) {
  const theirs = loans.filter((loan) => loan.reader === reader);
~~> const theirs = loans.filter((loan) => loan.reader);
  return theirs.reduce((sum, loan) => sum + fine(loan, today), 0);
~~> return theirs.reduce((sum, loan) => fine(loan, today), 0);
}

// Two more weeks, unless the loan is late already.
export function $renew(loan, today) {
  if (today > loan.due) {
~~> if (today < loan.due) {
    return false;
  }
  loan.due = new Date(loan.due.getTime() + 14 * DAY);
  return true;
}

?2 // For the desk.
// Titles that are out, those due first at the top.
export function $out(loans) {
  const gone = loans.filter((loan) => !loan.back);
  return gone.toSorted((a, b) => a.due - b.due).map((loan) => loan.title);
~~> return gone.toSorted((a, b) => b.due - a.due).map((loan) => loan.title);
}
""",
    lambda draw: {
        "fee": draw.between(5, 30),
        "cap": 100 * draw.between(5, 20),
        "grace": draw.between(2, 6),
        "owed": draw.pick(("owed", "account", "bill")),
        "renew": draw.pick(("renew", "extend", "prolong")),
        "out": draw.pick(("out", "notBack", "lent")),
    },
)

_SHOP = Template(
    """
// $origin
const OFF = $off; // percent less ...
const MANY = $many; // ... from so many pieces on

// The shelf by code, from lines "code,stock,least,price".
export function $read(text) {
  const shelf = new Map();
  for (const line of text.trim().split("\\n")) {
    const [code, stock, least, price] = line.split(",");
~~> const [code, least, stock, price] = line.split(",");
    shelf.set(code, { stock: +stock, least: +least, price: +price });
  }
  return shelf;
}

// Sells so many pieces and returns their price; null when there are not enough.
export function $sell(shelf, code, count) {
  const item = shelf.get(code);
  if (item === undefined || item.stock < count) {
~~> if (item === undefined || item.stock <= count) {
    return null;
  }
  item.stock -= count;
~~> item.stock -= 1;
  const price = count * item.price;
  return count >= MANY ? price - Math.floor((price * OFF) / 100) : price;
~~> return count < MANY ? price - Math.floor((price * OFF) / 100) : price;
}

?1 // Short of it.
// What must be ordered so that each item has its least stock again.
export function $order(shelf) {
  const short = [...shelf].map(([code, item]) => [code, item.least - item.stock]);
~~> const short = [...shelf].map(([code, item]) => [code, item.stock - item.least]);
  return new Map(short.filter(([, count]) => count > 0));
}

// The three codes sold most often in a list of sales [code, count].
export function $best(sales) {
  const sold = new Map();
  for (const [code, count] of sales) {
    sold.set(code, (sold.get(code) ?? 0) + count);
~~> sold.set(code, count);
  }
?2   // Ties are kept as they came.
  return [...sold].toSorted((a, b) => b[1] - a[1]).slice(0, 3).map(([code]) => code);
}
""",
    lambda draw: {
        "off": draw.between(5, 25),
        "many": draw.between(6, 40),
        "read": draw.pick(("readShelf", "load", "stockOf")),
        "sell": draw.pick(("sell", "takeOut", "checkOut")),
        "order": draw.pick(("order", "restock", "missing")),
        "best": draw.pick(("best", "favourites", "topThree")),
    },
)

_FERRIES = Template(
    """
// $origin
const DAY = 24 * 60;
const BASE = $base; // cents
const STEP = $step; // cents for each quarter of an hour that has begun
?1 const HARBOURS = ["north", "south", "island"];

// Minutes since midnight of a text like "07:45".
export function $minutes(text) {
  const [hour, minute] = text.split(":").map(Number);
  return hour * 60 + minute;
~~> return hour * 100 + minute;
}

// The same the other way round: 465 becomes "07:45".
export function $clock(minutes) {
  const hour = Math.floor((minutes % DAY) / 60);
~~> const hour = Math.floor(minutes / DAY);
  const parts = [hour, minutes % 60];
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}

// Minutes from one time to another, which may be after midnight.
export function $gap(start, end) {
  return ($minutes(end) - $minutes(start) + DAY) % DAY;
~~> return Math.abs($minutes(end) - $minutes(start));
}

// The departure that comes first at or after now.
export function $next(departures, now) {
  return departures.toSorted((a, b) => $gap(now, a) - $gap(now, b))[0];
~~> return departures.toSorted((a, b) => $gap(a, now) - $gap(b, now))[0];
}

export function $fare(start, end) {
?2   // A trip takes less than a day.
  const quarters = Math.ceil($gap(start, end) / 15);
~~> const quarters = Math.floor($gap(start, end) / 15);
  return BASE + quarters * STEP;
}

// When a round trip of several legs (minutes each) is over, with a stay of $stay minutes between two legs.
export function $home(start, legs) {
  const total = legs.reduce((sum, leg) => sum + leg, 0) + $stay * (legs.length - 1);
~~> const total = legs.reduce((sum, leg) => sum + leg, 0) + $stay * legs.length;
  return $clock($minutes(start) + total);
}
""",
    lambda draw: {
        "base": 10 * draw.between(10, 40),
        "step": 5 * draw.between(5, 30),
        "stay": draw.between(5, 25),
        "minutes": draw.pick(("minutesOf", "parse", "inMinutes")),
        "clock": draw.pick(("clock", "shown", "asText")),
        "gap": draw.pick(("gap", "between", "lasts")),
        "next": draw.pick(("following", "soonest", "nextFerry")),
        "fare": draw.pick(("fare", "price", "ticket")),
        "home": draw.pick(("home", "arrival", "backAt")),
    },
)

TEMPLATES: tuple[Template, ...] = (_LOANS, _SHOP, _FERRIES)
