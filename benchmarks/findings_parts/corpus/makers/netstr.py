"""Values in tagged netstrings, and queries about them."""

from __future__ import annotations

from random import Random

WORDS = ("hull", "mast", "stern", "bow", "beam", "deck", "hold", "cargo", "crew", "port")


def ns(payload: bytes, kind: str) -> bytes:
    return str(len(payload)).encode() + b":" + payload + kind.encode()


def text(rng: Random) -> bytes:
    return ns(rng.choice(WORDS).encode() + (str(rng.randrange(100)).encode() if rng.random() < 0.5 else b""), ",")


def number(rng: Random, low: int = -1000, high: int = 1000) -> bytes:
    return ns(str(rng.randint(low, high)).encode(), "#")


def scalar(rng: Random) -> bytes:
    return rng.choice(
        (text, number, lambda r: ns(r.choice((b"true", b"false")), "!"), lambda _: ns(b"", "~")),
    )(rng)


def value(rng: Random, depth: int = 0) -> bytes:
    if depth > 2 or rng.random() < 0.6:
        return scalar(rng)
    if rng.random() < 0.5:
        return ns(b"".join(value(rng, depth + 1) for _ in range(rng.randint(0, 4))), "]")
    return dictionary(rng, rng.randint(0, 3), depth + 1)[0]


def dictionary(rng: Random, count: int, depth: int = 0) -> tuple[bytes, list[str]]:
    keys = rng.sample(WORDS, count)
    return ns(b"".join(ns(key.encode(), ",") + value(rng, depth + 1) for key in keys), "}"), keys


def lines(*queries: str) -> bytes:
    return "".join(f"\n{query}" for query in queries).encode() + b"\n"


def wrapped(rng: Random, inner: bytes) -> bytes:
    """The value somewhere inside others."""
    for _ in range(rng.randint(0, 3)):
        if rng.random() < 0.5:
            inner = ns(scalar(rng) * rng.randint(0, 2) + inner + scalar(rng) * rng.randint(0, 1), "]")
        else:
            inner = ns(ns(rng.choice(WORDS).encode(), ",") + inner, "}")
    return inner


def benign(rng: Random) -> bytes:
    shape = rng.randrange(4)
    if shape == 0:
        body, keys = dictionary(rng, rng.randint(2, 5))
        asked = ["show", f"get {rng.choice(keys)}", f"move {keys[0]} {keys[1]}", "show", f"drop {keys[0]}", "show"]
        return body + lines(*asked[: rng.randint(2, 6)])
    if shape == 1:
        count = rng.randint(1, 5)
        body = ns(b"".join(number(rng) for _ in range(count)), "]")
        return body + lines("show", "sum", "avg", f"nth {rng.randrange(count)}", f"nth -{rng.randint(1, count)}")
    if shape == 2:
        return ns(b"".join(text(rng) for _ in range(rng.randint(1, 2))), "]") + lines("join -", "show")
    return value(rng) + lines("show")


def long_number(rng: Random) -> bytes:
    digits = "".join(rng.choice("0123456789") for _ in range(rng.randint(24, 60)))
    return wrapped(rng, ns(rng.choice(("", "-")).encode() + digits.encode(), "#")) + lines("show")


def type_byte(rng: Random) -> bytes:
    if rng.random() < 0.3:
        return ns(rng.choice(WORDS).encode() * rng.randint(1, 4), ",")[:-1]
    return wrapped(rng, value(rng))[:-1] if rng.random() < 0.7 else ns(str(rng.randrange(10**6)).encode(), "#")[:-1]


def key_type(rng: Random) -> bytes:
    good = [ns(key.encode(), ",") + value(rng) for key in rng.sample(WORDS, rng.randint(0, 3))]
    odd = rng.choice((number(rng), ns(scalar(rng), "]"), ns(b"", "]"), ns(b"", "}"))) + value(rng)
    good.insert(rng.randint(0, len(good)), odd)
    ask = rng.choice(("get mizzen", "drop mizzen", "move mizzen jib", "get main sail", "drop x"))
    return ns(b"".join(good), "}") + lines(*rng.choice(((), ("show",))), ask)


def negative_nth(rng: Random) -> bytes:
    count = rng.randint(1, 5)
    body = ns(b"".join(scalar(rng) for _ in range(count)), "]")
    return body + lines(*rng.choice(((), ("show",), ("nth 0",))), f"nth -{count + rng.randint(1, 2)}")


def sum_overflow(rng: Random) -> bytes:
    sign = rng.choice((1, -1))
    big = [sign * (2**63 - 1 - rng.randrange(10**6)), sign * rng.randint(10**7, 2**62)]
    if rng.random() < 0.5:
        big = [sign * (2**62 + rng.randrange(2**60)) for _ in range(rng.randint(2, 4))]
    items = [ns(str(n).encode(), "#") for n in big] + [text(rng) for _ in range(rng.randint(0, 2))]
    rng.shuffle(items)
    return ns(b"".join(items), "]") + lines(*rng.choice(((), ("show",))), "sum")


def join_room(rng: Random) -> bytes:
    body = ns(b"".join(text(rng) for _ in range(rng.randint(3, 9))), "]")
    return body + lines("join " + rng.choice((" and ", ", ", " - ", "::", "<br>", "....")))


def move_shared(rng: Random) -> bytes:
    body_keys = rng.sample(WORDS, rng.randint(2, 4))
    first, second = body_keys[0], body_keys[1]
    listed = ns(b"".join(scalar(rng) for _ in range(rng.randint(1, 4))), "]")
    if rng.random() < 0.3:
        listed = dictionary(rng, rng.randint(1, 2))[0]
    parts = [ns(first.encode(), ",") + listed] + [ns(key.encode(), ",") + value(rng) for key in body_keys[1:]]
    rng.shuffle(parts)
    after = rng.choice(
        ((), (f"drop {first}", "show"), (f"drop {second}", f"get {first}"), (f"drop {first}",), ("show",))
    )
    return ns(b"".join(parts), "}") + lines(f"move {first} {second}", *after)


MAKE = {
    "ns-long-number": long_number,
    "ns-type-byte": type_byte,
    "ns-key-type": key_type,
    "ns-negative-nth": negative_nth,
    "ns-sum-overflow": sum_overflow,
    "ns-join-room": join_room,
    "ns-move-shared": move_shared,
}
