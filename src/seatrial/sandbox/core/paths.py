"""Paths that stay inside a work folder, as far as text can tell; links are the adapter's to refuse."""

from __future__ import annotations

from seatrial.kernel.errors import Misuse


def parts(path: str) -> tuple[str, ...]:
    """The components of a relative path. Raises ``Misuse`` (``bad-path``) for an absolute one and for ``..``."""
    found = tuple(part for part in path.split("/") if part not in ("", "."))
    if path.startswith("/") or not found or ".." in found or "\0" in path:
        raise Misuse(
            "bad-path", f"{path!r} is no file in the work folder; write a relative path without '..', e.g. src/main.c."
        )
    return found
