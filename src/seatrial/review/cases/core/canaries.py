"""The form of a canary: ``seatrial-canary-`` and 26 letters and digits, planted in what is handed over.

Whoever finds one elsewhere holds the proof that it leaked. The string is shown once and kept only as a digest.
"""

from __future__ import annotations

import re
import secrets

from seatrial.kernel.digests import Digest, digest

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_FORM = re.compile(r"seatrial-canary-[0-9a-hj-km-np-tv-z]{26}", re.IGNORECASE)
_MOST = 1000  # canaries looked for in one text


def new_canary() -> str:
    """A fresh string of 130 random bits."""
    return "seatrial-canary-" + "".join(secrets.choice(_ALPHABET) for _ in range(26))


def digest_of_canary(text: str) -> Digest:
    """What is kept of a canary."""
    return digest(text.lower().encode())


def digests_in(text: str) -> list[Digest]:
    """The digests of every canary that stands in ``text``, each once, a thousand at most."""
    found = dict.fromkeys(match.group() for match in _FORM.finditer(text))
    return [digest_of_canary(one) for one in list(found)[:_MOST]]
