"""HTTP/1.1 read to the letter of RFC 9112, slowly and once more: what the gateway's reading is held against. Pure.

Whatever the grammar does not say is ``doubtful``, and nothing is read after it. What the RFC lets a reader be lenient
with is not read leniently, but for two things in which nothing can hide: ends of lines before a message, in whatever
form, and further spaces between the words of a request line (nginx skips both).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_REQUEST_LINE = re.compile(rb"(%b) +([\x21-\x7e\x80-\xff]+) +HTTP/(1\.[01])" % _TOKEN)
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-5][0-9][0-9])(?: [^\r\n]*)?")  # words that nobody reads
_FIELD = re.compile(
    rb"(%b):[ \t]*((?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?)[ \t]*" % _TOKEN
)
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,15})((?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?)")
_END = b"\r\n"

Fields = tuple[tuple[bytes, bytes], ...]


class Doubtful(Exception):
    """This can be read in more ways than one, or in none."""


class Unfinished(Exception):
    """So far it is right, and there is more to come."""


@dataclass(frozen=True)
class Message:
    """A request, or an answer. ``line`` holds the parts of its first line; names of fields are in lower case."""

    line: tuple[bytes, ...]
    fields: Fields
    body: bytes

    def field(self, name: bytes) -> bytes:
        return next((value for key, value in self.fields if key == name), b"")


@dataclass(frozen=True)
class Reading:
    """Every whole message, and what came of the rest: nothing left, ``unfinished`` or ``doubtful``."""

    messages: tuple[Message, ...]
    rest: str
    begun: bytes = b""  # of an answer's body, if it is not whole


def requests_in(data: bytes) -> Reading:
    """Every request of a connection, in order."""
    found: list[Message] = []
    reader = _Reader(data)
    while True:
        try:
            reader.skip_ends()
            if reader.at == len(data):
                return Reading(tuple(found), "")
            found.append(reader.request())
        except Doubtful:
            return Reading(tuple(found), "doubtful")
        except Unfinished:
            return Reading(tuple(found), "unfinished")


def answer_in(data: bytes, *, closed: bool) -> Reading:
    """The answer to one request, after those that only inform. What follows it is not looked at."""
    reader = _Reader(data)
    reader.skip_ends()
    try:
        return Reading((reader.answer(closed),), "")
    except Doubtful:
        return Reading((), "doubtful", bytes(reader.body))
    except Unfinished:
        return Reading((), "unfinished", bytes(reader.body))


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data, self.at, self.body = data, 0, bytearray()

    def skip_ends(self) -> None:
        while self.data[self.at : self.at + 1] in (b"\r", b"\n"):
            self.at += 1

    def request(self) -> Message:
        found = self._matched(_REQUEST_LINE, self._line())
        fields = self._fields()
        self.body = bytearray()
        lengths, coding = _named(fields, b"content-length"), _named(fields, b"transfer-encoding")
        hosts = len(_named(fields, b"host"))
        if hosts > 1 or (found[3] == b"1.1" and not hosts) or (coding and (lengths or found[3] == b"1.0")):
            raise Doubtful
        self._read_body(lengths, coding, otherwise=0)
        return Message((found[1], found[2], found[3]), fields, bytes(self.body))

    def answer(self, closed: bool) -> Message:
        while True:
            status = self._matched(_STATUS_LINE, self._line())[1]
            fields = self._fields()
            if status == b"101":
                raise Doubtful
            if not status.startswith(b"1"):
                break
            self.skip_ends()
        lengths, coding = _named(fields, b"content-length"), _named(fields, b"transfer-encoding")
        if coding and lengths:
            raise Doubtful
        if status not in (b"204", b"304"):
            rest = len(self.data) - self.at if closed else None
            self._read_body(lengths, coding, otherwise=rest)
        return Message((status,), fields, bytes(self.body))

    def _read_body(self, lengths: list[bytes], coding: list[bytes], *, otherwise: int | None) -> None:
        if coding:
            if [one.lower() for one in coding] != [b"chunked"]:
                raise Doubtful
            self._chunks()
        elif lengths:
            if len(lengths) > 1 or not re.fullmatch(rb"[0-9]{1,18}", lengths[0]):
                raise Doubtful
            self._take(int(lengths[0]))
        elif otherwise is None:
            self.body += self.data[self.at :]
            raise Unfinished
        else:
            self._take(otherwise)

    def _chunks(self) -> None:
        while True:
            size = int(self._matched(_CHUNK, self._line())[1], 16)
            if not size:
                self._fields()
                return
            self._take(size)
            end = self.data[self.at : self.at + 2]
            if not _END.startswith(end):
                raise Doubtful
            if end != _END:
                raise Unfinished
            self.at += 2

    def _take(self, size: int) -> None:
        self.body += self.data[self.at : self.at + size]
        self.at += size
        if self.at > len(self.data):
            raise Unfinished

    def _fields(self) -> Fields:
        found: list[tuple[bytes, bytes]] = []
        while line := self._line():
            name, value = self._matched(_FIELD, line).groups()
            found.append((name.lower(), value))
        return tuple(found)

    def _line(self) -> bytes:
        """Up to CR LF; neither of them may stand alone."""
        end = self.data.find(_END, self.at)
        line = self.data[self.at :] if end < 0 else self.data[self.at : end]
        if b"\n" in line or b"\r" in (line.removesuffix(b"\r") if end < 0 else line):
            raise Doubtful
        if end < 0:
            raise Unfinished
        self.at = end + 2
        return line

    @staticmethod
    def _matched(pattern: re.Pattern[bytes], line: bytes) -> re.Match[bytes]:
        found = pattern.fullmatch(line)
        if found is None:
            raise Doubtful
        return found


def _named(fields: Fields, name: bytes) -> list[bytes]:
    return [value for key, value in fields if key == name]
