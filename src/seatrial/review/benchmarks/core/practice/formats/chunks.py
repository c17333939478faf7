"""Chunks of type, 16-bit length, data and a check byte. One type adds a value to a table, one picks one from it.

Flaws: a chunk may lack its check byte; one value too many is added; one past the table is picked.
"""

from __future__ import annotations

from functools import reduce
from operator import xor

from seatrial.review.benchmarks.core.practice.draw import Draw
from seatrial.review.benchmarks.core.practice.formats.format import Flaw, Format, Names, number

_SOURCE = """
#include <stdint.h>
#include <string.h>

/* "$magic", then chunks: type, length (2 bytes, high first), data, xor of the data. */
long $parse(const uint8_t *in, size_t n)
{
    uint16_t table[$slots];
    size_t used = 0, i = 4;
    long sum = 0;

    if (n < 4 || memcmp(in, "$magic", 4) != 0)
        return -1;
    while (i < n) {
        uint8_t check = 0;
        size_t len;

        if (n - i < 4)
            return -1;
        len = (size_t)in[i + 1] << 8 | in[i + 2];
        if (len > n - i - 4)
~~> if (len > n - i - 3)
            return -1;
        for (size_t j = 0; j < len; j++)
            check ^= in[i + 3 + j];
        if (check != in[i + 3 + len])
            return -1;
        if (in[i] == '$add') { /* add a value */
            if (len != 2 || used == $slots)
~~> if (len != 2 || used > $slots)
                return -1;
            table[used++] = (uint16_t)(in[i + 3] << 8 | in[i + 4]);
        } else if (in[i] == '$take') { /* pick a value */
            if (len != 1 || in[i + 3] >= used)
~~> if (len != 1 || in[i + 3] > used)
                return -1;
            sum += table[in[i + 3]];
        }
        i += len + 4;
    }
    return sum;
}
"""


def _names(draw: Draw) -> Names:
    add, take = draw.some("bdfhkmptwz", 2)
    return {
        "magic": "".join(draw.some("GHJKLNQRSTVWXYZ", 4)),
        "slots": 4 * draw.between(1, 3),
        "add": add,
        "take": take,
        "parse": draw.pick(("read_chunks", "parse_container", "load_palette", "scan_chunks", "decode_blob")),
    }


def _magic(names: Names) -> bytes:
    return str(names["magic"]).encode()


def _chunk(kind: object, data: bytes) -> bytes:
    return str(kind).encode() + len(data).to_bytes(2, "big") + data + bytes((reduce(xor, data, 0),))


def _meaning(names: Names, data: bytes) -> int:
    if data[:4] != _magic(names):
        return -1
    table: list[int] = []
    place, total = 4, 0
    while place < len(data):
        length = int.from_bytes(data[place + 1 : place + 3], "big")
        kind, body = chr(data[place]), data[place + 3 : place + 3 + length]
        if len(data) - place < 4 + length or reduce(xor, body, 0) != data[place + 3 + length]:
            return -1
        if kind == names["add"]:
            if length != 2 or len(table) == number(names, "slots"):
                return -1
            table.append(int.from_bytes(body, "big"))
        elif kind == names["take"]:
            if length != 1 or body[0] >= len(table):
                return -1
            total += table[body[0]]
        place += length + 4
    return total


def _full(names: Names, draw: Draw) -> bytes:
    return b"".join(_chunk(names["add"], draw.bytes(2)) for _ in range(number(names, "slots")))


def _valid(names: Names, draw: Draw) -> list[bytes]:
    add, take, last = names["add"], names["take"], number(names, "slots") - 1
    return [
        _magic(names) + body
        for body in (
            _chunk(add, draw.bytes(2)) + _chunk(take, b"\0"),
            _full(names, draw) + _chunk(take, bytes((last,))) + _chunk(take, b"\0"),
            _chunk("c", draw.bytes(draw.between(3, 9))) + _chunk(add, b"\xff\xff") + 2 * _chunk(take, b"\0"),
            _chunk("c", b""),
            b"",
        )
    ]


def _malformed(names: Names, draw: Draw) -> list[bytes]:
    add, take = names["add"], names["take"]
    sound = _chunk(add, draw.bytes(2))
    return [
        b"",
        _magic(names)[::-1] + sound,
        _magic(names) + sound[:3],
        _magic(names) + sound[:-1] + bytes((sound[-1] ^ 1,)),
        _magic(names) + _chunk(add, draw.bytes(3)),
        _magic(names) + sound + _chunk(take, b"\0\0"),
        _magic(names) + sound + _chunk(take, b"\x09"),
    ]


def _no_check_byte(names: Names, draw: Draw) -> list[bytes]:
    return [
        _magic(names) + _chunk("c", draw.bytes(draw.between(2, 6)))[:-1],
        _magic(names) + _chunk(names["add"], draw.bytes(2)) + _chunk("c", draw.bytes(3))[:-1],
    ]


def _one_too_many(names: Names, draw: Draw) -> list[bytes]:
    more = _chunk(names["add"], draw.bytes(2))
    return [
        _magic(names) + _full(names, draw) + more,
        _magic(names) + _full(names, draw) + _chunk(names["take"], b"\0") + more,
    ]


def _past_the_table(names: Names, draw: Draw) -> list[bytes]:
    past = _chunk(names["take"], bytes((number(names, "slots"),)))
    return [
        _magic(names) + _full(names, draw) + past,
        _magic(names) + _full(names, draw) + _chunk("c", b"") + past,
    ]


CHUNKS = Format(
    "chunks",
    _SOURCE,
    _names,
    _meaning,
    _valid,
    _malformed,
    (
        Flaw("heap-buffer-overflow", _no_check_byte),
        Flaw("stack-buffer-overflow", _one_too_many),
        Flaw("stack-buffer-overflow", _past_the_table),
    ),
    (
        (
            "table[used++] = (uint16_t)(in[i + 3] << 8 | in[i + 4]);",
            "table[used++] = (uint16_t)(in[i + 4] << 8 | in[i + 3]);",
        ),
        ("sum += table[in[i + 3]];", "sum = table[in[i + 3]];"),
    ),
)
