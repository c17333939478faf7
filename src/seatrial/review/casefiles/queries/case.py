"""For whom a case is gathered, and what is gathered so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from seatrial.kernel.errors import NotFound
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, Role, Signature
from seatrial.review.casefiles.core import layout
from seatrial.review.casefiles.ports import Crate, Progress
from seatrial.review.casefiles.types import FileEntry, Section, Withheld
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import PaperKind, ReviewView

PART = 200  # read at once
SHOWN = 500  # rows of one table in the readable index


@dataclass(frozen=True, slots=True)
class Side:
    """For whom an asker reads a review. ``view`` is ``None`` for a trusted partner, who sees only its own part."""

    home: str  # organisation id
    developer: bool
    view: ReviewView | None


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was put into a crate, and what the readable index tells of it."""

    title: str
    sections: tuple[Section, ...]
    files: tuple[FileEntry, ...]
    withheld: tuple[Withheld, ...]


def side_of(asking: Actor, review: str, now: datetime) -> Side:
    """Raises ``NotFound`` (``no-such-review``) for whoever has nothing to read of it."""
    try:
        view = cases.brief(asking, review, now)
    except NotFound:
        own = [paper.key for paper in cases.papers(asking, review) if paper.kind is PaperKind.PARTNER]
        if not own:
            raise
        return Side(own[0], False, None)
    if view.developer in asking.organisations:
        return Side(view.developer, True, view)
    if view.body in asking.organisations:
        return Side(view.body, False, view)
    named = parties.policy(view.body, view.policy_version).oversight
    inspecting = sorted(home for home, role in asking.roles if role is Role.INSPECTOR and home in named)
    return Side(inspecting[0], False, view)


@dataclass(slots=True)
class Case:
    """What gathering goes by, and what it has gathered so far."""

    asking: Actor
    review: str
    now: datetime
    side: Side
    names: Mapping[str, str]
    crate: Crate
    progress: Progress
    total: int
    done: int = 0
    files: list[FileEntry] = field(default_factory=list)
    organisations: set[str] = field(default_factory=set)

    @property
    def view(self) -> ReviewView:
        """The review; only asked of those who may read it."""
        if self.side.view is None:
            raise RuntimeError("a trusted partner reads no review")
        return self.side.view

    def put(self, path: str, media: str, pieces: Iterable[bytes]) -> None:
        self.files.append(self.crate.put(path, media, pieces))

    def json(self, path: str, value: object) -> None:
        self.put(path, layout.JSON, [layout.as_json(value)])

    def signed(self, name: str, about: str, statement: Mapping[str, Any], signatures: Iterable[Signature]) -> str:
        """A signed paper; its signatories' keys go into the file too."""
        given = list(signatures)
        self.organisations |= {one.organisation for one in given}
        path = f"signed/{name}.json"
        self.json(path, {"about": about, "statement": statement, "signatures": given})
        return path

    def name(self, identifier: str) -> str:
        return self.names.get(identifier, identifier)

    def step(self) -> None:
        self.done += 1
        self.progress(self.done, self.total)


def section(part: str, sentence: str, **more: Any) -> Section:
    """A part of the index, whose table says so if it is cut."""
    rows = more.pop("rows", ())
    if len(rows) > SHOWN:
        sentence += f" The newest {SHOWN:,} are shown here; the files hold all {len(rows):,}."
    return Section(part, sentence, rows=tuple(rows[:SHOWN]), **more)
