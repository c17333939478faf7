"""Inputs near a reproducer, which nobody was shown: each differs in a byte or a few. Pure, and the same each time."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

from seatrial.clearinghouse.proofs.types import Attachments, Proof, Recipe
from seatrial.kernel.digests import digest

from .recipe import digest_of_recipe

MOST = 1024**2  # bytes of an input that is mutated
LONGEST = 5.0  # seconds that a run with such an input may take: some go round for ever


def inputs(recipe: Recipe, attachments: Attachments) -> tuple[bytes, ...]:
    """What the reproducer feeds the program, as bytes."""
    found = [attachments[named] for named in recipe.files.values()]
    if recipe.stdin is not None:
        found.append(attachments[recipe.stdin])
    if recipe.reproduce is not None:
        found += [word.encode() for word in recipe.reproduce.argv[1:] if word not in recipe.files]
    found += [part for request in recipe.requests for part in (request.body, request.path.encode())]
    return tuple(part for part in found if part)


def near(proof: Proof, count: int) -> Iterator[Proof]:
    """``count`` proofs that differ from ``proof`` in one input a little."""
    recipe = proof.recipe
    chance = random.Random(digest_of_recipe(recipe))  # noqa: S311 - the same each time
    places = list(_places(recipe, proof.attachments))
    for number in range(count if places else 0):
        place = places[number % len(places)]
        data = _read(proof, place)
        changed = _changed(data, chance, number // len(places), text=place[0] in ("argv", "path"))
        if changed != data:
            yield _put(proof, place, changed)


Place = tuple[str, str | int]


def _places(recipe: Recipe, attachments: Attachments) -> Iterator[Place]:
    for path, named in recipe.files.items():
        if 0 < len(attachments[named]) <= MOST:
            yield "file", path
    if recipe.stdin is not None and attachments[recipe.stdin]:
        yield "stdin", ""
    if recipe.reproduce is not None and not recipe.files and recipe.stdin is None:
        for place, word in enumerate(recipe.reproduce.argv):
            if place and word:
                yield "argv", place
    for place, request in enumerate(recipe.requests):
        yield ("body", place) if request.body else ("path", place)


def _read(proof: Proof, place: Place) -> bytes:
    recipe, (kind, where) = proof.recipe, place
    if kind == "file":
        return proof.attachments[recipe.files[str(where)]]
    if kind == "stdin" and recipe.stdin is not None:
        return proof.attachments[recipe.stdin]
    if kind == "argv" and recipe.reproduce is not None:
        return recipe.reproduce.argv[int(where)].encode()
    request = recipe.requests[int(where)]
    return request.body if kind == "body" else request.path.encode()


def _put(proof: Proof, place: Place, data: bytes) -> Proof:
    recipe, (kind, where) = proof.recipe, place
    attachments: Attachments = proof.attachments
    if kind in ("file", "stdin"):
        named = digest(data)
        attachments = {**attachments, named: data}
        if kind == "file":
            recipe = replace(recipe, files={**recipe.files, str(where): named})
        else:
            recipe = replace(recipe, stdin=named)
    elif kind == "argv" and recipe.reproduce is not None:
        argv = list(recipe.reproduce.argv)
        argv[int(where)] = data.decode()
        recipe = replace(recipe, reproduce=replace(recipe.reproduce, argv=tuple(argv)))
    else:
        requests = list(recipe.requests)
        one = requests[int(where)]
        requests[int(where)] = replace(one, body=data) if kind == "body" else replace(one, path=data.decode())
        recipe = replace(recipe, requests=tuple(requests))
    return Proof(replace(recipe, repeats=1, seconds=min(recipe.seconds, LONGEST)), attachments)


_LETTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


_HEAD = 4  # bytes that say what follows, often enough to be tried three ways each
_STEPS = (-1, 1, -3)


def _changed(data: bytes, chance: random.Random, number: int, *, text: bool) -> bytes:
    """One small change, of the kind and at the place that ``number`` picks; every other one changes a single byte."""
    at = chance.randrange(len(data))
    some = bytes(chance.choices(_LETTERS, k=chance.randrange(1, 9)))
    if number % 2 == 0:
        turn = number // 2
        if turn < _HEAD * len(_STEPS) and not text:
            at = turn % _HEAD % len(data)
            put = (data[at] + _STEPS[turn // _HEAD]) % 256
        else:
            at = turn % len(data)
            put = chance.choice(_LETTERS) if text else _like(data[at], chance)
        return data[:at] + bytes([put]) + data[at + 1 :]
    match number // 2 % 10:
        case 0:
            return data + some
        case 8 | 9 if not text:  # a length that says more, and more that follows
            head = number // 20 % _HEAD % len(data)
            said = chance.choice((data[head] * 2 % 256, 100, 127, 190, 255))
            return data[:head] + bytes([said]) + data[head + 1 :] + some * 64
        case 6 | 7:  # a buffer that was only made larger
            part, times = data[at : at + chance.choice((1, 4, 16))], chance.choice((8, 32, 128, 512))
            return data[:at] + part * times + data[at:]
        case 1:
            return data[:at] + some + data[at:]
        case 2:
            return data[:at] + data[at + 1 :] or data
        case 3:
            half = len(data) // 2
            every = {byte: _like(byte, chance) for byte in sorted(set(data[half:]))}
            return data[:half] + data[half:].translate(bytes(every.get(byte, byte) for byte in range(256)))
        case 4:
            return data[:-1] or data
        case _:
            return data[: at + 1]


def _like(byte: int, chance: random.Random) -> int:
    """A byte of the same kind."""
    for kind in (b"0123456789", b"abcdefghijklmnopqrstuvwxyz", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"):
        if byte in kind:
            return chance.choice(kind)
    return (byte + chance.choice((1, -1, 2))) % 256
