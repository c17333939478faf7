"""Any text comes out of every writer as that text: what means something to a format is escaped, nothing is lost."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from pypdf import PdfReader

from seatrial.review.dossiers.adapters.printing import TypstPrinter, script
from seatrial.review.dossiers.core.exports import prose
from seatrial.review.dossiers.core.exports.html import html
from seatrial.review.dossiers.core.exports.markdown import markdown
from seatrial.review.dossiers.core.exports.page import (
    Block,
    Code,
    Column,
    Facts,
    Heading,
    Listing,
    Note,
    Page,
    Paragraph,
    Run,
    Table,
    code_runs,
    followable,
    plain_runs,
    squeeze,
)
from seatrial.review.dossiers.core.exports.typesetting import typst

AT = datetime(2026, 7, 1, 9, tzinfo=UTC)
META = "".join(sorted(set("\\`*_{}[]()<>#+-.!|~$&@=:;/\"'^%")))
# Letters that the embedded fonts have, and every sign that means something to Markdown, HTML or Typst.
SHOWN = "abcXYZ 0123456789éßŁčαβΩжЩ–—“”…·×±≥" + META
PIECES = [
    *META,
    *"aZ9 éßΩж",
    "1. ",
    "- ",
    "# ",
    "```",
    "<b>",
    "</p>",
    "&amp;",
    "#set page",
    "$x$",
    "//",
    "/*",
    "https://a.b",
    "@key",
    "<l>",
    "\\u{41}",
    "[x](y)",
]
any_text = st.text(st.characters(exclude_categories=["Cs", "Cc", "Co", "Cn"]), max_size=40)
pieces = st.lists(st.sampled_from(PIECES), min_size=1, max_size=12).map("".join)
shown_text = st.lists(st.sampled_from([*PIECES, *SHOWN]), min_size=1, max_size=14).map("".join)


def page(*blocks: Block, title: str = "T") -> Page:
    return Page(title, "", "A", "D", AT, (), blocks)


class Visible(HTMLParser):
    """The text that a browser shows."""

    def __init__(self, document: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.hidden = 0
        self.feed(document)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.hidden += tag in ("style", "script", "title")

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in ("style", "script", "title")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.found.append(data)


def markdown_text(node: SyntaxTreeNode) -> str:
    if node.type in ("text", "code_inline", "code_block", "fence"):
        return node.content
    if node.type == "softbreak":
        return " "
    return "".join(markdown_text(child) for child in node.children)


def parsed(text: str) -> SyntaxTreeNode:
    return SyntaxTreeNode(MarkdownIt("commonmark").enable("table").parse(text))


@given(st.one_of(any_text, pieces))
def test_a_literal_text_in_markdown_reads_as_itself(text: str) -> None:
    tree = parsed(markdown(page(Paragraph(plain_runs(text)))))
    _, *paragraphs = tree.children
    assert "".join(map(markdown_text, paragraphs)) == squeeze(text)
    assert all(node.type == "paragraph" for node in paragraphs), "no text opens a list, a heading or raw HTML"


@given(st.one_of(any_text, pieces))
def test_a_cell_of_a_table_in_markdown_stays_one_cell(text: str) -> None:
    table = Table("", (Column("one"), Column("two")), ((plain_runs(text), code_runs(text)),))
    tree = parsed(markdown(page(table)))
    (found,) = [node for node in tree.children if node.type == "table"]
    cells = found.children[1].children[0].children
    assert [markdown_text(cell).strip() for cell in cells] == [squeeze(text), squeeze(text)]


@given(st.one_of(any_text, pieces))
def test_a_literal_text_in_html_reads_as_itself_wherever_it_stands(text: str) -> None:
    found = html(
        page(
            Heading(2, plain_runs(text)),
            Paragraph((Run(text, strong=True), Run(text, link="https://example.org"))),
            Facts(((text, plain_runs(text)),)),
            Note(text, plain_runs(text)),
            Listing(((Paragraph(plain_runs(text)),),)),
            Code(text),
            Table(text, (Column(text),), ((plain_runs(text),),)),
            title=text,
        ),
        {},
    )
    shown = squeeze("".join(Visible(found).found))
    assert shown.count(squeeze(text)) >= 11 or not squeeze(text)
    assert "<script" not in found


@settings(max_examples=25, deadline=None)
@given(st.lists(shown_text, min_size=1, max_size=6))
def test_a_literal_text_in_a_pdf_reads_as_itself(texts: list[str]) -> None:
    blocks: list[Block] = [Heading(2, plain_runs("Start"))]
    for text in texts:
        blocks += [Paragraph(plain_runs(text)), Table("C", (Column("K"),), ((plain_runs(text),),))]
    printed = TypstPrinter().pdf(lambda shown: typst(page(*blocks), {}, shown), AT)
    assert printed.unshown == ()
    reader = PdfReader(io.BytesIO(printed.data))
    found = "".join("".join(one.extract_text() for one in reader.pages).split())
    for text in texts:
        # Letters as they are extracted: ligatures and spaces between lines are the reader's own matter.
        wanted = "".join(text.split())
        assert found.count(wanted) >= 2, text


def test_a_long_word_breaks_and_gains_no_letter() -> None:
    word = "sha256:" + "0123456789abcdef" * 8
    printed = TypstPrinter().pdf(lambda shown: typst(page(Paragraph(code_runs(word))), {}, shown), AT)
    pages = PdfReader(io.BytesIO(printed.data)).pages
    lines = pages[0].extract_text().splitlines()
    assert word in "".join(line.strip() for line in lines)
    assert not any(word in line for line in lines), "it takes more than one line"


def test_a_pdf_is_tagged_and_says_its_title_language_and_bookmarks() -> None:
    made = page(Heading(2, plain_runs("First part")), Heading(3, plain_runs("Within")), title="A title & more")
    data = TypstPrinter().pdf(lambda shown: typst(made, {}, shown), AT).data
    reader = PdfReader(io.BytesIO(data))
    assert reader.metadata is not None
    assert reader.metadata.title == "A title & more"
    assert reader.trailer["/Root"]["/Lang"] == "en"
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"] == True  # noqa: E712 - pypdf has its own
    assert b"pdfuaid:part>1<" in reader.trailer["/Root"]["/Metadata"].get_data()
    assert reader.outline[0].title == "First part"
    assert "Page 1 of 1" in reader.pages[0].extract_text()
    assert data == TypstPrinter().pdf(lambda shown: typst(made, {}, shown), AT).data, "the same page, the same bytes"


def test_letters_without_a_font_are_named_and_never_printed_as_boxes() -> None:
    text = "before \U00012000\U00012001 after"  # cuneiform
    printed = TypstPrinter().pdf(lambda shown: typst(page(Paragraph(plain_runs(text))), {}, shown), AT)
    found = PdfReader(io.BytesIO(printed.data)).pages[0].extract_text()
    assert printed.unshown == ("Cuneiform",)
    assert "before [Cuneiform] after" in found


@pytest.mark.parametrize(
    ("letter", "name"), [("中", "CJK"), ("ع", "Arabic"), ("한", "Hangul"), ("ः", "Devanagari"), ("🛳", "symbol")]
)
def test_a_script_is_called_what_readers_call_it(letter: str, name: str) -> None:
    assert script(letter) == name


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_whatever_people_wrote_in_markdown_becomes_blocks(text: str) -> None:
    for block in prose.blocks(text, below=2):
        assert not isinstance(block, Heading) or 3 <= block.level <= 6


def test_prose_keeps_raw_html_and_pictures_as_text_and_follows_only_the_webs_own_schemes() -> None:
    found = prose.blocks("<script>x</script> ![a](b) [run](javascript:x) [read](https://a.b/c)", below=2)
    made = html(page(*found), {})
    assert "&lt;script&gt;" in made
    assert "javascript" not in made.split("<main>")[1].replace("[run](javascript:x)", "")
    assert 'href="https://a.b/c"' in made
    assert not followable("javascript:alert(1)")
    assert not followable('https://a.b/"onload=x')


def test_headings_of_prose_stand_below_where_they_are_found_without_holes() -> None:
    levels = [block.level for block in prose.blocks("# a\n\n#### b\n\n# c", below=3) if isinstance(block, Heading)]
    assert levels == [4, 5, 4]
