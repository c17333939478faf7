"""Lists of requests for documents."""

from __future__ import annotations

from random import Random

TEXTS = ("index.txt", "notice.txt", "tides/june.csv")
SECRET = "private/key.txt"


def spelt(rng: Random, path: str, most: int = 2) -> str:
    """The same path with some letters percent-encoded; dots and slashes are left."""
    out = list(path)
    for at in rng.sample(range(len(out)), min(len(out), rng.randint(0, most))):
        if out[at].isalnum():
            out[at] = f"%{ord(out[at]):02x}"
    return "./" * rng.randint(0, 2) * (path[0] != ".") + "".join(out)


def good(rng: Random) -> str:
    path = spelt(rng, rng.choice(TEXTS))
    return rng.choice(
        (f"GET {path}", f"INFO {path}", f"HEAD {path} {rng.randint(1, 9)}", f"SPAN {path} 0-{rng.randint(1, 2)}")
    )


def around(rng: Random, *bad: str) -> bytes:
    lines = [good(rng) for _ in range(rng.randint(0, 2))] + list(bad) + [good(rng) for _ in range(rng.randint(0, 1))]
    return ("\n".join(lines) + "\n").encode()


def benign(rng: Random) -> bytes:
    alias = rng.choice(("a", "tide", "n1"))
    path = rng.choice(TEXTS)
    return around(
        rng,
        good(rng),
        f"NAME {alias} {path}",
        f"GET @{alias}",
        "FIND notice.txt buoy",
        "GET /tides//june.csv"[:4] + path,
    )


def shown(rng: Random, path: str) -> str:
    return rng.choice((f"GET {path}", f"GET {path}", f"HEAD {path} {rng.randint(1, 9)}"))


def decoded_late(rng: Random) -> bytes:
    up = rng.choice(("%2e%2e/", ".%2e/", "%2e./", "%2E%2e/", "..%2f", "%2e%2e%2F", ".%2E/", "..%2F"))
    return around(rng, shown(rng, "./" * rng.randint(0, 1) + up + spelt(rng, "." + SECRET, 3)[1:]))


def dots_inside(rng: Random) -> bytes:
    up = rng.choice(
        ("tides/../../", "tides/./../../", "tides/../tides/../../", "./tides/../../", "././../", "tides/.././../")
    )
    path = up + spelt(rng, "." + SECRET, 3)[1:]
    if rng.random() < 0.3:
        return around(rng, f"NAME k{rng.randint(1, 99)} {path}", shown(rng, path))
    return around(rng, shown(rng, path))


def alias_unchecked(rng: Random) -> bytes:
    alias = rng.choice(("k", "gate", "tide")) + str(rng.randint(1, 99))
    path = rng.choice(("../", "%2e%2e/", "./../", "..%2f", ".%2e/")) + spelt(rng, "." + SECRET, 3)[1:]
    return around(rng, f"NAME {alias} {path}", *[good(rng)] * rng.randint(0, 1), shown(rng, f"@{alias}"))


def not_text(rng: Random) -> bytes:
    path = spelt(rng, "chart.bin", 3)
    ways = (
        f"GET {path}",
        f"HEAD {path} {rng.randint(1, 99)}",
        f"FIND {path} depths",
        f"SPAN {path} 0-{rng.randint(1, 9)}",
    )
    return around(rng, rng.choice(ways))


def no_suffix(rng: Random) -> bytes:
    return around(rng, f"INFO {spelt(rng, 'README', 4)}")


def word_missing(rng: Random) -> bytes:
    word = rng.choice(("ferry", "whale", "moon", "12:00", "Berth", "harbours"))
    return around(rng, f"FIND {spelt(rng, rng.choice(TEXTS))} {word}{rng.choice(('', 's', '7'))}")


def empty_span(rng: Random) -> bytes:
    first = rng.randint(4, 60)
    return around(rng, f"SPAN {spelt(rng, rng.choice(TEXTS))} {first}-{rng.randint(0, 90)}")


MAKE = {
    "doc-decoded-late": decoded_late,
    "doc-dots-inside": dots_inside,
    "doc-alias-unchecked": alias_unchecked,
    "doc-not-text": not_text,
    "doc-no-suffix": no_suffix,
    "doc-word-missing": word_missing,
    "doc-empty-span": empty_span,
}
