"""When a revision is: after the one before, though two come at once or a clock went back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

_SECOND = timedelta(seconds=1)  # forms write moments to the second, and a version is known by its moment


def moment_after(before: Iterable[datetime], at: datetime) -> datetime:
    """``at``, or a second after the last moment of ``before`` if that is later."""
    return max([at, *(one + _SECOND for one in before)])
