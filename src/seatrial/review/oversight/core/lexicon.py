"""Words of pressure: a small list that anybody can read, and where they stand in a request.

It says where a person may want to read, nothing more. A phrase is found whatever its case, as whole words; what a
request quotes (Markdown's ``>``) is somebody else's and left out.
"""

from __future__ import annotations

import re

PHRASES: tuple[str, ...] = (
    "must",
    "required before release",
    "before you release",
    "before you may",
    "or else",
    "otherwise we",
    "failure to",
    "consequences",
    "immediately",
    "at once",
    "without delay",
    "deadline",
    "no later than",
    "final notice",
    "last chance",
    "mandatory",
    "obliged",
    "non-negotiable",
    "we expect you to",
)

_ANY = re.compile(
    "|".join(rf"\b{re.escape(one)}\b".replace(r"\ ", r"\s+") for one in sorted(PHRASES, key=len, reverse=True)), re.I
)
_QUOTED = re.compile(r"^[ \t]*>.*$", re.M)


def pressing(text: str) -> tuple[str, ...]:
    """The phrases of the list that stand in ``text``, each once, in the order of the text."""
    found = (" ".join(match.group().lower().split()) for match in _ANY.finditer(_QUOTED.sub("", text)))
    return tuple(dict.fromkeys(found))
