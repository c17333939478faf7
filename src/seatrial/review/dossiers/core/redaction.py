"""The proof that nothing withheld is left: not in a derived document, not in any file made from it.

It shares no walk with what makes a derived document. What must be absent is read off the source's plain JSON, by its
markings; then every text that is to leave is searched for it, in forms that see through case, width, line breaks,
punctuation and percent signs:

- every withheld text, as a whole;
- every run of 24 characters of it, wherever it stands: in other prose, in a title, in an address, in metadata.

Words shorter than 4 characters (2 in scripts without spaces) and numbers of fewer than 4 digits stand in any text;
they are removed at their place and not searched for. So is, in a part withheld as a whole, what the types call
vocabulary (a metric, a date, a key), unless it is 24 characters or longer or marked itself.
"""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from seatrial.kernel.errors import Refused
from seatrial.review.dossiers.types import Dossier, Marking

from .positions import Path
from .reading import spoken
from .rules import Rule, Way
from .shape import EVERY, fields_of
from .writing import as_json

RUN = 24  # characters
_BLOCK = RUN // 2
_SHORTEST, _SHORTEST_DENSE, _SHORTEST_SQUEEZED, _FEWEST_DIGITS = 4, 2, 8, 4
_SHORTEST_RAW = 12  # of what is searched for in bytes that are no text: shorter ones occur by chance
_NO_WORD = re.compile(r"[^a-z0-9]+")
_MARKS = ("marking", "marked", "withheld")

_named = [(found.name, found.vocabulary) for kind in EVERY for found in fields_of(kind)]
VOCABULARY = frozenset(name for name, says in _named if says) - {name for name, says in _named if not says}


@dataclass(frozen=True, slots=True)
class Remains:
    """Withheld text that would still be read: where it is marked, and where it would be left."""

    marked: str
    left: str


