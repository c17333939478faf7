"""A form with files: what a server reads of it is what was put in, and it is the same request each time."""

from __future__ import annotations

import io
from typing import IO

from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http.multipartparser import MultiPartParser
from hypothesis import given
from hypothesis import strategies as st

from seatrial.client.form import form

NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=20).map(lambda name: name + ".md")
FILES = st.lists(st.tuples(NAMES, st.binary(max_size=300)), max_size=3)
FIELDS = st.dictionaries(st.sampled_from(["text", "internal"]), st.text(st.characters(exclude_categories=("Cs",))))


def made(fields: dict[str, str], files: list[tuple[str, bytes]]) -> tuple[IO[bytes], str]:
    return form(fields, "files", [(name, io.BytesIO(data)) for name, data in files])


@given(FIELDS, FILES)
def test_a_server_reads_what_was_put_in(fields: dict[str, str], files: list[tuple[str, bytes]]) -> None:
    body, content_type = made(fields, files)
    meta = {"CONTENT_TYPE": content_type, "CONTENT_LENGTH": str(body.seek(0, io.SEEK_END))}
    body.seek(0)
    handler = MemoryFileUploadHandler()
    handler.activated = True
    said, held = MultiPartParser(meta, body, [handler]).parse()  # type: ignore[arg-type]
    assert said.dict() == fields
    assert [file.read() for file in held.getlist("files")] == [data for _, data in files]


@given(FIELDS, FILES, st.integers(1, 50))
def test_it_is_as_long_as_it_says_and_reads_again_the_same(
    fields: dict[str, str], files: list[tuple[str, bytes]], size: int
) -> None:
    body, content_type = made(fields, files)
    length = body.seek(0, io.SEEK_END)
    body.seek(0)
    whole = body.read()
    assert len(whole) == length
    body.seek(0)
    assert b"".join(iter(lambda: body.read(size), b"")) == whole
    again, same_type = made(fields, files)
    assert (again.read(), same_type) == (whole, content_type)


def test_another_content_of_the_same_size_is_another_request() -> None:
    contents = ("x", b"1"), ("x", b"2"), ("y", b"1")
    assert len({made({"text": text}, [("a.md", data)])[1] for text, data in contents}) == 3


def test_a_name_ends_no_header_and_one_that_is_no_text_is_sent_all_the_same() -> None:
    body, _ = made({"text": "x"}, [('a"\r\nContent-Type: text/html\r\n\r\n\udcff.md', b"1")])
    assert body.read().count(b"\r\nContent-Type:") == 1
