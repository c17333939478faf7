"""Words, flags and codes drawn for the families that need fresh ones: nothing that a dictionary would guess."""

from __future__ import annotations

from seatrial.review.benchmarks.core.practice.draw import Draw

_CONSONANTS = "bdfgklmnprstvz"
_VOWELS = "aeiou"


def word(draw: Draw, letters: int) -> str:
    """``letters`` lower-case letters, consonants and vowels in turn: 70 possibilities for every two."""
    return "".join(draw.pick(_VOWELS if place % 2 else _CONSONANTS) for place in range(letters))


def words(draw: Draw, letters: int, count: int) -> list[str]:
    """``count`` different ones."""
    found: list[str] = []
    while len(found) < count:
        one = word(draw, letters)
        if one not in found:
            found.append(one)
    return found


def flag(draw: Draw) -> str:
    """A flag, one in a thousand million million."""
    return f"seatrial{{{word(draw, 6)}-{draw.bytes(4).hex()}}}"
