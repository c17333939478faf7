"""Archives of packed entries."""

from __future__ import annotations

from random import Random

NAMES = (b"log.txt", b"chart", b"tides.csv", b"a", b"notes", b"crew/list", b"manifest")
WORDS = (b"harbour ", b"pilot ", b"tide ", b"quay ", b"buoy ")


def entry(rng: Random, method: int, size: int, packed: bytes) -> bytes:
    name = rng.choice(NAMES)
    return bytes([method, len(name)]) + name + size.to_bytes(2, "big") + len(packed).to_bytes(2, "big") + packed


def text(rng: Random) -> bytes:
    return b"".join(rng.choice(WORDS) for _ in range(rng.randint(1, 3)))


def stored(rng: Random, data: bytes | None = None) -> bytes:
    data = text(rng) if data is None else data
    return entry(rng, 0, len(data), data)


def run_entry(rng: Random, *, short: int = 0) -> bytes:
    pairs = [(rng.randint(1, 40), rng.randrange(97, 123)) for _ in range(rng.randint(1, 4))]
    return entry(rng, 1, max(0, sum(n for n, _ in pairs) - short), bytes(b for pair in pairs for b in pair))


def copies(rng: Random, *, distance: int = 0, short: int = 0, before: bytes | None = None) -> bytes:
    literal = text(rng)[:60] if before is None else before
    count = rng.randint(1, 50)
    back = distance or rng.randint(1, len(literal))
    packed = (bytes([len(literal)]) + literal if literal else b"") + bytes([0x80 | count, back])
    return entry(rng, 2, max(0, len(literal) + count - short), packed)


def some(rng: Random, least: int = 0) -> tuple[bytes, int]:
    count = rng.randint(least, 3)
    return b"".join(rng.choice((stored, run_entry, copies))(rng) for _ in range(count)), count


def archive(rng: Random, bad: bytes, behind: int = 1) -> bytes:
    return b"PKA" + some(rng)[0] + bad + b"".join(stored(rng) for _ in range(rng.randint(0, behind)))


def benign(rng: Random) -> bytes:
    body, count = some(rng, 2)
    if rng.random() < 0.5:
        body += entry(rng, 3, 1, bytes([rng.randrange(count)]))
        count += 1
    if rng.random() < 0.5:
        body += entry(rng, 4, 900, bytes(rng.randrange(2) for _ in range(rng.randint(1, 4))))
    if rng.random() < 0.5:
        body += entry(rng, 5, 0, bytes([0, 0]) + b"H")
    return b"PKA" + body


def run_room(rng: Random) -> bytes:
    return archive(rng, run_entry(rng, short=rng.randint(1, 30)))


def copy_room(rng: Random) -> bytes:
    literal = text(rng)[:40]
    count = rng.randint(2, 127)
    packed = bytes([len(literal)]) + literal + bytes([0x80 | count, rng.randint(1, len(literal))])
    return archive(rng, entry(rng, 2, len(literal) + rng.randint(0, count - 1), packed))


def copy_distance(rng: Random) -> bytes:
    literal = text(rng)[: rng.randint(0, 12)]
    return archive(rng, copies(rng, distance=len(literal) + rng.randint(1, 15), before=literal))


def entry_number(rng: Random) -> bytes:
    body, count = some(rng)
    kind = rng.randrange(4)
    if kind == 0:
        bad = entry(rng, 4, 50, bytes([rng.randrange(count)] if count else []) + bytes([count]))
    elif kind == 1:
        bad = entry(rng, 5, 0, bytes([count, 0]) + text(rng)[:4])
    elif kind == 2:
        bad = entry(rng, 6, 0, bytes([count]))
    else:
        bad = entry(rng, 3, 1, bytes([count + 1]))
    return b"PKA" + body + bad


def link_loop(rng: Random) -> bytes:
    body, count = some(rng)
    length = rng.randint(1, 3)
    numbers = [count + (place + 1) % length for place in range(length)]
    return b"PKA" + body + b"".join(entry(rng, 3, 1, bytes([number])) for number in numbers) + some(rng)[0]


def join_room(rng: Random) -> bytes:
    body, count = some(rng, 1)
    long = text(rng)
    body += stored(rng, long)
    asked = bytes([count]) * rng.randint(1, 4)
    return b"PKA" + body + entry(rng, 4, rng.randint(0, len(long) * len(asked) - 1), asked)


def patch_end(rng: Random) -> bytes:
    body, count = some(rng)
    data = text(rng)
    offset = rng.randint(0, len(data))
    new = rng.randbytes(len(data) - offset + rng.randint(1, 30))
    return b"PKA" + body + stored(rng, data) + entry(rng, 5, 0, bytes([count, offset]) + new)


def removed_twice(rng: Random) -> bytes:
    body, count = some(rng, 1)
    number = rng.randrange(count)
    after = rng.choice(
        (
            b"",
            entry(rng, 6, 0, bytes([number])),
            entry(rng, 5, 0, bytes([number, 0]) + b"new"),
            entry(rng, 4, 200, bytes([number])),
            entry(rng, 3, 1, bytes([number])),
            stored(rng),
        )
    )
    return b"PKA" + body + entry(rng, 6, 0, bytes([number])) + after


MAKE = {
    "pka-run-room": run_room,
    "pka-copy-room": copy_room,
    "pka-copy-distance": copy_distance,
    "pka-entry-number": entry_number,
    "pka-link-loop": link_loop,
    "pka-join-room": join_room,
    "pka-patch-end": patch_end,
    "pka-removed-twice": removed_twice,
}
