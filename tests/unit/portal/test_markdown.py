"""Markdown from people cannot carry anything but text with structure."""

from __future__ import annotations

import re

import pytest

from seatrial.portal.markdown import to_html


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[press](javascript:alert(1))",
        "![track](http://elsewhere.example/pixel.png)",
        '<a href="#" onclick="x()">a</a>',
    ],
)
def test_hostile_markdown_becomes_plain_text(hostile: str) -> None:
    html = to_html(hostile)
    assert set(re.findall(r"<(\w+)", html)) <= {"p", "a"}
    assert all(address.startswith("http") for address in re.findall(r'<a href="([^"]*)', html))


def test_headings_stand_below_the_section_and_skip_no_level() -> None:
    html = to_html("#### Deep\n\n# Top\n\n###### Deepest")
    assert "<h3>Deep</h3>" in html
    assert "<h3>Top</h3>" in html
    assert "<h4>Deepest</h4>" in html


def test_tables_and_emphasis_are_kept() -> None:
    html = to_html("| a | b |\n|---|---|\n| 1 | *2* |")
    assert "<table " in html
    assert html.count("<div") == html.count("</div>") == 1
    assert "<em>2</em>" in html
