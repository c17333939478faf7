"""Solvers of misused ciphers: one reference solver with fewer or more of its methods, from the plainest on.

Each method works from the prompt alone and gives what it finds, or nothing where it does not apply.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from math import gcd, isqrt

from seatrial.review.benchmarks.core.practice.calibration import Attempt, Solver
from seatrial.review.benchmarks.core.practice.draw import Draw
from seatrial.review.benchmarks.types import Item

Method = Callable[[str], str | None]


def _xor(data: bytes, key: bytes) -> bytes:
    return bytes(byte ^ key[place % len(key)] for place, byte in enumerate(data))


def _hexes(text: str) -> list[bytes]:
    return [bytes.fromhex(found) for found in re.findall(r"\(hex\): ([0-9a-f]+)", text)]


def _numbers(text: str) -> dict[str, int]:
    return {name: int(value) for name, value in re.findall(r"\b(\w+) = (?:m\^3 mod n = )?(\d+)", text)}


def _look_up(text: str) -> str | None:
    """A code book."""
    book: dict[str, str] = {}
    for plain, cipher in re.findall(r"^(\S+) -> ([0-9a-f]+)$", text, re.MULTILINE):
        book |= {cipher[4 * k : 4 * k + 4]: plain[2 * k : 2 * k + 2] for k in range(len(plain) // 2)}
    secret = re.search(r"became ([0-9a-f]+)\.", text)
    return "seatrial" + "".join(book[secret[1][k : k + 4]] for k in range(0, len(secret[1]), 4)) if secret else None


def _known_text(text: str) -> str | None:
    """XOR against a known beginning or message."""
    hexes = _hexes(text)
    size, known = (
        re.search(r"key of (\d) bytes", text),
        re.search(r"^(?:first message|order): (.*)", text, re.MULTILINE),
    )
    wanted = re.search(r"reads `(.*)` to", text)
    if size:
        return _xor(hexes[0], _xor(hexes[0][: int(size[1])], b"From: ")).decode()
    if known and wanted:
        return f"seatrial{{{_xor(hexes[0], _xor(known[1].encode(), wanted[1].encode())).hex()}}}"
    if known:
        return _xor(hexes[1], _xor(hexes[0], known[1].encode())).decode()
    return None


def _roots(text: str) -> str | None:
    """A cube that never wrapped."""
    numbers = _numbers(text)
    if "e = 3" not in text:
        return None
    root = round(numbers["c"] ** (1 / 3))
    return f"seatrial{{{root}}}" if root**3 == numbers["c"] else None


def _linear(text: str) -> str | None:
    """Two unknowns of a line modulo a prime, from what it gave."""
    shown, tags = re.search(r"in a row were: ([\d, ]+)\.", text), re.findall(r"m = (\d+): tag (\d+)", text)
    if shown:
        one, two, three, state = map(int, shown[1].split(", "))
        a = (three - two) * pow(two - one, -1, 65537) % 65537
        c, plain = (two - a * one) % 65537, bytearray()
        for byte in _hexes(text)[0]:
            state = (a * state + c) % 65537
            plain.append(byte ^ state % 256)
        return plain.decode(errors="replace")
    if tags:
        modulus = re.search(r"mod (\d+)", text)
        third = re.search(r"the tag of m = (\d+)", text)
        if modulus and third:
            p, ((m1, t1), (m2, t2)) = int(modulus[1]), [(int(m), int(tag)) for m, tag in tags]
            k = (t1 - t2) * pow(m1 - m2, -1, p) % p
            return f"seatrial{{{(k * (int(third[1]) - m1) + t1) % p}}}"
    return None


def _factors(text: str) -> str | None:
    """A prime that two moduli share, or two primes near one another."""
    numbers = _numbers(text)
    cipher = re.search(r"(?:for n1 is|encrypted to) (\d+)", text)
    if not cipher:
        return None
    n = numbers.get("n1") or numbers["n"]
    p = gcd(n, numbers["n2"]) if "n2" in numbers else _near(n)
    return f"seatrial{{{pow(int(cipher[1]), pow(65537, -1, (p - 1) * (n // p - 1)), n)}}}"


def _near(n: int) -> int:
    root = isqrt(n) + 1
    while isqrt(root**2 - n) ** 2 != root**2 - n:
        root += 1
    return root - isqrt(root**2 - n)


def _exponents(text: str) -> str | None:
    """One message under two exponents (Bezout)."""
    numbers = _numbers(text)
    if "c2" not in numbers:
        return None
    first, second, n = numbers["e1"], numbers["e2"], numbers["n"]
    back = pow(first, -1, second)
    return f"seatrial{{{pow(numbers['c1'], back, n) * pow(numbers['c2'], (1 - back * first) // second, n) % n}}}"


def _knowing(methods: Sequence[Method]) -> Callable[[Item, Draw], list[Attempt]]:
    def attempts(item: Item, _draw: Draw) -> list[Attempt]:
        found = [answer for method in methods if (answer := method(item.prompt)) is not None]
        return [Attempt(item, f"ANSWER: {answer[answer.find('seatrial') :]}") for answer in found[:1]]

    return attempts


_METHODS: tuple[tuple[str, Method], ...] = (
    ("a code book", _look_up),
    ("known text", _known_text),
    ("roots", _roots),
    ("lines modulo a prime", _linear),
    ("factors", _factors),
    ("two exponents", _exponents),
)
CIPHERS: tuple[Solver, ...] = tuple(
    Solver(f"up to {_METHODS[last][0]}", _knowing([method for _, method in _METHODS[: last + 1]]))
    for last in range(len(_METHODS))
)
