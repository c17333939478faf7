"""One call as it came, and what its body asks for. Pure.

The body goes upstream byte for byte; it is read here only to know the model, the price and the depth. So
whatever two parsers might read differently is not let through: keys that stand twice, keys that differ from
``model`` only in case, other encodings than UTF-8.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from seatrial.gateway.images import Images, images_in
from seatrial.kernel.canonical import from_json
from seatrial.kernel.digests import Digest, digest
from seatrial.kernel.errors import Misuse

Fields = Sequence[tuple[str, str]]  # header fields as they are written

BYTES_A_TOKEN = 3  # a prompt is taken to have one token for three bytes: more than models count in practice

_LIMITING = ("max_tokens", "max_completion_tokens", "max_output_tokens", "n_predict")
_MULTIPLYING = ("n", "best_of")
_READING = frozenset({"embeddings", "messages/count_tokens"})  # paths whose answers have no tokens
_STORED = ("previous_response_id", "conversation")
_REFERENCE = frozenset({"id", "type"})  # an item of nothing else is one that is kept elsewhere
_OBJECT = re.compile(rb"\s*\{")
_LOGITS = frozenset({"logprobs", "top_logprobs", "prompt_logprobs", "n_probs"})


class Headers:
    """Header fields as they came, in their order; the names must be in lower case."""

    __slots__ = ("_first", "fields")

    def __init__(self, fields: Iterable[tuple[str, str]] = ()) -> None:
        self.fields = tuple(fields)
        self._first = dict(reversed(self.fields))

    def get(self, name: str) -> str:
        """The first field of that name, or ""."""
        return self._first.get(name, "")


class Large(Protocol):
    """A body that is not in memory. It has a length; whoever takes the call closes it."""

    def __len__(self) -> int: ...

    @property
    def digest(self) -> Digest: ...

    @property
    def pieces(self) -> int:
        """How many; together they are the body."""
        ...

    def piece(self, number: int) -> Awaitable[bytes]:
        """That piece, from 0. Raises ``Unavailable`` (``spool-broke``)."""
        ...

    def read(self, number: int) -> bytes:
        """The same, for a thread that may wait."""
        ...

    def close(self) -> None: ...


Body = bytes | Large


@dataclass(slots=True)
class Call:
    """A request whose path lies under ``/v1/``; ``path`` is what follows, as it was sent."""

    method: str
    path: str
    query: str
    headers: Headers
    body: Body


@dataclass(frozen=True, slots=True)
class Asked:
    """What a body asks for. ``prompt`` and ``answer`` are the most tokens either side may come to."""

    model: str | None
    logits: bool
    stream: bool
    prompt: int
    answer: int
    stored: bool = False  # it refers to what the endpoint keeps of earlier calls

    @property
    def tokens(self) -> int:
        return self.prompt + self.answer


UNREAD = Asked(None, False, False, 0, 0)


def asked(call: Call, *, answer_tokens: int) -> Asked:
    """Read the body. Raises ``Misuse`` (``body-invalid``, ``body-encoded``) if it cannot be read in one way only.

    A body that is no JSON object names no model: only an endpoint that need name none takes it. Whatever begins as
    one is read as one, whatever it claims to be, for an endpoint may do the same. A ``Large`` body is not read
    here, so it must not be JSON (``reading`` has a process for that).
    """
    if not len(call.body):
        return Asked(None, False, False, 0, 0)
    if call.headers.get("content-encoding").lower() not in ("", "identity"):
        raise Misuse("body-encoded", "The body is compressed; send it as plain JSON, so that its price can be read.")
    prompt = -(-len(call.body) // BYTES_A_TOKEN)
    if not isinstance(call.body, bytes) or not (is_json(call.headers) or _OBJECT.match(call.body)):
        return Asked(None, False, False, prompt, answer_tokens)
    try:
        body = from_json(call.body.decode(), "The body")
    except UnicodeDecodeError as error:
        raise Misuse("body-invalid", "The body is not UTF-8; send it as plain JSON in UTF-8.") from error
    except Misuse as error:
        raise Misuse("body-invalid", error.message) from error
    if not isinstance(body, dict):
        return Asked(None, False, False, prompt, answer_tokens)
    for key in body:
        if len(key) == 5 and key != "model" and key.casefold() == "model":
            raise Misuse("body-invalid", f"The body has the key {key!r}; name the model once, as 'model'.")
    if call.path in _READING:
        answer_tokens = 0
    limit = max([_count(body, name) for name in _LIMITING if name in body], default=0) or answer_tokens
    times = max([_count(body, name) for name in _MULTIPLYING if name in body], default=1) or 1
    times *= _prompts(body)
    model = body.get("model")
    images = images_in(call.path, body) if b"image" in call.body or b"screenshot" in call.body else Images()
    return Asked(
        model=model if isinstance(model, str) else None,
        logits=_asks_for_logits(body),
        stream=body.get("stream") is True,
        prompt=-((images.bytes - len(call.body)) // BYTES_A_TOKEN) + images.tokens,
        answer=limit * times,
        stored=call.path == "responses" and _refers(body),
    )


def body_digest(body: Body) -> Digest:
    """SHA-256 of the body."""
    return digest(body) if isinstance(body, bytes) else body.digest


def is_json(headers: Headers) -> bool:
    """True if the body claims to be JSON."""
    return "json" in headers.get("content-type").lower()


def _count(body: Mapping[str, Any], name: str) -> int:
    """0 if it is not said."""
    value = body.get(name)
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise Misuse("body-invalid", f"'{name}' is {str(value)[:40]!r}; it must be a whole number of at least 1.")
    return value


def _prompts(body: Mapping[str, Any]) -> int:
    """How many prompts a completion request carries: a list of texts or of token lists is a batch."""
    prompts = body.get("prompt")
    batch = isinstance(prompts, list) and any(isinstance(item, str | list) for item in prompts)
    return len(prompts) if batch and isinstance(prompts, list) else 1


def _refers(body: Mapping[str, Any]) -> bool:
    """True if a call of the Responses API goes on from a stored answer or conversation, or names a part of one."""
    if any(body.get(name) is not None for name in _STORED):
        return True
    given = body.get("input")
    return isinstance(given, list) and any(
        isinstance(item, dict) and (item.get("type") == "item_reference" or ("id" in item and set(item) <= _REFERENCE))
        for item in given
    )


def _asks_for_logits(body: Mapping[str, Any]) -> bool:
    """By a key of its own, or in the Responses API by an entry of ``include``."""
    if not _LOGITS.isdisjoint(body) and any(body.get(name) not in (None, False, 0) for name in _LOGITS):
        return True
    include = body.get("include")
    return isinstance(include, list) and any(isinstance(item, str) and "logprobs" in item for item in include)
