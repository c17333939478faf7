"""Messages of nested records, with and without a fault in one of them."""

from __future__ import annotations

from random import Random

WORDS = (
    b"harbour",
    b"pilot",
    b"draught",
    b"lock",
    b"tide",
    b"quay",
    b"mole",
    b"keel and rudder",
    b"anchorage",
    b"buoy",
)


def record(tag: int, value: bytes, *, claimed: int | None = None, long: bool = False) -> bytes:
    length = len(value) if claimed is None else claimed
    if long or length > 127:
        size = max(1, (length.bit_length() + 7) // 8)
        return bytes([tag, 0x80 | size]) + length.to_bytes(size, "big") + value
    return bytes([tag, length]) + value


def word(rng: Random) -> bytes:
    return b" ".join(rng.choice(WORDS) for _ in range(rng.randint(1, 3)))


def plain(rng: Random, depth: int = 0) -> bytes:
    choice = rng.randrange(6 if depth < 3 else 4)
    if choice == 0:
        return record(1, rng.randbytes(rng.randint(1, 8)))
    if choice == 1:
        return record(2, word(rng), long=rng.random() < 0.3)
    if choice == 2:
        return record(4, bytes([rng.randrange(8)]) + rng.randbytes(rng.randint(1, 6)))
    if choice == 3:
        whole = rng.randint(1, 65535)
        return record(5, rng.randint(0, whole).to_bytes(2, "big") + whole.to_bytes(2, "big"))
    return record(3, b"".join(plain(rng, depth + 1) for _ in range(rng.randint(0, 4))))


def some(rng: Random, most: int = 3) -> bytes:
    return b"".join(plain(rng) for _ in range(rng.randint(0, most)))


def nested(rng: Random, value: bytes) -> bytes:
    for _ in range(rng.randint(0, 3)):
        value = record(3, some(rng, 1) + value)
    return value


def names(rng: Random, count: int) -> tuple[bytes, list[bytes]]:
    known = [word(rng) for _ in range(count)]
    return b"".join(record(6, name) for name in known), known


def benign(rng: Random) -> bytes:
    head, known = names(rng, rng.randint(1, 4))
    body = some(rng, 6)
    for _ in range(rng.randint(0, 3)):
        number = rng.randrange(len(known))
        start = rng.randint(0, len(known[number]))
        body += record(7, bytes([number]))
        body += record(8, bytes([number, start, rng.randint(0, len(known[number]) - start)]))
    if rng.random() < 0.5:
        body += record(9, b"\0\0")
    return head + body


def long_length(rng: Random) -> bytes:
    tag = rng.choice((1, 2, 2, 3, 4, 6))
    value = word(rng) if tag in (2, 6) else rng.randbytes(rng.randint(1, 4))
    claimed = rng.randint(len(value) + 1, 8) if tag == 1 else len(value) + rng.randint(1, 200)
    if tag == 3:
        value = some(rng)
        claimed = len(value) + rng.randint(1, 100)
    if tag == 4:
        value = bytes([rng.randrange(8)]) + value
        claimed += 1
    return some(rng) + nested(rng, b"") + record(tag, value, claimed=claimed, long=True)


def wide_int(rng: Random) -> bytes:
    return some(rng) + nested(rng, record(1, rng.randbytes(rng.randint(9, 60)))) + some(rng, 1)


def empty_bits(rng: Random) -> bytes:
    return some(rng) + nested(rng, record(4, bytes([rng.randint(1, 7)]))) + some(rng, 1)


def zero_ratio(rng: Random) -> bytes:
    return some(rng) + nested(rng, record(5, rng.randbytes(2) + b"\0\0")) + some(rng, 1)


def name_number(rng: Random) -> bytes:
    head, known = names(rng, rng.randint(1, 6))
    number = len(known)
    bad = record(7, bytes([number])) if rng.random() < 0.5 else record(8, bytes([number, 0, rng.randint(0, 4)]))
    return some(rng, 2) + head + nested(rng, bad) + some(rng, 1)


def part_end(rng: Random) -> bytes:
    head, known = names(rng, rng.randint(1, 4))
    number = rng.randrange(len(known))
    size = len(known[number])
    start = rng.randint(1, size)
    bad = record(8, bytes([number, start, rng.randint(size - start + 1, size)]))
    return some(rng, 2) + head + nested(rng, bad) + some(rng, 1)


def same_loop(rng: Random) -> bytes:
    head = some(rng)
    while len(head) > 60000:
        head = some(rng)
    bad = record(9, len(head).to_bytes(2, "big"))
    if rng.random() < 0.5:
        return head + bad + some(rng, 2)
    # a later record leads to the one that leads to itself, from inside a list of an earlier message part
    return head + bad + nested(rng, record(9, len(head).to_bytes(2, "big")))


MAKE = {
    "tlv-long-length": long_length,
    "tlv-wide-int": wide_int,
    "tlv-empty-bits": empty_bits,
    "tlv-zero-ratio": zero_ratio,
    "tlv-name-number": name_number,
    "tlv-part-end": part_end,
    "tlv-same-loop": same_loop,
}
