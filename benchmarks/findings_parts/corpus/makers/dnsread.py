"""DNS messages, most of them as a name server would send."""

from __future__ import annotations

from random import Random

LABELS = (b"www", b"mail", b"ns1", b"example", b"harbour", b"test", b"a", b"pilots-of-the-port", b"org", b"net")


def name(rng: Random, pointer: int | None = None) -> bytes:
    labels = b"".join(
        bytes([len(label)]) + label for label in rng.choices(LABELS, k=rng.randint(0 if pointer else 1, 3))
    )
    return labels + (b"\0" if pointer is None else (0xC000 | pointer).to_bytes(2, "big"))


def header(rng: Random, questions: int, answers: int) -> bytes:
    return rng.randbytes(2) + b"\x81\x80" + questions.to_bytes(2, "big") + answers.to_bytes(2, "big") + bytes(4)


def question(rng: Random) -> bytes:
    return name(rng) + rng.choice((1, 15, 16, 28)).to_bytes(2, "big") + b"\0\x01"


def answer(rng: Random, kind: int, data: bytes, *, owner: bytes | None = None, claimed: int | None = None) -> bytes:
    owner = owner or rng.choice((b"\xc0\x0c", name(rng), name(rng, 12)))
    length = len(data) if claimed is None else claimed
    return owner + kind.to_bytes(2, "big") + b"\0\x01" + rng.randbytes(4) + length.to_bytes(2, "big") + data


def ordinary(rng: Random) -> bytes:
    kind = rng.choice((1, 2, 5, 15, 16, 28, 29, 33, 257))
    there = rng.choice((name(rng), name(rng, 12)))
    data = {
        1: rng.randbytes(4),
        2: there,
        5: there,
        15: rng.randbytes(2) + there,
        16: b"".join(bytes([len(label)]) + label for label in rng.choices(LABELS, k=rng.randint(1, 3))),
        28: rng.randbytes(16),
        29: bytes([rng.randrange(10), rng.randrange(10), rng.randrange(256), rng.randrange(17)]),
        33: rng.randbytes(6) + there,
        257: bytes([rng.choice((0, 128)), 5]) + b"issue" + rng.choice(LABELS),
    }[kind]
    return answer(rng, kind, data)


def message(rng: Random, last: bytes, *, behind: int = 0) -> bytes:
    before = [ordinary(rng) for _ in range(rng.randint(0, 2))]
    after = [ordinary(rng) for _ in range(rng.randint(0, behind))]
    return header(rng, 1, len(before) + 1 + len(after)) + question(rng) + b"".join([*before, last, *after])


def benign(rng: Random) -> bytes:
    return message(rng, ordinary(rng), behind=2)


def long_name(rng: Random) -> bytes:
    labels = b"".join(bytes([size]) + bytes([rng.randint(97, 122)]) * size for size in (rng.randint(56, 63), 30))
    if rng.random() < 0.5:  # labels that lead back to themselves: each jump adds them once more
        return header(rng, 1, 0) + labels + b"\xc0\x0c" + b"\0\x01\0\x01"
    head = header(rng, 1, 2) + labels + b"\0\0\x01\0\x01"
    again = labels + b"\xc0\x0c"
    middle = answer(rng, 1, rng.randbytes(4), owner=again)
    at = len(head)
    kind = rng.choice((2, 5, 15, 33))
    prefix = {15: rng.randbytes(2), 33: rng.randbytes(6)}.get(kind, b"")
    tail = labels + (0xC000 | at).to_bytes(2, "big")
    return head + middle + answer(rng, kind, prefix + tail)


def pointer_loop(rng: Random) -> bytes:
    if rng.random() < 0.3:
        return header(rng, 1, 0) + b"\xc0\x0c" + rng.randbytes(rng.randint(0, 20))
    head = header(rng, 1, 1) + question(rng)
    if rng.random() < 0.4:
        at = len(head)
        return head + answer(rng, 1, rng.randbytes(4), owner=(0xC000 | at).to_bytes(2, "big"))
    kind = rng.choice((2, 5, 15, 33))
    prefix = {15: rng.randbytes(2), 33: rng.randbytes(6)}.get(kind, b"")
    at = len(head) + 2 + 10 + len(prefix)
    first, second = 0xC000 | at, 0xC000 | (at + 2)
    data = second.to_bytes(2, "big") + first.to_bytes(2, "big") if rng.random() < 0.5 else first.to_bytes(2, "big")
    return head + answer(rng, kind, prefix + data, owner=b"\xc0\x0c")


def label_end(rng: Random) -> bytes:
    some = rng.choice(LABELS)
    short = bytes([len(some) + rng.randint(1, 63 - len(some))]) + some
    front = b"".join(bytes([len(label)]) + label for label in rng.choices(LABELS, k=rng.randint(0, 2)))
    if rng.random() < 0.3:
        return header(rng, 1, 0) + front + short
    kind = rng.choice((2, 5, 15, 33))
    prefix = {15: rng.randbytes(2), 33: rng.randbytes(6)}.get(kind, b"")
    return message(rng, answer(rng, kind, prefix + front + short))


def text_end(rng: Random) -> bytes:
    some = rng.choice(LABELS)
    before = b"".join(bytes([len(label)]) + label for label in rng.choices(LABELS, k=rng.randint(0, 2)))
    return message(rng, answer(rng, 16, before + bytes([len(some) + rng.randint(1, 20)]) + some))


def caa_tag(rng: Random) -> bytes:
    size = rng.randint(16, 40)
    tag = bytes(rng.randint(97, 122) for _ in range(size))
    data = bytes([rng.choice((0, 128)), size]) + tag + rng.choice(LABELS)
    return message(rng, answer(rng, 257, data), behind=1)


def place_shift(rng: Random) -> bytes:
    scale = rng.choice((rng.randint(32, 255), rng.randint(24, 31)))
    altitude = rng.randint(128, 255) if scale < 32 else rng.randrange(256)
    return message(rng, answer(rng, 29, bytes([rng.randrange(10), rng.randrange(10), altitude, scale])), behind=1)


def aaaa_size(rng: Random) -> bytes:
    return message(rng, answer(rng, 28, rng.randbytes(rng.randint(4, 15))))


def short_header(rng: Random) -> bytes:
    return rng.randbytes(rng.randint(4, 7))


MAKE = {
    "dns-long-name": long_name,
    "dns-pointer-loop": pointer_loop,
    "dns-label-end": label_end,
    "dns-text-end": text_end,
    "dns-caa-tag": caa_tag,
    "dns-place-shift": place_shift,
    "dns-aaaa-size": aaaa_size,
    "dns-short-header": short_header,
}
