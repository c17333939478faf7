"""Tag, length, value. Two opening bytes, then records; tag 0 ends. One tag carries a name, one a 16-bit number.

Flaws: the length is held against the whole input; the name's NUL falls one past its array; a short number is read
past the end.
"""

from __future__ import annotations

from seatrial.review.benchmarks.core.practice.draw import Draw
from seatrial.review.benchmarks.core.practice.formats.format import Flaw, Format, Names, number, pair, two_bytes

_SOURCE = """
#include <stdint.h>
#include <string.h>

/* $m0h $m1h, then records of tag, length, value. Tag $text: a name; tag $count: 16 bits; tag 0: the end. */
long $parse(const uint8_t *in, size_t n)
{
    char name[$cap];
    size_t i = 2;
    long sum = 0;

    if (n < 3 || in[0] != $m0h || in[1] != $m1h)
        return -1;
    while (i < n && in[i] != 0) {
        uint8_t tag = in[i];
        size_t len;

        if (n - i < 2)
            return -1;
        len = in[i + 1];
        i += 2;
        if (len > n - i)
~~> if (len > n)
            return -1;
        if (tag == $text) {
            if (len >= sizeof name)
~~> if (len > sizeof name)
                return -1;
            memcpy(name, in + i, len);
            name[len] = '\\0';
            sum += $weight * (long)strlen(name);
        } else if (tag == $count) {
            if (len != 2)
~~> if (len > 2)
                return -1;
            sum += in[i] << 8 | in[i + 1];
        }
        i += len;
    }
    return i < n ? sum : -1;
}
"""


def _names(draw: Draw) -> Names:
    text, count = draw.some(range(0x51, 0x9E), 2)
    begin = two_bytes(draw)
    return {
        **begin,
        "m0h": f"0x{begin['m0']:02x}",
        "m1h": f"0x{begin['m1']:02x}",
        "cap": 8 * draw.between(2, 6),
        "text": text,
        "count": count,
        "weight": draw.between(3, 9) * 1000,
        "parse": draw.pick(("read_records", "parse_tlv", "load_fields", "decode_hello", "sum_records")),
    }


def _meaning(names: Names, data: bytes) -> int:
    if len(data) < 3 or data[:2] != pair(names):
        return -1
    place, total = 2, 0
    while place < len(data) and data[place]:
        tag, value = data[place], data[place + 2 : place + 2 + data[place + 1]] if place + 1 < len(data) else b""
        if place + 1 >= len(data) or len(value) != data[place + 1]:
            return -1
        if tag == names["text"]:
            if len(value) >= number(names, "cap"):
                return -1
            total += number(names, "weight") * len(value.partition(b"\0")[0])
        elif tag == names["count"]:
            if len(value) != 2:
                return -1
            total += int.from_bytes(value, "big")
        place += 2 + len(value)
    return total if place < len(data) else -1


def _record(tag: int, value: bytes) -> bytes:
    return bytes((tag, len(value))) + value


def _valid(names: Names, draw: Draw) -> list[bytes]:
    text, count, cap = (number(names, name) for name in ("text", "count", "cap"))
    other, longest = _record(0xE1, draw.bytes(draw.between(0, 9))), b"x" * (cap - 1)
    bodies = (
        _record(text, b"keel") + _record(count, draw.bytes(2)),
        _record(count, draw.bytes(2)) + other + _record(count, b"\xff\xff"),
        _record(text, longest) + _record(text, b"") + _record(text, b"a\0b"),
        other + _record(text, bytes(draw.order(b"anchor"))),
        b"",
    )
    return [pair(names) + body + b"\0" for body in bodies]


def _malformed(names: Names, draw: Draw) -> list[bytes]:
    text, count = number(names, "text"), number(names, "count")
    begin = pair(names)
    return [
        b"",
        begin,
        begin[::-1] + b"\0",
        begin + _record(text, b"mast"),  # without the end
        begin + bytes((0xE1,)),
        begin + _record(count, draw.bytes(3)) + b"\0",
    ]


def _beyond_the_input(names: Names, draw: Draw) -> list[bytes]:
    text, count = number(names, "text"), number(names, "count")
    return [
        pair(names) + bytes((text, 5)) + draw.bytes(1),
        pair(names) + bytes((count, 2)),
        pair(names) + _record(0xE1, draw.bytes(6)) + bytes((text, 9)) + draw.bytes(4),
    ]


def _name_too_long(names: Names, draw: Draw) -> list[bytes]:
    full = _record(number(names, "text"), b"n" * number(names, "cap"))
    return [pair(names) + full + b"\0", pair(names) + _record(0xE1, draw.bytes(3)) + full + b"\0"]


def _short_number(names: Names, draw: Draw) -> list[bytes]:
    count = number(names, "count")
    return [
        pair(names) + _record(count, b""),
        pair(names) + _record(count, draw.bytes(2)) + _record(count, draw.bytes(1)),
    ]


RECORDS = Format(
    "records",
    _SOURCE,
    _names,
    _meaning,
    _valid,
    _malformed,
    (
        Flaw("heap-buffer-overflow", _beyond_the_input),
        Flaw("stack-buffer-overflow", _name_too_long),
        Flaw("heap-buffer-overflow", _short_number),
    ),
    (
        ("sum += $weight * (long)strlen(name);", "sum = $weight * (long)strlen(name);"),
        ("sum += in[i] << 8 | in[i + 1];", "sum += in[i + 1] << 8 | in[i];"),
    ),
)
