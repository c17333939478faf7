"""The form of an access key: ``stk-<id>-<secret>``, 80 random bits that name it and 256 that prove it."""

from __future__ import annotations

import re
import secrets

from seatrial.kernel.ids import new_id

_FORM = re.compile(r"stk-([0-9a-z]{16})-[A-Za-z0-9_-]{43}")


def new_key() -> tuple[str, str]:
    """A fresh key's id (``key-…``) and its whole text, which is shown once and kept only as a digest."""
    key_id = new_id("key")
    return key_id, f"stk-{key_id.removeprefix('key-')}-{secrets.token_urlsafe(32)}"


def id_in(text: str) -> str | None:
    """The id a key's text names, or ``None`` if it has not the form of a key."""
    found = _FORM.fullmatch(text)
    return f"key-{found[1]}" if found else None


def looks_like_key(text: str) -> bool:
    """True if ``text`` has the form of a key; whether there is one is another question."""
    return id_in(text) is not None
