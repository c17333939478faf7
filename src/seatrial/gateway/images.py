"""What the images in a body may cost. Pure.

    an image in a part of a message  →  ``IMAGE_TOKENS``; its base64 is not counted as text
    everything else in the body      →  by its bytes

A model reads an image by its area, not by its bytes: a mebibyte of PNG is a few thousand tokens, and one white page of
some hundred bytes may be as many. Only what cannot be text is taken out of the bytes: base64 that can be read in one
way only, of a file that begins as PNG, JPEG, GIF or WebP begin, in the place where the protocol has its images. Sound
and documents count by their bytes: what a model makes of them follows those.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

IMAGE_TOKENS = 16_384  # the most that an open model takes for one image unless told otherwise; most take far less

_CHAT, _RESPONSES, _MESSAGES = "chat/completions", "responses", "messages"
_TURNS: Mapping[str, str] = {  # where a path has its turns
    _CHAT: "messages",
    _RESPONSES: "input",
    _MESSAGES: "messages",
    f"{_MESSAGES}/count_tokens": "messages",
}
_NESTING = ("content", "output")  # where a turn has its parts, and a tool's answer among them its own
_DEEPEST = 2
_DATA_URL = re.compile(r"data:image/(?:png|jpeg|jpg|gif|webp);base64,", re.IGNORECASE)
_MEDIA_TYPES = frozenset({"image/png", "image/jpeg", "image/jpg", "image/gif", "image/webp"})
_BEGINNINGS = re.compile(rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff|GIF8[79]a|RIFF.{4}WEBP", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Images:
    """How many a body has, and how many of its bytes are theirs."""

    count: int = 0
    bytes: int = 0

    @property
    def tokens(self) -> int:
        """The most that they may cost."""
        return self.count * IMAGE_TOKENS


def images_in(path: str, body: Mapping[str, Any]) -> Images:
    """The images in the turns of a body sent to ``path``, those that it only links to among them.

    ``bytes`` is never more than what the body takes for them, whatever way its JSON was written.
    """
    turns = body.get(_TURNS.get(path, ""))
    found = [_carried(part, path) for turn in _objects(turns) for part in _parts(turn, _DEEPEST)]
    sizes = [size for size in found if size is not None]
    return Images(len(sizes), sum(sizes))


def _parts(turn: Mapping[str, Any], deep: int) -> Iterator[Mapping[str, Any]]:
    """Every part of a turn, and those of a tool's answer inside it."""
    for part in (part for name in _NESTING for part in _objects(turn.get(name))):
        yield part
        if deep > 1:
            yield from _parts(part, deep - 1)


def _objects(found: object) -> Iterator[Mapping[str, Any]]:
    """The objects of a list; an object alone is one (the screenshot that a computer's use puts out)."""
    return (one for one in (found if isinstance(found, list) else (found,)) if isinstance(one, dict))


def _carried(part: Mapping[str, Any], path: str) -> int | None:
    """Bytes of base64 in a part that is an image; ``None`` if it is none, 0 if it brings none that can be read."""
    kind = part.get("type")
    if path == _CHAT and kind == "image_url":
        link = part.get("image_url")
        return _in_url(link.get("url") if isinstance(link, dict) else link)
    if path == _RESPONSES and kind in ("input_image", "computer_screenshot"):
        return _in_url(part.get("image_url"))
    if path.startswith(_MESSAGES) and kind == "image":
        source = part.get("source")
        if isinstance(source, dict) and source.get("type") == "base64" and source.get("media_type") in _MEDIA_TYPES:
            return _of_image(source.get("data"))
        return 0
    return None


def _in_url(url: object) -> int:
    begun = _DATA_URL.match(url) if isinstance(url, str) else None
    return _of_image(url[begun.end() :]) if begun is not None and isinstance(url, str) else 0


def _of_image(data: object) -> int:
    if not isinstance(data, str) or not data.isascii():
        return 0
    try:
        file = binascii.a2b_base64(data, strict_mode=True)
    except ValueError:
        return 0
    return len(data) if _BEGINNINGS.match(file) else 0
