"""What some official tests need beside the document: answers of URLs, a dictionary, a grammar, known extensions.

None is at hand unless given.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Proofreader = Callable[[str, str], Sequence[str] | None]


@dataclass(frozen=True, slots=True)
class Extension:
    """A CSAF 2.1 extension that is known here: its JSON schema, the rules of its metadata, and its class
    ("official", "registered" or "experimental")."""

    schema: Mapping[str, Any]
    metadata: Mapping[str, Any] = field(default_factory=dict)
    kind: str = "experimental"


@dataclass(frozen=True, slots=True)
class Aids:
    """Without one of these, the tests that need it are listed as unjudged, never as passed.

    `answer` gives the HTTP status of a URL, or None when nobody answers. `spelling` and `grammar` take a language tag
    and a text and give the mistakes in it, or None when they do not know the language. `extensions` are keyed by
    `$schema`.
    """

    answer: Callable[[str], int | None] | None = None
    spelling: Proofreader | None = None
    grammar: Proofreader | None = None
    extensions: Mapping[str, Extension] = field(default_factory=dict)
