"""Run-length coded picture: width, height, then runs (count, value) and, after a 0, literal stretches.

Flaws: a run is held against the whole picture; a literal stretch against the whole picture, or the whole input.
"""

from __future__ import annotations

from seatrial.review.benchmarks.core.practice.draw import Draw
from seatrial.review.benchmarks.core.practice.formats.format import Flaw, Format, Names, number, pair, two_bytes

_SOURCE = """
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* $m0h $m1h width height, then runs: count value; or a literal stretch: 0 length bytes. */
long $parse(const uint8_t *in, size_t n)
{
    size_t size, used = 0, i = 4;
    uint8_t *out;
    long sum = -1;

    if (n < 4 || in[0] != $m0h || in[1] != $m1h)
        return -1;
    size = (size_t)in[2] * in[3];
    if (size == 0 || (out = malloc(size)) == NULL)
        return -1;
    while (used < size && n - i >= 2) {
        size_t len = in[i] != 0 ? in[i] : in[i + 1];

        i += 2;
        if (in[i - 2] != 0) {
            if (len > size - used)
~~> if (len > size)
                break;
            memset(out + used, in[i - 1], len);
        } else {
            if (len > size - used || len > n - i)
~~> if (len > size || len > n - i)
~~> if (len > size - used || len > n)
                break;
            memcpy(out + used, in + i, len);
            i += len;
        }
        used += len;
    }
    if (used == size && i == n)
        for (sum = 0, i = 0; i < size; i++)
            sum += (long)(i % $cycle + 1) * out[i];
    free(out);
    return sum;
}
"""


def _names(draw: Draw) -> Names:
    begin = two_bytes(draw)
    return {
        **begin,
        "m0h": f"0x{begin['m0']:02x}",
        "m1h": f"0x{begin['m1']:02x}",
        "cycle": draw.between(3, 11),
        "parse": draw.pick(("unpack_runs", "decode_rle", "expand_icon", "load_bitmap", "inflate_runs")),
    }


def _meaning(names: Names, data: bytes) -> int:
    if len(data) < 4 or data[:2] != pair(names) or not data[2] * data[3]:
        return -1
    size, place, out = data[2] * data[3], 4, bytearray()
    while len(out) < size and len(data) - place >= 2:
        run, other = data[place], data[place + 1]
        place += 2
        more = bytes((other,)) * run if run else data[place : place + other]
        if len(more) != (run or other) or len(more) > size - len(out):
            return -1
        out += more
        place += 0 if run else other
    if len(out) != size or place != len(data):
        return -1
    return sum((index % number(names, "cycle") + 1) * value for index, value in enumerate(out))


def _run(count: int, draw: Draw) -> bytes:
    return bytes((count, draw.below(256)))


def _literal(data: bytes) -> bytes:
    return bytes((0, len(data))) + data


def _valid(names: Names, draw: Draw) -> list[bytes]:
    wide, high = draw.between(4, 9), draw.between(3, 6)
    size = wide * high
    part = draw.between(1, size - 1)
    return [
        pair(names) + body
        for body in (
            b"\x03\x02" + _run(4, draw) + _literal(draw.bytes(2)),
            bytes((wide, high)) + _run(size, draw),
            bytes((wide, high)) + _literal(draw.bytes(size)),
            bytes((high, wide)) + _run(part, draw) + _literal(draw.bytes(size - part)),
            bytes((high, wide)) + _literal(b"") + _literal(draw.bytes(part)) + _run(size - part, draw),
        )
    ]


def _malformed(names: Names, draw: Draw) -> list[bytes]:
    begin = pair(names)
    return [
        b"",
        begin + b"\x02",
        begin + b"\x00\x05" + _run(5, draw),
        begin + b"\x02\x02" + _run(3, draw),  # too little
        begin + b"\x02\x02" + _run(4, draw) + b"\x01",  # and more
        begin + b"\x02\x02" + _run(5, draw),
        begin[::-1] + b"\x01\x01" + _run(1, draw),
    ]


def _run_past_the_picture(names: Names, draw: Draw) -> list[bytes]:
    return [
        pair(names) + b"\x04\x04" + _run(10, draw) + _run(7, draw),
        pair(names) + b"\x05\x02" + _literal(draw.bytes(1)) + _run(10, draw),
    ]


def _literal_past_the_picture(names: Names, draw: Draw) -> list[bytes]:
    return [
        pair(names) + b"\x04\x02" + _run(6, draw) + _literal(draw.bytes(3)),
        pair(names) + b"\x03\x03" + _literal(draw.bytes(4)) + _literal(draw.bytes(9)),
    ]


def _literal_past_the_input(names: Names, draw: Draw) -> list[bytes]:
    return [
        pair(names) + b"\x08\x08" + b"\x00\x06",
        pair(names) + b"\x09\x04" + _run(3, draw) + b"\x00\x09" + draw.bytes(4),
    ]


RUNS = Format(
    "runs",
    _SOURCE,
    _names,
    _meaning,
    _valid,
    _malformed,
    (
        Flaw("heap-buffer-overflow", _run_past_the_picture),
        Flaw("heap-buffer-overflow", _literal_past_the_picture),
        Flaw("heap-buffer-overflow", _literal_past_the_input),
    ),
    (
        ("memset(out + used, in[i - 1], len);", "memset(out + used, in[i - 2], len);"),
        ("memcpy(out + used, in + i, len);", "memcpy(out + used, in + i - 1, len);"),
    ),
)
