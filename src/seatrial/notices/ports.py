"""What notices need from outside: someone who carries mail, someone who posts, something that seals secrets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from .types import Letter, Outcome, Posting


class Mailer(Protocol):
    """Guarantees: each letter is yielded once with its outcome, as soon as it is known; a letter that cannot be sent
    never keeps the next one from being tried; no address stands in another's letter. Raises nothing."""

    def send(self, letters: Sequence[Letter]) -> Iterator[tuple[Letter, Outcome]]: ...


class Poster(Protocol):
    """Guarantees: ends within ten seconds, name resolution included; follows no redirect; reads a bounded answer and
    repeats none of it; connects only to an address that was checked, and to exactly that; verifies TLS. Raises
    nothing."""

    def post(self, posting: Posting) -> Outcome: ...


class Sealer(Protocol):
    """See ``kernel.sealing.FileSealer``."""

    def seal(self, secret: str, context: str) -> str: ...

    def unseal(self, sealed: str, context: str) -> str:
        """Raises ``Unavailable`` (``key-missing`` or ``seal-broken``)."""
        ...
