"""The fields of a part: each says what it is called, what it asks, and how it must look. Pure."""

from __future__ import annotations

from dataclasses import field
from typing import Any


def of(default: Any, title: str, ask: str, **more: Any) -> Any:
    return field(default=default, metadata={"title": title, "ask": ask, **more})


def one_line(title: str, ask: str = "", *, longest: int = 300, **more: Any) -> Any:
    """One line of text. ``refs`` names the list whose keys it may hold; ``form`` how it must look (``date``, ``key``,
    ``url``, ``digest``); ``vocabulary`` that it says nothing by itself, so that the same word may stand elsewhere."""
    return of("", title, ask, longest=longest, **more)


def needed(title: str, ask: str = "", *, longest: int = 300, **more: Any) -> Any:
    """One line of text that may not be left out."""
    return of("", title, ask, longest=longest, required=True, **more)


def own_key() -> Any:
    """What others of this document name the item by."""
    ask = "A short name for references inside this document, such as cyber-range."
    return needed("Key", ask, longest=60, form="key", vocabulary=True)


def prose(title: str, ask: str = "") -> Any:
    """Paragraphs of Markdown."""
    return of((), title, ask)


def some_lines(title: str, ask: str = "", *, longest: int = 300, **more: Any) -> Any:
    """Any number of lines."""
    return of((), title, ask, longest=longest, **more)


def a_number(title: str, ask: str = "", *, least: float | None = 0, most: float | None = None) -> Any:
    """A number or nothing; ``least`` and ``most`` bound it, both inclusive."""
    return of(None, title, ask, least=least, most=most)


def one_of(title: str, ask: str = "") -> Any:
    """One word of an enum, or nothing."""
    return of(None, title, ask)


def list_of(title: str, ask: str = "", one: str = "item") -> Any:
    """Any number of items; ``one`` is what one of them is called."""
    return of((), title, ask, one=one)


def a_date(title: str, ask: str = "") -> Any:
    """A day, a month or a year: 2026-03-31, 2026-03 or 2026."""
    return one_line(
        title, ask or "A day, a month or a year, such as 2026-03.", longest=10, form="date", vocabulary=True
    )
