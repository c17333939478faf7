"""Names for a report that was made without: which places it wants named, and the same facts with the names in.

A run that does not look names up itself is seven times faster. What it prints, ``(module+0x1234)``, is named
afterwards, once for each place of each binary; inlined calls give several frames for one place, the innermost first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from seatrial.clearinghouse.proofs.types import CrashFacts, Frame

from .names import cut, normal
from .runtime import own
from .stack import KEPT

Place = tuple[str, str, int | None]  # function as the symboliser prints it, path, line


def unnamed(facts: CrashFacts) -> tuple[tuple[str, int], ...]:
    """The (module, offset) of every frame without a name, each once, in the stack's order."""
    wanted = ((frame.module, frame.offset) for frame in facts.frames if not frame.function and frame.module)
    return tuple(dict.fromkeys((module, offset) for module, offset in wanted if offset is not None))


def symbolised(facts: CrashFacts, names: Mapping[tuple[str, int], Sequence[Place]]) -> CrashFacts:
    """``facts`` with the frames that ``names`` knows; the rest stay as they are.

    Frames of the runtime go once they are known.
    """
    frames: list[tuple[Frame, str]] = []
    for frame in facts.frames:
        found = names.get((frame.module, frame.offset), ()) if not frame.function and frame.offset is not None else ()
        known = [(normal(function), path, line) for function, path, line in found]
        known = [each for each in known if each[0] not in ("", "??")]
        frames += [(Frame(name, cut(_path(path)), line), _path(path)) for name, path, line in known] or [(frame, "")]
    return replace(facts, frames=own(frames)[:KEPT])


def _path(path: str) -> str:
    return "" if path in ("??", "<invalid>") else path
