"""Tables and formulas."""

from __future__ import annotations

from random import Random

WORDS = ("tug", "barge", "north", "7 m", "quay", "ferry", "")


def field(rng: Random) -> str:
    choice = rng.randrange(4)
    if choice == 0:
        return rng.choice(WORDS[:-1])
    if choice == 1:
        return '"' + rng.choice(("a, b", 'say ""hi""', "two\nlines", "plain")) + '"'
    return str(rng.randint(-50, 999))


def table(rng: Random, rows: int = 0, columns: int = 0, *, numbers: bool = False) -> tuple[str, int, int]:
    rows, columns = rows or rng.randint(1, 5), columns or rng.randint(1, 4)
    lines = [[str(rng.randint(0, 99)) if numbers else field(rng) for _ in range(columns)] for _ in range(rows)]
    return "".join(",".join(line) + "\n" for line in lines), rows, columns


def place(column: int, row: int) -> str:
    return "ABCDEFGHIJ"[column] + str(row + 1)


def within(rng: Random, rows: int, columns: int) -> str:
    left, top = rng.randrange(columns), rng.randrange(rows)
    return f"{place(left, top)}:{place(rng.randrange(left, columns), rng.randrange(top, rows))}"


def asked(body: str, *formulas: str) -> bytes:
    return (body + "---\n" + "".join(f"{one}\n" for one in formulas)).encode()


def before(rng: Random, rows: int, columns: int) -> list[str]:
    some = [f"SUM {within(rng, rows, columns)}", f"CELL {place(rng.randrange(columns), rng.randrange(rows))}",
            f"WIDTH {rng.randint(1, rows)}", f"MID {within(rng, rows, columns)}"]  # fmt: skip
    return rng.sample(some, rng.randint(0, 2))


def benign(rng: Random) -> bytes:
    body, rows, columns = table(rng, numbers=rng.random() < 0.5)
    last = [f"AVG {within(rng, rows, columns)}"] if '"' not in body and not any(w in body for w in WORDS[:-1]) else []
    return asked(body, *before(rng, rows, columns), *before(rng, rows, columns), *last)


def open_quote(rng: Random) -> bytes:
    body, _, _ = table(rng)
    tail = '"' + rng.choice(("", "tug", "a, b", 'x""y', "two\nlines"))
    return (body + rng.choice(("", "7,", "tug,8,")) + tail).encode()


def long_quoted(rng: Random) -> bytes:
    body, _, _ = table(rng)
    return asked(body + '"' + rng.choice(("abc", "1, ", "x")) * rng.randint(49, 70) + '"\n')


def long_column(rng: Random) -> bytes:
    body, rows, columns = table(rng)
    far = (
        rng.choice("IJKLMNOPZ")
        + "".join(rng.choice("ABCZXY") for _ in range(rng.randint(6, 12)))
        + str(rng.randint(1, 9))
    )
    bad = rng.choice((f"CELL {far}", f"SUM A1:{far}", f"MID {far}:B2", f"AVG {far}:C3", f"COL {far}"))
    return asked(body, *before(rng, rows, columns), bad)


def row_zero(rng: Random) -> bytes:
    body, rows, columns = table(rng)
    column = "ABCD"[rng.randrange(columns)]
    bad = rng.choice(
        (f"CELL {column}0", f"SUM A0:{column}1", f"AVG {column}0:{column}{rows}", f"MID A0:{column}1", f"CELL {column}")
    )
    return asked(body, *before(rng, rows, columns), bad)


def backwards(rng: Random) -> bytes:
    body, rows, columns = table(rng, rng.randint(2, 5), rng.randint(2, 4))
    low, high = sorted(rng.sample(range(rows), 2))
    left, right = sorted((rng.randrange(columns), rng.randrange(columns)))
    if rng.random() < 0.5:
        return asked(body, *before(rng, rows, columns), f"MID {place(left, high)}:{place(right, low)}")
    near, far = sorted(rng.sample(range(columns), 2))
    top, bottom = sorted((rng.randrange(rows), rng.randrange(rows)))
    return asked(body, *before(rng, rows, columns), f"MID {place(far, top)}:{place(near, bottom)}")


def short_row(rng: Random) -> bytes:
    body, rows, columns = table(rng, rng.randint(2, 4), rng.randint(2, 4))
    short = rng.randint(1, columns - 1)
    body += ",".join(str(rng.randint(0, 99)) for _ in range(short)) + "\n"
    column = rng.randrange(short, columns)
    last = place(column, rows)
    bad = rng.choice(
        (f"CELL {last}", f"SUM A1:{last}", f"AVG A{rows}:{last}", f"MID {last}:{last}", f"COL {'ABCD'[column]}1")
    )
    return asked(body, *before(rng, rows, columns), bad)


def cell_row(rng: Random) -> bytes:
    body, rows, columns = table(rng)
    return asked(body, *before(rng, rows, columns), f"CELL {place(rng.randrange(columns), rows)}")


def average_nothing(rng: Random) -> bytes:
    rows, columns = rng.randint(1, 4), rng.randint(1, 3)
    lines = [[rng.choice(("tug", "barge", "north", "quay")) for _ in range(columns)] for _ in range(rows)]
    body = "".join(",".join(line) + "\n" for line in lines)
    return asked(body, *before(rng, rows, columns), f"AVG {within(rng, rows, columns)}")


def width_row(rng: Random) -> bytes:
    body, rows, columns = table(rng)
    return asked(body, *before(rng, rows, columns), f"WIDTH {rng.choice(('0', '-1', 'x', '-0', '', '00'))}")


def column_room(rng: Random) -> bytes:
    rows = rng.randint(4, 9)
    lines = [rng.choice(("pilot station", "north quay", "low water mark", "cargo of timber")) for _ in range(rows)]
    body = "".join(f"{line},{rng.randint(0, 9)}\n" for line in lines)
    return asked(body, *before(rng, rows, 2), f"COL A{rng.randint(1, 9)}")


MAKE = {
    "csv-open-quote": open_quote,
    "csv-long-quoted": long_quoted,
    "csv-long-column": long_column,
    "csv-row-zero": row_zero,
    "csv-reversed": backwards,
    "csv-short-row": short_row,
    "csv-cell-row": cell_row,
    "csv-average-nothing": average_nothing,
    "csv-width-row": width_row,
    "csv-column-room": column_room,
}
