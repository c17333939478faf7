"""A CSAF provider at an operator's home: walked, verified, and kept in a folder, so that the next time only what is new
is read, and nothing if it cannot be reached.

A folder a provider: ``feed.json`` says what is kept and with which keys, ``<sha256>.json`` are the documents.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seatrial.clearinghouse.members import api as members
from seatrial.kernel.clock import iso, now
from seatrial.kernel.errors import Misuse, SeatrialError, Unavailable

from .bars import bar

_MOST_TOLD = 10  # documents that are not used, one by one


@dataclass(frozen=True, slots=True)
class Kept:
    """What a feed holds, verified: documents by their addresses; ``notes`` say what is not used, and why."""

    documents: tuple[tuple[str, bytes], ...]
    notes: tuple[str, ...]


def followed(url: str, state: Path, *, pinned: Collection[str]) -> Kept:
    """Read what changed since the last time, and give all that is kept.

    The keys of the first time count from then on, or ``pinned``. If the host cannot be reached, what was kept is given,
    and said so. Raises ``Refused`` (``keys-changed``), ``Misuse`` (``bad-provider``, ``cannot-keep``, …),
    ``Unavailable`` the first time.
    """
    where = members.place(url)
    folder = state / hashlib.sha256(where.encode()).hexdigest()[:16]
    known = _known(folder)
    try:
        with members.reader(where) as reader, bar(f"{url}") as progress:
            walk = members.Walk(url, reader=reader, verifier=members.Sequoia(), pinned=pinned or known.get("keys", ()))
            return _read(walk, folder, where, known, progress)
    except Unavailable as error:
        if not known:
            raise
        return _given(folder, known, [f"{error.message} What was kept on {known['at'][:10]} is used."])


def _read(
    walk: members.Walk, folder: Path, url: str, known: dict[str, Any], progress: Callable[[int, int], None]
) -> Kept:
    listed, before = walk.listed(), known.get("documents", {})
    kept: dict[str, Any] = {}
    notes: list[str] = []
    for done, one in enumerate(listed):
        progress(done, len(listed))
        old = before.get(one.url)
        if old is not None and one.updated and old["updated"] == one.updated and (folder / old["file"]).exists():
            kept[one.url] = old
            continue
        try:
            read = walk.document(one, own="", at=now())
        except Unavailable:
            raise
        except SeatrialError as error:
            notes.append(f"{one.url} is not used: {' '.join(members.sentences(error))}")
            if old is not None:
                kept[one.url] = old
            continue
        _write(folder / f"{read.sha256}.json", read.content)
        kept[one.url] = {"updated": one.updated, "file": f"{read.sha256}.json"}
    progress(len(listed), len(listed))
    said = {"url": url, "keys": sorted(walk.certificates), "at": iso(now()), "documents": kept}
    _write(folder / "feed.json", json.dumps(said, indent=1).encode())
    for file in {one["file"] for one in before.values()} - {one["file"] for one in kept.values()}:
        (folder / file).unlink(missing_ok=True)
    if not walk.certificates:
        notes.insert(0, f"{walk.provider.name} signs nothing; what it says is taken as it came.")
    more = [f"... and {len(notes) - _MOST_TOLD} more."] if len(notes) > _MOST_TOLD else []
    return _given(folder, said, [*notes[:_MOST_TOLD], *more])


def _given(folder: Path, known: dict[str, Any], notes: list[str]) -> Kept:
    try:
        documents = tuple((url, (folder / one["file"]).read_bytes()) for url, one in sorted(known["documents"].items()))
    except OSError as error:
        raise Misuse(
            "cannot-read", f"{folder} holds a feed in part: {error.strerror}. Remove it; try again."
        ) from error
    return Kept(documents, tuple(notes))


def _known(folder: Path) -> dict[str, Any]:
    """What is kept there, or nothing; a file that was spoiled counts as nothing."""
    try:
        found = json.loads((folder / "feed.json").read_bytes())
        return found if isinstance(found, dict) else {}
    except (OSError, ValueError):
        return {}


def _write(path: Path, content: bytes) -> None:
    """All of it or nothing. Raises ``Misuse`` (``cannot-keep``)."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".new")
        draft.write_bytes(content)
        draft.replace(path)
    except OSError as error:
        raise Misuse("cannot-keep", f"The feed cannot be kept in {path.parent}: {error.strerror}.") from error
