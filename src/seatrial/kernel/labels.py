"""Labels form a lattice; information flows up only (V14).

A label has four parts, each of which only ever becomes stricter when two labels are joined:

    level          open < controlled < confidential < secret < top-secret
    compartments   a set; more is stricter
    tlp            CLEAR < GREEN < AMBER < AMBER+STRICT < RED   (TLP 2.0, FIRST, 2022)
    audience       organisations and persons it may reach, or everyone; fewer is stricter

``a.dominates(b)`` means that whoever may read *a* may read *b*, as far as labels go. The text form
is ``secret//orca,tern//TLP:AMBER//lab-1,body-1`` and ``open//-//TLP:CLEAR//*`` for the least.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from .errors import Forbidden, Misuse


class Level(enum.IntEnum):
    """How much harm disclosure does, least first."""

    OPEN = 0
    CONTROLLED = 1
    CONFIDENTIAL = 2
    SECRET = 3
    TOP_SECRET = 4

    @property
    def word(self) -> str:
        return self.name.lower().replace("_", "-")


class Tlp(enum.IntEnum):
    """Traffic Light Protocol 2.0: how far a recipient may pass something on, widest first."""

    CLEAR = 0
    GREEN = 1
    AMBER = 2
    AMBER_STRICT = 3
    RED = 4

    @property
    def word(self) -> str:
        return "TLP:" + self.name.replace("_", "+")


_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]*")


@dataclass(frozen=True, slots=True)
class Label:
    """What may be read by whom. ``audience`` of ``None`` means everyone; an empty set means nobody."""

    level: Level = Level.OPEN
    compartments: frozenset[str] = frozenset()
    tlp: Tlp = Tlp.CLEAR
    audience: frozenset[str] | None = None

    def __post_init__(self) -> None:
        for word in self.compartments | (self.audience or frozenset()):
            if not _WORD.fullmatch(word):
                raise Misuse("bad-label", f"{word!r} cannot stand in a label; use letters, digits and . _ @ - only.")
        if self.tlp >= Tlp.AMBER and self.audience is None:
            raise Misuse(
                "bad-label",
                f"A {self.tlp.word} label must name its audience; list the organisations, or use TLP:GREEN.",
            )

    def dominates(self, other: Label) -> bool:
        """True if this label is at least as strict as ``other`` in every part."""
        return (
            self.level >= other.level
            and self.compartments >= other.compartments
            and self.tlp >= other.tlp
            and (other.audience is None or (self.audience is not None and self.audience <= other.audience))
        )

    def join(self, other: Label) -> Label:
        """The least label that dominates both: what a mixture of the two must carry."""
        return Label(
            max(self.level, other.level),
            self.compartments | other.compartments,
            max(self.tlp, other.tlp),
            _both(self.audience, other.audience),
        )

    def meet(self, other: Label) -> Label:
        """The greatest label that both dominate."""
        either = None if self.audience is None or other.audience is None else self.audience | other.audience
        return Label(
            min(self.level, other.level),
            self.compartments & other.compartments,
            min(self.tlp, other.tlp),
            either,
        )

    def __str__(self) -> str:
        audience = "*" if self.audience is None else ",".join(sorted(self.audience)) or "-"
        return "//".join((self.level.word, ",".join(sorted(self.compartments)) or "-", self.tlp.word, audience))

    @classmethod
    def parse(cls, text: str) -> Label:
        """The inverse of ``str``. Raises ``Misuse`` (``bad-label``)."""
        try:
            level, compartments, tlp, audience = text.split("//")
            return cls(
                Level[level.upper().replace("-", "_")],
                _words(compartments),
                Tlp[tlp.removeprefix("TLP:").replace("+", "_")],
                None if audience == "*" else _words(audience),
            )
        except (ValueError, KeyError) as error:
            raise Misuse(
                "bad-label",
                f"{text!r} is not a label; write level//compartments//TLP//audience, e.g. open//-//TLP:GREEN//*.",
            ) from error

    @classmethod
    def among(cls, *audience: str, level: Level = Level.CONTROLLED, tlp: Tlp = Tlp.AMBER_STRICT) -> Label:
        """A label for the named organisations (or persons) only."""
        return cls(level=level, tlp=tlp, audience=frozenset(audience))


OPEN = Label()


@dataclass(frozen=True, slots=True)
class Reader:
    """Whoever asks: a person, the organisations they act for, and how far they are cleared.

    The default is the public: nobody, of no organisation, cleared for nothing but ``open``.
    """

    person: str = ""
    organisations: frozenset[str] = field(default_factory=frozenset)
    level: Level = Level.OPEN
    compartments: frozenset[str] = field(default_factory=frozenset)

    def may_read(self, label: Label) -> bool:
        """The one rule of reading.

        Cleared for level and compartments; GREEN needs a known person or organisation; AMBER and
        above always name an audience, which must hold one's organisation or oneself, RED oneself.
        """
        if self.level < label.level or not self.compartments >= label.compartments:
            return False
        own = {self.person} if self.person else set()
        if label.tlp is Tlp.RED:
            return label.audience is not None and bool(own & label.audience)
        own |= self.organisations
        if label.audience is not None:
            return bool(own & label.audience)
        return label.tlp is Tlp.CLEAR or bool(own)

    def readable(self, labels: Iterable[str]) -> list[str]:
        """Of labels as they are kept, those that this reader may read: what a query may look among."""
        return [one for one in labels if self.may_read(Label.parse(one))]

    def check_read(self, label: Label, what: str) -> None:
        """Raises ``Forbidden`` (``label-forbids``) if this reader may not read ``label``."""
        if not self.may_read(label):
            raise Forbidden(
                "label-forbids", f"{what} is labelled beyond what you may read; ask its owner to release it to you."
            )


PUBLIC = Reader()


def _both(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    if one is None:
        return other
    return one if other is None else one & other


def _words(text: str) -> frozenset[str]:
    return frozenset() if text == "-" else frozenset(text.split(","))
