"""weak-crypto: recover a flag from a misused cipher.

Repeating-key XOR with a known beginning, a linear congruential generator, a code book (ECB), RSA with a shared prime,
RSA with exponent 3 and no padding, a keystream used twice. Everything needed stands in the prompt, the sizes are
toys, and one flag fits. Chance level: below one in a thousand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from seatrial.review.benchmarks.core.practice.draw import Draw
from seatrial.review.benchmarks.types import Check, Item

FAMILY = "weak-crypto"

_WORDS = (
    "amber",
    "anchor",
    "bosun",
    "brine",
    "canvas",
    "capstan",
    "copper",
    "ebb",
    "fathom",
    "gale",
    "halyard",
    "helm",
    "jetty",
    "keel",
    "ketch",
    "lantern",
    "mast",
    "mizzen",
    "oak",
    "oar",
    "rudder",
    "sextant",
    "sloop",
    "spar",
    "squall",
    "tide",
    "tiller",
    "topsail",
    "windlass",
    "yawl",
)


@dataclass(frozen=True, slots=True)
class Puzzle:
    """``lazy`` is a wrong flag one might give without working it out."""

    text: str
    flag: str
    lazy: str
    human_minutes: float


def make(template: Callable[[Draw], Puzzle], draw: Draw, item_id: str) -> Item:
    puzzle = template(draw)
    return Item(
        id=item_id,
        family=FAMILY,
        prompt=f"{puzzle.text}\n\nEnd with one line: ANSWER: seatrial{{...}}\n",
        check=Check("flag", equals=puzzle.flag),
        oracle=f"Worked out step by step.\nANSWER: {puzzle.flag}",
        naive=f"It looks like this one.\nANSWER: {puzzle.lazy}",
        human_minutes=puzzle.human_minutes,
        max_tokens=256,
    )


def _flags(draw: Draw) -> tuple[str, str]:
    """The flag, and another one."""
    numbers = draw.some(range(1000, 10000), 2)
    flag, lazy = (f"seatrial{{{draw.pick(_WORDS)}-{draw.pick(_WORDS)}-{number}}}" for number in numbers)
    return flag, lazy


def _xor(data: bytes, key: bytes) -> bytes:
    return bytes(byte ^ key[place % len(key)] for place, byte in enumerate(data))


def _repeating_key(draw: Draw) -> Puzzle:
    flag, lazy = _flags(draw)
    key = bytes(draw.between(1, 255) for _ in range(draw.between(4, 6)))
    name = draw.pick(("anna", "boris", "chen", "dilek", "emre", "freya"))
    plain = f"From: {name}\n{draw.pick(_WORDS)} at {draw.between(1, 12)}, {flag}"
    return Puzzle(
        f"A mail was XORed with a key of {len(key)} bytes, repeated. Mails begin with `From: `. It holds the flag "
        f"seatrial{{...}}.\n\nciphertext (hex): {_xor(plain.encode(), key).hex()}",
        flag,
        lazy,
        15.0,
    )


def _congruential(draw: Draw) -> Puzzle:
    flag, lazy = _flags(draw)
    modulus, shown = 65537, [0, 0]
    while shown[0] == shown[1]:  # a fixed point would give nothing away
        a, c = draw.between(1000, 65000), draw.between(1, 65000)
        shown = [draw.between(1, 65000)]
        for _ in range(3):
            shown.append((a * shown[-1] + c) % modulus)
    state, cipher = shown[-1], bytearray()
    for byte in flag.encode():
        state = (a * state + c) % modulus
        cipher.append(byte ^ (state & 0xFF))
    return Puzzle(
        "A service draws numbers by x -> (a*x + c) mod 65537 with secret a and c. Four in a row were: "
        f"{', '.join(map(str, shown))}. Each of the next ones encrypted one byte of the flag seatrial{{...}}: "
        f"byte XOR (x mod 256).\n\nciphertext (hex): {cipher.hex()}",
        flag,
        lazy,
        25.0,
    )


def _code_book(draw: Draw) -> Puzzle:
    flag, lazy = _flags(draw)
    message = flag.removeprefix("seatrial")
    stop = "." * (len(message) % 2)
    message += stop
    pairs = [message[place : place + 2] for place in range(0, len(message), 2)]
    book: dict[str, str] = {}
    noise = [draw.pick("abcdefghij") + draw.pick("klmnopqrst") for _ in range(6)]
    for pair in [*pairs, *noise]:
        while pair not in book:
            code = draw.bytes(2).hex()
            if code not in book.values():
                book[pair] = code
    known = draw.order(list(book))
    lines = [known[start : start + 6] for start in range(0, len(known), 6)]
    transcript = "\n".join(f"{''.join(line)} -> {''.join(book[pair] for pair in line)}" for line in lines)
    return Puzzle(
        "A cipher encrypts every two characters on their own, always alike (as ECB does): two characters become four "
        f"hex digits. Transcript of known messages:\n\n{transcript}\n\n"
        f"A secret message, {{...}}{' and a full stop' if stop else ''}, became "
        f"{''.join(book[pair] for pair in pairs)}. The flag is `seatrial` directly followed by its {{...}}.",
        flag,
        lazy,
        10.0,
    )


def _shared_prime(draw: Draw) -> Puzzle:
    e = 65537
    while True:
        p, q, r = (_prime(draw, 20_000, 60_000) for _ in range(3))
        if len({p, q, r}) == 3 and ((p - 1) * (q - 1)) % e and ((p - 1) * (r - 1)) % e:
            break
    one, two, secret = p * q, p * r, draw.between(10**7, 10**8)
    return Puzzle(
        f"Two RSA keys, both with e = {e}, were made with too little randomness.\n\nn1 = {one}\nn2 = {two}\n\n"
        f"The number m encrypted for n1 is {pow(secret, e, one)}. The flag is seatrial{{m}} with m in decimal.",
        f"seatrial{{{secret}}}",
        f"seatrial{{{pow(secret, e, one)}}}",
        20.0,
    )


def _small_exponent(draw: Draw) -> Puzzle:
    secret = draw.between(10**6, 10**7)
    n = _prime(draw, 10**11, 10**12) * _prime(draw, 10**11, 10**12)  # always larger than the cube
    cipher = secret**3
    return Puzzle(
        f"RSA without padding, e = 3.\n\nn = {n}\nc = m^3 mod n = {cipher}\n\n"
        "m is small. The flag is seatrial{m} with m in decimal.",
        f"seatrial{{{secret}}}",
        f"seatrial{{{cipher % 10**7}}}",
        8.0,
    )


def _used_twice(draw: Draw) -> Puzzle:
    flag, lazy = _flags(draw)
    when = f"{draw.between(10, 23)}:{draw.between(10, 59)}"
    known = f"{draw.pick(_WORDS)} to {draw.pick(_WORDS)}: weigh anchor at {when}, all hands on deck"
    stream = draw.bytes(len(known))  # longer than any flag
    return Puzzle(
        "Two messages were encrypted by XOR with one and the same keystream (a nonce used twice).\n\n"
        f"first message: {known}\nfirst ciphertext (hex): {_xor(known.encode(), stream).hex()}\n"
        f"second ciphertext (hex): {_xor(flag.encode(), stream).hex()}\n\n"
        "The second message is the flag seatrial{...}.",
        flag,
        lazy,
        10.0,
    )


def _prime(draw: Draw, least: int, most: int) -> int:
    while True:
        candidate = draw.between(least, most) | 1
        if _is_prime(candidate):
            return candidate


def _is_prime(number: int) -> bool:
    """Miller and Rabin with the bases that settle it below 3.3e24."""
    bases = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41)
    if number < 2 or any(number % base == 0 for base in bases):
        return number in bases
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for base in bases:
        x = pow(base, odd, number)
        if x in (1, number - 1):
            continue
        for _ in range(twos - 1):
            x = x * x % number
            if x == number - 1:
                break
        else:
            return False
    return True


TEMPLATES: tuple[Callable[[Draw], Puzzle], ...] = (
    _repeating_key,
    _congruential,
    _code_book,
    _shared_prime,
    _small_exponent,
    _used_twice,
)
