"""Spelling by the word lists of the kept library `pyspellchecker`, and a few patterns of wrong English.

The patterns are no grammar: they find a modal verb before a participle ("must followed") and an indefinite article
before a plural ("a products"). Both proofreaders only inform.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from spellchecker import SpellChecker

_LANGUAGES = frozenset({"de", "en", "es", "fr", "it", "nl", "pt"})
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_TECHNICAL = re.compile(r"https?://\S+|\S*[\d_@/\\=<>{}]\S*")
_MODAL = re.compile(r"\b(must|should|can|could|may|might|will|would|shall) ([a-z]+ed)\b")
_PLURAL = re.compile(r"\b(an?) ([a-z]{3,}[^aious\W]s)\b")
_BASES = frozenset(
    ["bleed", "breed", "embed", "exceed", "feed", "heed", "need", "proceed", "seed", "shed", "speed", "succeed"]
)
_SINGULAR = frozenset(["means", "series", "species", "always", "lens", "needs"])


@lru_cache(maxsize=8)
def _words(language: str) -> Any:
    return SpellChecker(language=language)


def spelling(language: str, text: str) -> Sequence[str] | None:
    """The words of a text that the language's list does not have; None when there is no list of that language.

    Left aside: names in capitals, words of three letters or fewer, and what holds digits or marks of code.
    """
    primary = language.split("-")[0].lower()
    if primary not in _LANGUAGES:
        return None
    words = dict.fromkeys(word for word in _WORD.findall(_TECHNICAL.sub(" ", text)) if len(word) > 3)
    plain = [word for word in words if not word.isupper()]
    unknown = _words(primary).unknown(plain) if plain else set()
    return [word for word in plain if word.lower() in unknown]


def grammar(language: str, text: str) -> Sequence[str] | None:
    """What the patterns find wrong in an English text; None for other languages."""
    if language.split("-")[0].lower() != "en":
        return None
    found = [match[0] for match in _MODAL.finditer(text) if match[2] not in _BASES]
    return found + [match[0] for match in _PLURAL.finditer(text) if match[2] not in _SINGULAR]
