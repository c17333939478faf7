"""Text: an opening line, then lines ``key=number`` that are counted by key.

Flaws: the last line's end is taken for granted; a value fills its array so that the NUL falls outside; keys below
the first one count before the table.
"""

from __future__ import annotations

import re

from seatrial.review.benchmarks.core.practice.draw import Draw
from seatrial.review.benchmarks.core.practice.formats.format import Flaw, Format, Names, number

_SOURCE = """
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The line "$magic", then lines "k=number" with keys '$low' to '$high'. */
long $parse(const uint8_t *in, size_t n)
{
    char value[$cap];
    long count[$keys] = {0};
    size_t i = $after, len;
    long sum = 0;

    if (n < $after || memcmp(in, "$magic\\n", $after) != 0)
        return -1;
    while (i < n) {
        uint8_t key = in[i++];

        if (key < '$low' || key > '$high')
~~> if (key > '$high')
            return -1;
        if (i == n || in[i++] != '=')
            return -1;
        len = 0;
        while (i < n && in[i] != '\\n') {
~~> while (in[i] != '\\n') {
            if (in[i] < '0' || in[i] > '9' || len == sizeof value - 1)
~~> if (in[i] < '0' || in[i] > '9' || len == sizeof value)
                return -1;
            value[len++] = (char)in[i++];
        }
        if (i++ == n)
            return -1;
        value[len] = '\\0';
        count[key - '$low'] += strtol(value, NULL, 10);
    }
    for (i = 0; i < $keys; i++)
        sum += (long)(i + 1) * count[i];
    return sum;
}
"""


def _names(draw: Draw) -> Names:
    keys, low = draw.between(3, 8), draw.between(ord("c"), ord("m"))
    magic = draw.pick(("gauge", "tally", "meter", "stock", "cargo", "crew")) + f"/{draw.between(1, 9)}"
    return {
        "magic": magic,
        "after": len(magic) + 1,
        "keys": keys,
        "low": chr(low),
        "high": chr(low + keys - 1),
        "cap": 8,
        "parse": draw.pick(("read_lines", "parse_report", "load_counts", "tally_lines", "scan_text")),
    }


def _head(names: Names) -> bytes:
    return f"{names['magic']}\n".encode()


def _meaning(names: Names, data: bytes) -> int:
    head, low, high = _head(names), str(names["low"]), str(names["high"])
    form = rf"(?:[{low}-{high}]=[0-9]{{0,{number(names, 'cap') - 1}}}\n)*"
    text = data[len(head) :].decode("latin-1")
    if not data.startswith(head) or not re.fullmatch(form, text):
        return -1
    return sum((ord(line[0]) - ord(low) + 1) * int(line[2:] or 0) for line in text.splitlines())


def _line(key: object, value: int | str) -> bytes:
    return f"{key}={value}\n".encode()


def _longest(names: Names, draw: Draw) -> str:
    return "".join(str(draw.between(1, 9)) for _ in range(number(names, "cap") - 1))


def _valid(names: Names, draw: Draw) -> list[bytes]:
    low, high = names["low"], names["high"]
    return [
        _head(names) + body
        for body in (
            _line(low, draw.below(100)) + _line(high, draw.below(100)),
            _line(high, _longest(names, draw)) + _line(high, "") + _line(high, "007"),
            _line(low, _longest(names, draw)) + _line(low, 1),
            b"",
        )
    ]


def _malformed(names: Names, draw: Draw) -> list[bytes]:
    low, high = names["low"], names["high"]
    return [
        b"",
        _head(names)[:-1],
        _head(names).upper() + _line(low, 1),
        _head(names) + _line(chr(ord(str(high)) + 1), 1),
        _head(names) + str(low).encode(),
        _head(names) + _line(low, "1x"),
        _head(names) + _line(low, _longest(names, draw) + "55"),
        _head(names) + b"\n",
    ]


def _low_key(names: Names, draw: Draw) -> list[bytes]:
    before = chr(ord(str(names["low"])) - 1)
    return [
        _head(names) + _line(before, draw.between(1, 99)),
        _head(names) + _line(names["low"], 5) + _line(before, draw.below(100)),
    ]


def _no_line_end(names: Names, draw: Draw) -> list[bytes]:
    return [
        _head(names) + _line(names["low"], draw.below(100))[:-1],
        _head(names) + _line(names["high"], draw.below(100)) + _line(names["low"], "")[:-1],
    ]


def _long_value(names: Names, draw: Draw) -> list[bytes]:
    return [
        _head(names) + _line(names["low"], _longest(names, draw) + "1"),
        _head(names) + _line(names["high"], 4) + _line(names["high"], _longest(names, draw) + "2"),
    ]


LINES = Format(
    "lines",
    _SOURCE,
    _names,
    _meaning,
    _valid,
    _malformed,
    (
        Flaw("stack-buffer-overflow", _low_key),
        Flaw("heap-buffer-overflow", _no_line_end),
        Flaw("stack-buffer-overflow", _long_value),
    ),
    (
        ("count[key - '$low'] += strtol(value, NULL, 10);", "count[key - '$low'] = strtol(value, NULL, 10);"),
        ("sum += (long)(i + 1) * count[i];", "sum += (long)i * count[i];"),
    ),
)
