"""What exports need from outside: pictures, a printer, and a schema to be held to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Printed:
    """A PDF, and the scripts whose letters no font at hand could show (each as a reader names it, sorted)."""

    data: bytes
    unshown: tuple[str, ...]


class Printer(Protocol):
    def pdf(self, source: Callable[[Callable[[str], str]], str], at: datetime) -> Printed:
        """Print Typst source as a tagged PDF (PDF/UA-1) that says ``at`` as its date.

        ``source`` is given a function that puts words for letters no font has, and returns the source. A letter
        without a font is never printed as an empty box: it is replaced by the name of its script and reported.
        Reads no file and reaches no network; the same input and fonts give the same bytes. Raises ``Unavailable``
        (``cannot-print``).
        """
        ...


class Draughtsman(Protocol):
    def draw(
        self, rows: Sequence[Mapping[str, Any]], *, unit: str, title: str, description: str, font: str, width: int
    ) -> str:
        """Estimates below one another on one scale, as one accessible SVG (a title, a description, no script).

        A row has ``name`` and ``value``, and ``lower``, ``upper`` and ``baseline`` or ``None`` for each. ``width`` is
        in units of which a letter is 13 high: wider makes letters smaller on a page. The same rows draw the same
        picture.
        """
        ...


class Schema(Protocol):
    def check(self, bom: bytes) -> None:
        """Hold a CycloneDX 1.6 JSON document to its strict schema. Raises ``ValueError``: such a BOM is a defect."""
        ...

    def spdx(self) -> frozenset[str]:
        """The SPDX identifiers the schema knows."""
        ...
