"""Access: every use of the model, the keys, and the credential of one's own endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

from seatrial.review.access.types import ExchangeView, KeyView, NewKey, Side, Usage

from .calling import Caller, Received, at

PAGE = 500


@dataclass(frozen=True, slots=True)
class Access:
    """The developer sees each use of its model and every key of its reviews."""

    _caller: Caller

    def uses(self, review: str, *, limit: int = 100, before: str | None = None) -> tuple[ExchangeView, ...]:
        """The latest ``limit`` (at most 1000) uses, newest first; ``before`` is the id of one to go on from."""
        return self._caller.get_all(ExchangeView, at("reviews", review, "exchanges"), limit=limit, before=before)

    def all_uses(self, review: str) -> Iterator[ExchangeView]:
        """Every use, newest first, fetched as they are read."""
        before: str | None = None
        while page := self.uses(review, limit=PAGE, before=before):
            yield from page
            before = page[-1].id

    def receipt(self, review: str, exchange: str) -> dict[str, Any]:
        """The receipt of one use: write it to a file as it is, and keep it."""
        found: dict[str, Any] = self._caller.get_json(at("reviews", review, "exchanges", exchange, "receipt"))
        return found

    def body(self, review: str, exchange: str, side: Side, into: IO[bytes]) -> Received:
        """Write what was sent or answered into a file open for writing, if the consent had it kept: sealed, so that
        only the keys that the consent names open it; checked by its digest.
        """
        return self._caller.get_file(at("reviews", review, "exchanges", exchange, "bodies", side.value), into)

    def uses_csv(self, review: str, *, limit: int = 1000) -> bytes:
        """The latest uses as a table (RFC 4180, UTF-8)."""
        return self._caller.get_bytes(at("reviews", review, "exchanges.csv"), limit=limit)

    def usage(self, review: str) -> Usage:
        """What the standing consent was charged so far."""
        return self._caller.get(Usage, at("reviews", review, "usage"))

    def keys(self, review: str) -> tuple[KeyView, ...]:
        """The keys of a review, never their secrets."""
        return self._caller.get_all(KeyView, at("reviews", review, "keys"))

    def issue_key(self, review: str, purpose: str) -> NewKey:
        """Your own access key, for people whom the consent names. Its secret is shown this once."""
        return self._caller.change(NewKey, "POST", at("reviews", review, "keys"), {"purpose": purpose})

    def revoke_key(self, key: str) -> None:
        """End a key; streams that use it are cut."""
        self._caller.change_silently("POST", at("keys", key, "revoke"))

    def set_credential(self, review: str, credential: str) -> None:
        """Keep your endpoint's API key, sealed: only the gateway ever uses it."""
        self._caller.change_silently("PUT", at("reviews", review, "credential"), {"credential": credential})