@dataclass(frozen=True, slots=True)
class Protected:
    """What must not leave: each withheld text with its place, flattened and squeezed."""

    whole: tuple[tuple[str, str, str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.whole)


def protect(source: Dossier, rule: Rule) -> Protected:
    """Everything of ``source`` that ``rule`` withholds, ready to be searched for."""
    found = _withheld(as_json(source), (), (), rule, marked=False)
    return Protected(tuple((spoken(path), flattened(said), squeezed(said)) for path, said in found))


def left_in(protected: Protected, texts: Mapping[str, str]) -> tuple[Remains, ...]:
    """What of it would still be read in ``texts``, which are named by where they stand."""
    readings = [(where, one) for where, text in texts.items() for one in {text, unquote(text)}]
    flat = [(where, flattened(text)) for where, text in readings]  # an address may carry it with percent signs
    dense = [(where, squeezed(text)) for where, text in readings]
    short = [found for found in protected.whole if len(found[1]) < RUN]
    remains = [
        Remains(place, where)
        for (where, text), (_, tight_text) in zip(flat, dense, strict=True)
        for place, word, tight in short
        if _has(text, tight_text, word, tight)
    ]
    remains += shared_runs([(place, word) for place, word, _ in protected.whole], flat)
    remains += shared_runs([(place, tight) for place, _, tight in protected.whole], dense)
    return tuple(dict.fromkeys(remains))


def shared_runs(
    secrets: Iterable[tuple[str, str]], texts: Iterable[tuple[str, str]], *, numbers: bool = True
) -> list[Remains]:
    """Every pair of a secret and a text that have a run of 24 characters in common; each is (place, text).

    Every such run of a text holds one of its blocks of 12 that begin at a multiple of 12. Those are indexed with what
    stands around them, and each secret is looked up once, so the cost is that of reading both. Without ``numbers``
    runs of digits alone do not count.
    """
    index: dict[str, dict[str, set[tuple[str, str]]]] = {}
    for where, text in texts:
        for at in range(0, len(text) - _BLOCK + 1, _BLOCK):
            around = (text[max(0, at - _BLOCK) : at], text[at + _BLOCK : at + RUN])
            index.setdefault(text[at : at + _BLOCK], {}).setdefault(where, set()).add(around)
    found: dict[Remains, None] = {}
    for place, secret in secrets:
        for at in range(len(secret) - _BLOCK + 1):
            block = secret[at : at + _BLOCK]
            standing = index.get(block)
            if standing is None:
                continue
            for where, surroundings in standing.items():
                pair = Remains(place, where)
                if pair in found or (block.isdigit() and not numbers):
                    continue
                before, after = secret[max(0, at - _BLOCK) : at], secret[at + _BLOCK : at + RUN]
                if any(_alike(before[::-1], b[::-1]) + _alike(after, a) >= RUN - _BLOCK for b, a in surroundings):
                    found[pair] = None
    return list(found)


def check_derived(protected: Protected, derived: Dossier) -> None:
    """Raises ``Refused`` (``text-would-remain``), naming both places, if anything withheld is left in ``derived``."""
    plain = as_json(derived)
    _refuse(left_in(protected, {spoken(path): said for path, said in _strings(plain, ())}))
    _refuse(_left_in_bytes(protected, [json.dumps(plain, ensure_ascii=False)], "the derived document"))


def check_leaving(
    protected: Protected, data: bytes, *, name: str, texts: Iterable[str] = (), parts: Iterable[bytes] = ()
) -> None:
    """The last step before a file leaves. Raises ``Refused`` (``text-would-remain``).

    ``data`` is the file, ``name`` what an error calls it; ``texts`` is what a reader sees or a program extracts
    (pages, metadata, attributes), ``parts`` what is packed inside (decompressed streams). Texts are searched for
    everything, bytes for whatever is long enough not to occur by chance.
    """
    if not protected:
        return
    remains = list(left_in(protected, {f"{name}, text {n}": text for n, text in enumerate(texts, 1)}))
    readings = {reading for part in (data, *parts) for reading in _readings(part)}
    _refuse([*remains, *_left_in_bytes(protected, readings, name)])


def _left_in_bytes(protected: Protected, readings: Iterable[str], name: str) -> list[Remains]:
    forms = [(flattened(reading), squeezed(reading)) for reading in readings]
    remains = [
        Remains(place, name)
        for place, word, tight in protected.whole
        if len(tight) >= _SHORTEST_RAW and len(word) < RUN and not tight.isdigit()
        if any(word in flat for flat, _ in forms)
    ]
    flat, dense = [(name, form) for form, _ in forms], [(name, form) for _, form in forms]
    remains += shared_runs([(place, word) for place, word, _ in protected.whole], flat, numbers=False)
    remains += shared_runs([(place, tight) for place, _, tight in protected.whole], dense, numbers=False)
    return remains


def _alike(one: str, other: str) -> int:
    """How many signs two texts have in common from their beginnings on."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def flattened(text: str) -> str:
    """One form for what reads the same: NFKC, case folded, every run of white space one space."""
    return " ".join(_folded(text).split())


def squeezed(text: str) -> str:
    """Letters, marks and digits alone: one form for what a layout may have broken or an address joined."""
    folded = _folded(text)
    if folded.isascii():
        return _NO_WORD.sub("", folded)
    return "".join(sign for sign in folded if sign.isalnum() or unicodedata.category(sign)[0] == "M")


def _folded(text: str) -> str:
    if text.isascii():
        return text.casefold()
    kept = "".join(sign for sign in text if sign.isascii() or unicodedata.category(sign) != "Cf")
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", kept).casefold())


def _has(flat: str, dense: str, word: str, tight: str) -> bool:
    if len(tight) >= _SHORTEST_SQUEEZED and not tight.isdigit() and tight in dense:
        return True
    at = flat.find(word)
    while at >= 0:
        end = at + len(word)
        if not (_inside(flat[at - 1 : at], word[0]) or _inside(flat[end : end + 1], word[-1])):
            return True
        at = flat.find(word, at + 1)
    return False


def _inside(neighbour: str, edge: str) -> bool:
    """Whether a word goes on beyond its edge. Only letters of scripts with spaces tell."""
    return bool(neighbour) and neighbour.isalnum() and edge.isalnum() and not (_dense(neighbour) or _dense(edge))


def _dense(sign: str) -> bool:
    """Whether a script writes this sign without spaces between words."""
    return "\u0e00" <= sign <= "\u0fff" or "\u1000" <= sign <= "\u109f" or sign >= "\u2e80"


_TAG = re.compile(r"<[^<>]*>")
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")


def _readings(data: bytes) -> set[str]:
    """What these bytes may say: as UTF-8 or UTF-16, with entities and escapes resolved, with and without tags."""
    plain = data.decode("utf-8", "ignore")
    found = {plain, html.unescape(plain), html.unescape(_TAG.sub("", plain)), html.unescape(_TAG.sub(" ", plain))}
    found.add(_ESCAPE.sub(lambda match: chr(int(match[1], 16)), plain))
    if b"\x00" in data:
        found |= {data[at:].decode(form, "ignore") for form in ("utf-16-be", "utf-16-le") for at in (0, 1)}
    return found


def _withheld(raw: Any, path: Path, way: Way, rule: Rule, *, marked: bool) -> Iterator[tuple[Path, str]]:
    """Every string and long number on whose way ``rule`` ends; ``marked``: by a marking of its own."""
    if isinstance(raw, dict):
        if "marking" in raw:
            way = (*way, Marking.parse(raw["marking"]))
        if set(raw) == {"text", "marking"} and isinstance(raw["text"], str):
            yield from _withheld(raw["text"], path, way, rule, marked=True)
            return
        for name, value in raw.items():
            if name in _MARKS:
                continue
            mark = raw.get("marked", {}).get(name)
            further = (*way, Marking.parse(mark)) if mark is not None else way
            yield from _withheld(value, (*path, name), further, rule, marked=mark is not None)
    elif isinstance(raw, list):
        for place, value in enumerate(raw):
            yield from _withheld(value, (*path, place), way, rule, marked=marked)
    elif way and _searched(raw, path, marked) and _ends(way, rule):
        for said in _spellings(raw):
            yield path, said


def _ends(way: Way, rule: Rule) -> bool:
    return any(rule(way[: end + 1]) is not None for end in range(len(way)))


def _searched(raw: Any, path: Path, marked: bool) -> bool:
    if isinstance(raw, bool) or raw is None:
        return False
    if isinstance(raw, int | float):
        return marked and len(re.sub(r"[^0-9]|e.*", "", f"{raw!r}").strip("0")) >= _FEWEST_DIGITS
    name = next((step for step in reversed(path) if isinstance(step, str)), "")
    flat = flattened(raw)
    if name in VOCABULARY and not marked and len(flat) < RUN:
        return False
    return len(flat) >= (_SHORTEST_DENSE if any(map(_dense, flat)) else _SHORTEST)


def _spellings(raw: Any) -> Iterator[str]:
    yield str(raw)
    if isinstance(raw, int):
        yield f"{raw:,}"
        yield f"{raw:,}".replace(",", " ")


def _strings(raw: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Every text and number of a plain value, also names of fields, with where they stand."""
    if isinstance(raw, dict):
        for name, value in raw.items():
            if name == "withheld" or (name == "format" and not path):
                continue  # our own words
            if name in ("marking", "marked"):
                continue  # words of markings, searched below as part of the whole
            yield from _strings(value, (*path, name))
    elif isinstance(raw, list):
        for place, value in enumerate(raw):
            yield from _strings(value, (*path, place))
    elif isinstance(raw, str | int | float) and not isinstance(raw, bool):
        yield path, str(raw)


def _refuse(remains: Iterable[Remains]) -> None:
    pairs = list(dict.fromkeys(remains))
    if pairs:
        told = "; ".join(f"the text marked at {one.marked} would still be read in {one.left}" for one in pairs[:20])
        more = f"; and {len(pairs) - 20} more" if len(pairs) > 20 else ""
        raise Refused(
            "text-would-remain",
            f"This would leave marked text: {told}{more}. Mark it there too, or word one of them differently.",
            places=[[one.marked, one.left] for one in pairs[:100]],
        )
