"""Literal stretches and copies of what was unpacked before (the idea of LZ77), into a fixed array.

Flaws: a copy may reach back before the array; a literal stretch is held against the whole input; what is unpacked
is held against the whole array.
"""

from __future__ import annotations

from seatrial.review.benchmarks.core.practice.draw import Draw
from seatrial.review.benchmarks.core.practice.formats.format import Flaw, Format, Names, number, pair, two_bytes

_SOURCE = """
#include <stdint.h>
#include <string.h>

/* $m0h $m1h, then: length (1 to 127) and so many bytes; or 128 + length and how far back to copy from. */
long $parse(const uint8_t *in, size_t n)
{
    uint8_t out[$cap];
    size_t used = 0, i = 2;
    long sum = 0;

    if (n < 2 || in[0] != $m0h || in[1] != $m1h)
        return -1;
    while (i < n) {
        int copy = in[i] & 0x80;
        size_t len = in[i++] & 0x7f;

        if (len == 0 || len > sizeof out - used)
~~> if (len == 0 || len > sizeof out)
            return -1;
        if (copy) {
            size_t back = i < n ? in[i++] : 0;

            if (back == 0 || back > used)
~~> if (back == 0 || back > sizeof out)
                return -1;
            for (size_t j = 0; j < len; j++)
                out[used + j] = out[used + j - back];
        } else {
            if (len > n - i)
~~> if (len > n)
                return -1;
            memcpy(out + used, in + i, len);
            i += len;
        }
        used += len;
    }
    for (i = 0; i < used; i++)
        sum += (long)(i % $cycle + 1) * out[i];
    return sum;
}
"""


def _names(draw: Draw) -> Names:
    begin = two_bytes(draw)
    return {
        **begin,
        "m0h": f"0x{begin['m0']:02x}",
        "m1h": f"0x{begin['m1']:02x}",
        "cap": draw.between(40, 63),
        "cycle": draw.between(3, 11),
        "parse": draw.pick(("unpack", "expand_refs", "decompress", "inflate_block", "decode_stream")),
    }


def _meaning(names: Names, data: bytes) -> int:
    if data[:2] != pair(names):
        return -1
    out, place = bytearray(), 2
    while place < len(data):
        copy, length = data[place] & 0x80, data[place] & 0x7F
        rest = data[place + 1 :]
        if not length or length > number(names, "cap") - len(out):
            return -1
        if copy:
            if not rest or not 0 < rest[0] <= len(out):
                return -1
            for _ in range(length):
                out.append(out[-rest[0]])
            place += 2
        else:
            if length > len(rest):
                return -1
            out += rest[:length]
            place += 1 + length
    return sum((index % number(names, "cycle") + 1) * value for index, value in enumerate(out))


def _literal(data: bytes) -> bytes:
    return bytes((len(data),)) + data


def _copy(length: int, back: int) -> bytes:
    return bytes((0x80 | length, back))


def _valid(names: Names, draw: Draw) -> list[bytes]:
    cap = number(names, "cap")
    some = draw.between(4, 12)
    return [
        pair(names) + body
        for body in (
            _literal(draw.bytes(3)) + _copy(4, 2),
            _literal(draw.bytes(some)) + _copy(cap - some, some),
            _literal(draw.bytes(cap)),
            _literal(draw.bytes(1)) + _copy(7, 1) + _literal(draw.bytes(some)) + _copy(3, 8 + some),
            b"",
        )
    ]


def _malformed(names: Names, draw: Draw) -> list[bytes]:
    begin, cap = pair(names), number(names, "cap")
    return [
        b"",
        begin[::-1] + _literal(draw.bytes(2)),
        begin + b"\0",
        begin + _literal(draw.bytes(2)) + b"\x82",
        begin + _literal(draw.bytes(2)) + _copy(2, 0),
        begin + _literal(draw.bytes(2)) + _copy(2, 200),
        begin + _literal(draw.bytes(cap + 1)),
    ]


def _too_much(names: Names, draw: Draw) -> list[bytes]:
    cap = number(names, "cap")
    return [
        pair(names) + _literal(draw.bytes(cap - 3)) + _literal(draw.bytes(4)),
        pair(names) + _literal(draw.bytes(20)) + _copy(cap - 19, 5),
    ]


def _before_the_array(names: Names, draw: Draw) -> list[bytes]:
    return [
        pair(names) + _copy(3, draw.between(1, 8)),
        pair(names) + _literal(draw.bytes(2)) + _copy(1, 2 + draw.between(1, 8)),
    ]


def _beyond_the_input(names: Names, draw: Draw) -> list[bytes]:
    return [
        pair(names) + bytes((3,)) + draw.bytes(1),
        pair(names) + _literal(draw.bytes(8)) + bytes((9,)) + draw.bytes(5),
    ]


BACKREFS = Format(
    "backrefs",
    _SOURCE,
    _names,
    _meaning,
    _valid,
    _malformed,
    (
        Flaw("stack-buffer-overflow", _too_much),
        Flaw("stack-buffer-underflow", _before_the_array),
        Flaw("heap-buffer-overflow", _beyond_the_input),
    ),
    (
        ("out[used + j] = out[used + j - back];", "out[used + j] = out[used - back];"),
        ("memcpy(out + used, in + i, len);", "memcpy(out, in + i, len);"),
    ),
)
