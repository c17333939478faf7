"""A directory of (offset, length) entries that point into the same input.

Flaws: the directory's size is counted in entries, not bytes; the end of an entry wraps at 16 bits; only the two
parts of an entry are held against the input, not their sum.
"""

from __future__ import annotations

from seatrial.review.benchmarks.core.practice.draw import Draw
from seatrial.review.benchmarks.core.practice.formats.format import Flaw, Format, Names, number

_SOURCE = """
#include <stdint.h>
#include <string.h>

/* "$magic", the number of entries, the entries: offset and length, 2 bytes each, low first. */
long $parse(const uint8_t *in, size_t n)
{
    size_t count;
    long sum = 0;

    if (n < 4 || memcmp(in, "$magic", 3) != 0)
        return -1;
    count = in[3];
    if (count > $most || 4 * count > n - 4)
~~> if (count > $most || count > n - 4)
        return -1;
    for (size_t k = 0; k < count; k++) {
        const uint8_t *entry = in + 4 + 4 * k;
        size_t offset = (size_t)entry[0] | (size_t)entry[1] << 8;
        size_t len = (size_t)entry[2] | (size_t)entry[3] << 8;

        if (offset > n || len > n - offset)
~~> if ((uint16_t)(offset + len) > n)
~~> if (offset > n || len > n)
            return -1;
        for (size_t j = 0; j < len; j++)
            sum += (long)(k + $first) * in[offset + j];
    }
    return sum;
}
"""


def _names(draw: Draw) -> Names:
    return {
        "magic": "".join(draw.some("GHJKLNQRSTVWXYZ", 3)),
        "most": draw.between(20, 60),
        "first": draw.between(1, 9),
        "parse": draw.pick(("read_archive", "sum_directory", "parse_index", "load_bundle", "walk_entries")),
    }


def _magic(names: Names) -> bytes:
    return str(names["magic"]).encode()


def _archive(names: Names, entries: list[tuple[int, int]], rest: bytes) -> bytes:
    table = b"".join(offset.to_bytes(2, "little") + length.to_bytes(2, "little") for offset, length in entries)
    return _magic(names) + bytes((len(entries),)) + table + rest


def _meaning(names: Names, data: bytes) -> int:
    if len(data) < 4 or data[:3] != _magic(names) or data[3] > number(names, "most") or 4 * data[3] > len(data) - 4:
        return -1
    total = 0
    for k in range(data[3]):
        entry = data[4 + 4 * k : 8 + 4 * k]
        offset, length = int.from_bytes(entry[:2], "little"), int.from_bytes(entry[2:], "little")
        if offset + length > len(data):
            return -1
        total += (k + number(names, "first")) * sum(data[offset : offset + length])
    return total


def _valid(names: Names, draw: Draw) -> list[bytes]:
    some = draw.bytes(draw.between(5, 12))
    return [
        _archive(names, [(8, 2)], draw.bytes(2)),
        _archive(names, [(12, len(some)), (13, len(some) - 1)], some),
        _archive(names, [(0, 16), (16 + len(some), 0), (16, len(some))], some),
        _archive(names, [(0, 4)] * number(names, "most"), b""),
        _archive(names, [], b""),
    ]


def _malformed(names: Names, draw: Draw) -> list[bytes]:
    return [
        b"",
        _magic(names),
        _archive(names, [(8, 1)], draw.bytes(1))[::-1],
        _archive(names, [(60000, 1)], draw.bytes(4)),
        _archive(names, [(8, 30000)], draw.bytes(4)),
        _archive(names, [(0, 4)] * (number(names, "most") + 1), b""),
        _magic(names) + b"\x03",
    ]


def _short_directory(names: Names, draw: Draw) -> list[bytes]:
    return [
        _magic(names) + b"\x01" + draw.bytes(1),
        _magic(names) + b"\x02" + b"\0\0\4\0" + b"\0\0",
        _magic(names) + b"\x05" + 3 * b"\0\0\4\0",
    ]


def _wrapped(names: Names, draw: Draw) -> list[bytes]:
    return [
        _archive(names, [(8, 65536 - 8)], draw.bytes(draw.between(2, 6))),
        _archive(names, [(0, 4), (10, 65530)], draw.bytes(4)),
    ]


def _beyond_the_input(names: Names, draw: Draw) -> list[bytes]:
    return [
        _archive(names, [(8, 5)], draw.bytes(4)),
        _archive(names, [(0, 4), (16, 9)], draw.bytes(4)),
    ]


DIRECTORY = Format(
    "directory",
    _SOURCE,
    _names,
    _meaning,
    _valid,
    _malformed,
    (
        Flaw("heap-buffer-overflow", _short_directory),
        Flaw("heap-buffer-overflow", _wrapped),
        Flaw("heap-buffer-overflow", _beyond_the_input),
    ),
    (
        (
            "size_t offset = (size_t)entry[0] | (size_t)entry[1] << 8;",
            "size_t offset = (size_t)entry[1] | (size_t)entry[0] << 8;",
        ),
        ("sum += (long)(k + $first) * in[offset + j];", "sum += (long)(k + $first) * in[offset];"),
    ),
)
