"""Tokens read from an answer as it passes. Pure; never raises, whatever the bytes are.

A JSON answer says its ``usage``. A stream (server-sent events, WHATWG HTML 9.2) may say it in its last events; until
then, and if it never does, each event that carries content counts as one token of the answer. What was reported never
falls by a later report.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

_JSON = json.JSONDecoder()
_MOST = 10**12  # a count beyond this is no count
_LONGEST_LINE = 2**20
_CACHED = frozenset({"cache_creation_input_tokens", "cache_read_input_tokens"})
_LAST = ("response.completed", "message_stop")
_LESSONS = 20  # patterns sought in one stream: where none lasts, seeking is dearer than reading
_PROBE = b"seatrial"
_WORDS = tuple(re.compile(rb'"%b"\s*:\s*"' % name) for name in (b"content", b"text", b"delta", b"partial_json"))
_PLAIN = bytes(set(range(0x20, 0x7F)) - set(b'"\\'))
_ROLE_NAMES = (b"assistant", b"system", b"user", b"tool")
_LINE_END = re.compile(rb"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class Tokens:
    """``None`` means unknown."""

    prompt: int | None = None
    answer: int | None = None


_UNKNOWN = Tokens()


class Meter(Protocol):
    """Is fed every byte of an answer in order."""

    @property
    def answered(self) -> int:
        """Tokens of the answer seen so far, at least."""
        ...

    @property
    def last_said(self) -> bool:
        """True once the answer said that nothing follows."""
        ...

    def feed(self, chunk: bytes) -> None: ...

    def tokens(self) -> Tokens:
        """What the answer came to, as far as it was seen."""
        ...


class SilentMeter:
    """For answers that cannot be read: nothing is known of them."""

    answered = 0
    last_said = False

    def feed(self, chunk: bytes) -> None:
        """Nothing is read from it."""

    def tokens(self) -> Tokens:
        return _UNKNOWN


class JsonMeter:
    """Keeps a JSON answer of at most ``kept`` bytes, and reads its ``usage`` when asked."""

    answered = 0
    last_said = False

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._data = bytearray()
        self._too_long = False

    def feed(self, chunk: bytes) -> None:
        if self._too_long or len(self._data) + len(chunk) > self._kept:
            self._too_long = True
            self._data.clear()
        else:
            self._data += chunk

    def tokens(self) -> Tokens:
        found = None if self._too_long else _usage_in(_object(self._data))
        return found or _UNKNOWN


class StreamMeter:
    """Reads server-sent events, however the bytes are cut. A line without end is dropped, not kept."""

    def __init__(self, prompt: int) -> None:
        self._prompt = prompt
        self._line = bytearray()
        self._dropping = False
        self._deltas = 0
        self._reported: Tokens | None = None
        self._pattern: Pattern | None = None
        self._lessons = _LESSONS
        self.last_said = False

    @property
    def answered(self) -> int:
        reported = self._reported.answer if self._reported else None
        return max(self._deltas, reported or 0)

    def feed(self, chunk: bytes) -> None:
        """Whole events that fit the pattern are only counted; any other is read, and may be the next pattern."""
        place = 0
        while not self._line and not self._dropping and (self._pattern is not None or self._lessons):
            if self._pattern is not None:
                place, events = self._pattern.run(chunk, place)
                self._deltas += events
            end = chunk.find(b"\n\n", place) + 2
            if not self._lessons or end < 2:
                break
            event, before = chunk[place:end], self._deltas
            self._feed(event)
            if self._deltas == before + 1:
                self._lessons -= 1
                self._pattern = pattern_of(event)
            place = end
        if place < len(chunk):
            self._feed(chunk[place:])

    def _feed(self, chunk: bytes) -> None:
        # A line may end in CR LF cut between two chunks: the LF then ends an empty line, which says nothing.
        *whole, rest = _LINE_END.split(chunk)
        for part in whole:
            self._line += part
            if not self._dropping:
                self._read(bytes(self._line))
            self._line.clear()
            self._dropping = False
        self._line += rest
        if len(self._line) > _LONGEST_LINE:
            self._dropping = True
            self._line.clear()

    def tokens(self) -> Tokens:
        said = self._reported
        if said is None:
            return Tokens(self._prompt, self._deltas)
        return Tokens(
            self._prompt if said.prompt is None else said.prompt, self._deltas if said.answer is None else said.answer
        )

    def _read(self, line: bytes) -> None:
        if not line.startswith(b"data:"):
            return
        data = line[5:].strip()
        if data == b"[DONE]":
            self.last_said = True
            return
        event = _object(data)
        if event is None:
            return
        self._deltas += _has_content(event)
        said = _usage_in(event)
        if said is not None:
            self._reported = _later(self._reported, said)
        if event.get("type") in _LAST:
            self.last_said = True


@dataclass(frozen=True, slots=True)
class Pattern:
    """An event with content, but for its words. Another that differs in them alone is one too: the same JSON with
    another string in the same place reports the same, and ends a stream no more than the first did.

    Its words are such as JSON takes as they stand: ASCII, printable, unescaped, and no name of a role.
    """

    before: bytes
    after: bytes

    def run(self, chunk: bytes, place: int) -> tuple[int, int]:
        """Where the events end that fit from ``place`` on, and how many there are."""
        before, after, count = self.before, self.after, 0
        while chunk.startswith(before, place):
            begin = place + len(before)
            end = chunk.find(b'"', begin)
            words = chunk[begin:end]
            if not words or not chunk.startswith(after, end) or words in _ROLE_NAMES or words.translate(None, _PLAIN):
                break
            place, count = end + len(after), count + 1
        return place, count


def pattern_of(event: bytes) -> Pattern | None:
    """The pattern of an event with content, if it stands on one line and its words can be told from the rest."""
    if not (event.startswith(b"data:") and event.count(b"\n") == 2) or b"\r" in event:
        return None
    for name in _WORDS:
        found = name.search(event)
        if found is None:
            continue
        before, after = event[: found.end()], event[event.find(b'"', found.end()) :]
        said = _object((before + _PROBE + after)[5:])
        if said is not None and _has_content(said) and _usage_in(said) is None and said.get("type") not in _LAST:
            return Pattern(before, after)
    return None


def meter_for(content_type: str, content_encoding: str, *, prompt: int, kept: int) -> Meter:
    """The meter that reads answers of that type."""
    kind = content_type.partition(";")[0].strip().lower()
    if content_encoding.lower() not in ("", "identity"):
        return SilentMeter()
    if kind == "text/event-stream":
        return StreamMeter(prompt)
    return JsonMeter(kept) if kind == "application/json" else SilentMeter()


def _object(data: bytes | bytearray) -> dict[str, Any] | None:
    try:
        found = _JSON.decode(data.decode())
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _usage_in(found: Mapping[str, Any] | None) -> Tokens | None:
    """The ``usage`` of an answer, or of the response or message inside an event of Responses or Messages.

    Anthropic counts what a cache took or gave apart from its ``input_tokens``; a prompt is all of it. The answer that
    ``message_start`` reports has not been written yet and is no report.
    """
    if found is None:
        return None
    usage = found.get("usage")
    if not usage:
        inner = found.get("response") or found.get("message")
        usage = inner.get("usage") if isinstance(inner, dict) else None
    if not isinstance(usage, dict):
        return None
    prompt = _count(usage, "prompt_tokens", "input_tokens")
    if prompt is not None and not _CACHED.isdisjoint(usage):
        prompt += sum(_count(usage, name) or 0 for name in _CACHED)
    answer = None if found.get("type") == "message_start" else _count(usage, "completion_tokens", "output_tokens")
    return None if prompt is None and answer is None else Tokens(prompt, answer)


def _later(before: Tokens | None, said: Tokens) -> Tokens:
    """Two reports of one stream as one: a count that a report leaves out, or that falls, stays as it was."""
    if before is None:
        return said
    return Tokens(_most(before.prompt, said.prompt), _most(before.answer, said.answer))


def _most(first: int | None, second: int | None) -> int | None:
    known = [count for count in (first, second) if count is not None]
    return max(known, default=None)


def _count(usage: Mapping[str, Any], *names: str) -> int | None:
    for name in names:
        value = usage.get(name)
        if type(value) is int and 0 <= value <= _MOST:
            return value
    return None


def _has_content(event: Mapping[str, Any]) -> bool:
    kind = event.get("type")
    if isinstance(kind, str):  # Responses, Messages
        return kind.endswith(".delta") or kind == "content_block_delta"
    choices = event.get("choices")
    if not isinstance(choices, list):
        return False
    return any(isinstance(choice, dict) and _says(choice) for choice in choices)


def _says(choice: Mapping[str, Any]) -> bool:
    delta = choice.get("delta")
    said = (choice.get("text"), *(delta.values() if isinstance(delta, dict) else ()))
    roles = ("assistant", "system", "user", "tool")
    return any(value and value not in roles for value in said if isinstance(value, str | list | dict))
