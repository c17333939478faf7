"""A request and its answer without a framework: what each protocol reads and makes, whoever carried it here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from seatrial.kernel.errors import Misuse


@dataclass(frozen=True, slots=True)
class Asked:
    """``path`` is decoded and begins with a slash, ``query`` is as it came, names in ``headers`` are in lower case."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def parameters(self) -> dict[str, str]:
        """What the query says, each word once. Raises ``Misuse`` (``bad-query``)."""
        try:
            pairs = parse_qsl(self.query, keep_blank_values=True, max_num_fields=50)
        except ValueError as error:
            raise Misuse("bad-query", "This query has too many parts; ask for fewer things at once.") from error
        found = dict(pairs)
        if len(found) < len(pairs):
            raise Misuse("bad-query", "A word of this query stands twice; separate several values by commas.")
        return found


@dataclass(frozen=True, slots=True)
class Answer:
    """``etag`` stands for exactly these bytes."""

    status: int
    body: bytes
    media_type: str
    headers: tuple[tuple[str, str], ...] = ()
    etag: str = ""

    def tagged(self) -> Answer:
        """The same with its etag."""
        tag = f'"{hashlib.sha256(self.body).hexdigest()[:32]}"'
        return Answer(self.status, self.body, self.media_type, self.headers, tag)

    def all_headers(self) -> list[tuple[str, str]]:
        """As they are sent. Whoever keeps an answer asks again before using it: what may be read can change."""
        found = [("Content-Type", self.media_type)] if self.media_type else []
        found += [("ETag", self.etag)] if self.etag else []
        return [*found, *_ALWAYS, *self.headers]


def as_json(value: Mapping[str, Any]) -> Answer:
    """A document as people can read it, too, with its etag."""
    return Answer(200, json.dumps(value, ensure_ascii=False, indent=1).encode(), "application/json").tagged()


_ALWAYS = (
    ("Cache-Control", "private, no-cache"),
    ("Vary", "Accept, Authorization"),
    ("X-Content-Type-Options", "nosniff"),
)


def unchanged(answer: Answer, known: str) -> bool:
    """True if ``known``, the value of If-None-Match, names this answer (RFC 9110, 13.1.2: compared weakly)."""
    if not (answer.status == 200 and answer.etag and known):
        return False
    return known.strip() == "*" or answer.etag in (one.strip().removeprefix("W/") for one in known.split(","))
