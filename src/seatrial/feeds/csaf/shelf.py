"""What a reader finds at the provider: documents by folder, each folder with its year and its name.

A folder is a version of CSAF and a marking: ``clear``, ``green`` and so on hold CSAF 2.0, ``2.1/clear`` and so on CSAF
2.1, since a file's name is made of its tracking id alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from seatrial.clearinghouse.advisories.types import Document, Form, Tlp
from seatrial.feeds.shelves import Shelves, places_of
from seatrial.parties.types import Actor

OLD, NEW = "", "2.1/"  # where each version of CSAF begins
FORMS: Mapping[str, tuple[Form, ...]] = {
    OLD: (Form.CSAF_20, Form.CSAF_VEX_20),
    NEW: (Form.CSAF_21, Form.CSAF_VEX_21),
}
_shelves = {form: Shelves[Document](form, lambda document: document) for forms in FORMS.values() for form in forms}


@dataclass(frozen=True, slots=True)
class Folder:
    """Of one version and one marking: what the asker may read there, the newest first."""

    name: str  # "clear/", "2.1/amber/"
    begin: str
    tlp: Tlp
    documents: tuple[Document, ...]

    @property
    def years(self) -> tuple[int, ...]:
        return tuple(sorted({one.released.year for one in self.documents}))


def folder_name(tlp: Tlp) -> str:
    """As an address has it."""
    return tlp.value.replace("+", "-")


def folders(actor: Actor) -> tuple[Folder, ...]:
    """Every folder there is; those with nothing for the asker are empty."""
    found = []
    for begin, forms in FORMS.items():
        held: dict[Tlp, dict[int, Document]] = {tlp: {} for tlp in Tlp}
        for document in _read(actor, forms):
            held[document.tlp][document.number] = document
        for tlp, documents in held.items():
            newest = sorted(documents.values(), key=lambda one: (one.updated, one.number), reverse=True)
            found.append(Folder(f"{begin}{folder_name(tlp)}/", begin, tlp, tuple(newest)))
    return tuple(found)


def forget() -> None:
    """Holds nothing any more."""
    for shelves in _shelves.values():
        shelves.forget()


def _read(actor: Actor, forms: Iterable[Form]) -> Iterable[Document]:
    for form in forms:
        for place in places_of(actor):
            yield from _shelves[form].at(place).items.values()
