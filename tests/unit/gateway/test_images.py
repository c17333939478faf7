"""What images cost before a call: a bound for each, whatever their bytes; and no text is cheaper for it."""

from __future__ import annotations

import base64
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.gateway.call import Call, Headers, asked
from seatrial.gateway.images import IMAGE_TOKENS, Images, images_in

PNG = b"\x89PNG\r\n\x1a\n"
PIXELS = base64.b64encode(PNG + b"\0" * 30_000).decode()
JSON = Headers([("content-type", "application/json")])


def turn(path: str, *parts: Any) -> dict[str, Any]:
    """A body with one turn of these parts."""
    return {"input" if path == "responses" else "messages": [{"role": "user", "content": list(parts)}]}


def image(path: str, data: str, kind: str = "image/png") -> dict[str, Any]:
    if path.startswith("messages"):
        return {"type": "image", "source": {"type": "base64", "media_type": kind, "data": data}}
    url = f"data:{kind};base64,{data}"
    if path == "responses":
        return {"type": "input_image", "image_url": url}
    return {"type": "image_url", "image_url": {"url": url}}


def text(words: str) -> dict[str, str]:
    return {"type": "text", "text": words}


def reserved(path: str, body: dict[str, Any]) -> tuple[int, int]:
    """Tokens reserved for the prompt, and bytes of the body."""
    data = json.dumps(body).encode()
    return asked(Call("POST", path, "", JSON, data), answer_tokens=0).prompt, len(data)


PATHS = ["chat/completions", "responses", "messages", "messages/count_tokens"]


@pytest.mark.parametrize("path", PATHS)
def test_an_image_costs_its_bound_and_its_bytes_are_not_text(path):
    body = turn(path, text("what is this?"), image(path, PIXELS), image(path, PIXELS, "image/jpeg"))
    assert images_in(path, body) == Images(2, 2 * len(PIXELS))
    tokens, size = reserved(path, body)
    assert tokens == math.ceil((size - 2 * len(PIXELS)) / 3) + 2 * IMAGE_TOKENS


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("chat/completions", {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}),
        ("responses", {"type": "input_image", "image_url": "https://example.org/a.png"}),
        ("responses", {"type": "input_image", "file_id": "file-1"}),
        ("messages", {"type": "image", "source": {"type": "url", "url": "https://example.org/a.png"}}),
        ("messages", {"type": "image", "source": None}),
    ],
)
def test_a_linked_image_costs_its_bound_too(path, part):
    assert images_in(path, turn(path, part)) == Images(1, 0)


def test_images_in_a_tools_answer_are_images():
    shown = image("messages", PIXELS)
    result = {"type": "tool_result", "tool_use_id": "u", "content": [text("see"), shown]}
    assert images_in("messages", turn("messages", result)).count == 1
    screen = {"type": "computer_screenshot", "image_url": f"data:image/png;base64,{PIXELS}"}
    output = {"type": "computer_call_output", "call_id": "c", "output": screen}
    assert images_in("responses", {"input": [output]}) == Images(1, len(PIXELS))


NO_IMAGES = [
    PIXELS[:-1],  # cut off
    PIXELS[:40] + "\n" + PIXELS[40:],  # two readers may differ
    PIXELS + "=",
    PIXELS[:8] + " the quick brown fox " + PIXELS[8:],
    base64.b64encode(b"The quick brown fox jumps over the lazy dog").decode(),
    base64.b64encode(b"<svg>words to be read</svg>").decode(),
    "Thequickbrownfoxjumpsoverthelazydogs",  # base64 by its letters, words by its sense
    "",
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("data", NO_IMAGES)
def test_what_is_no_image_counts_by_its_bytes_beside_the_bound(path, data):
    tokens, size = reserved(path, turn(path, image(path, data)))
    assert tokens == math.ceil(size / 3) + IMAGE_TOKENS


@pytest.mark.parametrize("kind", ["text/plain", "image/svg+xml", "application/pdf", "image/png;charset=utf-8"])
@pytest.mark.parametrize("path", PATHS)
def test_another_type_counts_by_its_bytes(path, kind):
    tokens, size = reserved(path, turn(path, image(path, PIXELS, kind)))
    assert tokens == math.ceil(size / 3) + IMAGE_TOKENS


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("completions", turn("chat/completions", image("chat/completions", PIXELS))),
        ("embeddings", turn("chat/completions", image("chat/completions", PIXELS))),
        ("messages", turn("messages", image("chat/completions", PIXELS))),
        ("chat/completions", turn("chat/completions", image("messages", PIXELS))),
        ("chat/completions", {"messages": [image("chat/completions", PIXELS)]}),
        ("chat/completions", {"tools": [image("chat/completions", PIXELS)], "messages": []}),
        ("chat/completions", {"messages": [{"role": "user", "content": f"data:image/png;base64,{PIXELS}"}]}),
        ("chat/completions", turn("chat/completions", text(f"data:image/png;base64,{PIXELS}"))),
        ("messages", {"system": [image("messages", PIXELS)], "messages": []}),
    ],
)
def test_an_image_where_the_protocol_has_none_counts_by_its_bytes(path, body):
    tokens, size = reserved(path, body)
    assert tokens == math.ceil(size / 3)


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.sampled_from(["image", "image_url", PIXELS]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["type", "content", "output", "source", "image_url", "url", "data", "text"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(path=st.sampled_from(PATHS), turns=ANY, words=st.text(max_size=2000))
def test_no_text_is_cheaper_for_whatever_stands_beside_it(path, turns, words):
    """Whatever the turns are, words added to them cost what they cost alone."""
    key = "input" if path == "responses" else "messages"
    rest = turns if isinstance(turns, list) else [turns]
    said = {"role": "user", "content": [text(words)]}
    without, size = reserved(path, {key: rest})
    found, larger = reserved(path, {key: [*rest, said]})
    assert found >= without + (larger - size) // 3
    assert images_in(path, {key: rest}).bytes <= size


@given(path=st.sampled_from(PATHS), pieces=st.lists(st.text(max_size=300) | st.just(None), max_size=8))
def test_every_image_adds_its_bound_and_every_text_its_bytes(path, pieces):
    parts = [image(path, PIXELS) if words is None else text(words) for words in pieces]
    images = pieces.count(None)
    tokens, size = reserved(path, turn(path, *parts))
    assert tokens == math.ceil((size - images * len(PIXELS)) / 3) + images * IMAGE_TOKENS
    assert tokens >= images * IMAGE_TOKENS + sum(len(words.encode()) for words in pieces if words) // 3


@given(st.binary(max_size=3000))
def test_only_what_begins_as_an_image_begins_is_left_out(data):
    coded = base64.b64encode(data).decode()
    taken = images_in("messages", turn("messages", image("messages", coded))).bytes
    begins = data.startswith((PNG, b"\xff\xd8\xff", b"GIF87a", b"GIF89a")) or (data[:4], data[8:12]) == (
        b"RIFF",
        b"WEBP",
    )
    assert taken == (len(coded) if begins else 0)
