"""The editor of an advisory loses nothing: what it shows reads back the same, whatever was added and removed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seatrial.clearinghouse.advisories import api as advisories
from seatrial.clearinghouse.advisories.types import (
    Content,
    Credit,
    CreditKind,
    Flaw,
    Justification,
    Product,
    Reference,
    Remedy,
    RemedyKind,
    Standing,
    Status,
    Tlp,
)
from seatrial.portal.pages import advisory_form as form
from seatrial.portal.tables import beside
from simulators.issues import CONTENT, HOSTILE

NAMES = {"org-water": "Brackwater Waterworks", "org-two": "Second"}
IDS = {name.casefold(): one for one, name in NAMES.items()}
line = st.text("ab<>\"'&:/é|= ", max_size=8).map(str.strip)
words = st.lists(line.filter(bool), max_size=3).map("\n".join)
lines = st.lists(line.filter(bool), max_size=3).map(tuple)


@st.composite
def contents(draw: Any) -> Content:
    products = tuple(
        Product(f"p{n}", draw(line), draw(line), draw(line), draw(line), draw(line))
        for n in range(draw(st.integers(0, 3)))
    )
    ids = [one.id for one in products]
    flaws = []
    for number in range(draw(st.integers(0, 3))):
        of = [one for one in ids if draw(st.booleans())]
        standings = tuple(
            Standing(
                one,
                draw(st.sampled_from(Status)),
                draw(st.none() | st.sampled_from(Justification)),
                draw(words),
                draw(words),
            )
            for one in of
        )
        remedies = tuple(
            Remedy(
                draw(st.sampled_from(RemedyKind)),
                draw(words),
                tuple(one for one in ids if draw(st.booleans())),
                draw(line),
            )
            for _ in range(draw(st.integers(0, 2)))
        )
        texts = [draw(line), draw(words), draw(line), draw(lines), draw(lines), draw(line), draw(line)]
        flaws.append(Flaw(f"flaw{number}", *texts, standings, remedies, draw(lines)))
    return Content(
        draw(line),
        draw(words),
        products,
        tuple(flaws),
        tuple(Reference(draw(line), draw(line)) for _ in range(draw(st.integers(0, 2)))),
        tuple(
            Credit(draw(line), draw(st.sampled_from(CreditKind)), draw(line), draw(line))
            for _ in range(draw(st.integers(0, 2)))
        ),
        draw(st.sampled_from(Tlp)),
        tuple(draw(st.lists(st.sampled_from([*NAMES, "mina", "not known"]), unique=True, max_size=3))),
    )


def table_of(content: Content) -> dict[str, str]:
    return form.table_of(advisories.content_document(content), NAMES)


def read(table: dict[str, str]) -> Content:
    posted = {name: value.replace("\n", "\r\n") for name, value in table.items()}  # as browsers send it
    return advisories.read_content(form.said(posted, IDS)[0])


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(contents())
def test_what_the_editor_shows_reads_back_the_same(content: Content) -> None:
    assert read(table_of(content)) == content


def test_a_full_advisory_reads_back_the_same() -> None:
    hostile = replace(CONTENT, title=HOSTILE, tlp=Tlp.AMBER, audience=("org-water",))
    for content in (CONTENT, hostile):
        assert read(table_of(content)) == content
    assert table_of(hostile)["a.audience"] == "Brackwater Waterworks"


def test_a_product_that_goes_takes_along_what_was_said_of_it_and_nothing_else() -> None:
    table = table_of(CONTENT)
    assert form.pressed(table, "remove:a.products.1")
    after = read(table)
    assert [one.id for one in after.products] == ["curd-old", "whey"]
    assert [(one.product, one.status) for one in after.flaws[0].standings] == [
        ("curd-old", Status.AFFECTED),
        ("whey", Status.NOT_AFFECTED),
    ]
    assert after.flaws[1].standings == CONTENT.flaws[1].standings
    assert [one.products for one in after.flaws[0].remedies] == [("curd-old",), ("curd-old",)]
    assert form.pressed(table, "remove:a.products.0")
    after = read(table)
    assert [one.product for one in after.flaws[0].standings] == ["whey"]
    assert [one.products for one in after.flaws[0].remedies] == [(), ()]


def test_what_is_added_has_a_name_that_nothing_else_has() -> None:
    table = table_of(replace(CONTENT, products=(replace(CONTENT.products[0], id="product-1"),)))
    assert form.pressed(table, "add:a.products")
    assert form.pressed(table, "add:a.products")
    assert form.pressed(table, "add:a.flaws")
    assert form.pressed(table, "add:a.credits")
    after = read(table)
    assert [one.id for one in after.products] == ["product-1", "product-2", "product-3"]
    assert [one.id for one in after.flaws] == ["header", "loop", "flaw-1"]
    assert after.credits[-1] == Credit("", CreditKind.FINDER)


@pytest.mark.parametrize("button", ["", "keep", "remove:a.products.9", "remove:a.products.x", "remove:a", "drop:a"])
def test_a_button_that_was_made_up_does_nothing(button: str) -> None:
    table = table_of(CONTENT)
    form.pressed(table, button)
    assert read(table) == CONTENT


def test_every_gap_stands_beside_its_field() -> None:
    bad = replace(
        CONTENT,
        title="",
        tlp=Tlp.AMBER,
        products=(*CONTENT.products[:1], replace(CONTENT.products[1], purl="curd"), CONTENT.products[2]),
        flaws=(
            replace(
                CONTENT.flaws[0],
                cve="CVE-1",
                standings=(*CONTENT.flaws[0].standings[:2], Standing("whey", Status.NOT_AFFECTED)),
                remedies=(replace(CONTENT.flaws[0].remedies[0], products=()),),
            ),
            replace(CONTENT.flaws[1], standings=(), weaknesses=("787",)),
        ),
        references=(Reference("ftp://x", ""),),
    )
    table = table_of(bad)
    content, names = form.said(table, IDS)
    gaps = advisories.check(advisories.read_content(content))
    stand = beside(form.by_name(gaps, names))
    assert set(stand) == {
        *("a.title", "a.audience", "a.products.1.purl", "a.flaws.0.cve", "a.flaws.0.standings.2.justification"),
        *("a.flaws.0.standings.0.action", "a.flaws.0.remedies.0.for", "a.flaws.1.standings", "a.flaws.1.weaknesses"),
        *("a.references.0.url", "a.references.0.summary"),
    }
    shown = {}

    def look(controls: Any) -> None:
        for one in controls:
            shown[one.name] = one
            look(one.inner)

    look(form.controls(table, stand))
    assert all(list(shown[name].errors) == said for name, said in stand.items())
    assert shown["a.flaws.0"].open
    assert not shown["a.products.0"].open
