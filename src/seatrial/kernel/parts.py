"""Many in parts: a database takes only so many names in one question."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

_T = TypeVar("_T")

AT_ONCE = 500  # names in one query


def in_parts(items: Iterable[_T], size: int = AT_ONCE) -> Iterator[list[_T]]:
    """``size`` of them each time, in their order; the last part may hold fewer. No part is empty."""
    left = iter(items)
    while part := list(islice(left, size)):
        yield part
