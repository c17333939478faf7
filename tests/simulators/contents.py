"""Advisories without gaps, whatever else they say: contents made by hypothesis."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from seatrial.clearinghouse.advisories.core.checks import check
from seatrial.clearinghouse.advisories.types import (
    Change,
    Content,
    Credit,
    CreditKind,
    Flaw,
    Issue,
    Justification,
    Product,
    Publisher,
    Reference,
    Remedy,
    RemedyKind,
    Standing,
    Status,
    Tlp,
)

HOUSE = Publisher("Harbour Clearinghouse", "https://harbour.example", "advisories@harbour.example", "CC-BY-4.0")
_LETTERS = st.characters(categories=("L", "N", "P", "S", "Zs"), exclude_characters="\u2028\u2029")
_LINKS = st.sampled_from(
    ["https://dairy.example/1", "http://dairy.example/?a=(b)&c=%22", "https://x.example:8443/%C3%BC#z"]
)
_VERSIONS = st.sampled_from(
    [
        *("1.4", "0.9", "2026-06 hotfix 3", "1.0|beta", "vers:pypi/>=1.0|<1.4", "vers:npm/<1.2.0|>=2.0.0|<2.3.1"),
        *(
            "vers:generic/*",
            "vers:pypi/1.0",
            "vers:deb/=1.0-1",
            "vers:semver/>=1.0.0|!=1.2.0|<2.0.0",
            "vers:deb/1:2.0-1|>=2:1.0-1|<2:1.2-1",
            "vers:pypi/<=3.1",
        ),
    ]
)
_CVSS3 = st.builds(
    "CVSS:3.1/AV:{}/AC:{}/PR:{}/UI:{}/S:{}/C:{}/I:{}/A:{}{}".format,
    *map(st.sampled_from, ("NALP", "LH", "NLH", "NR", "UC", "NLH", "NLH", "NLH", ("", "/E:P", "/CR:H/MAV:L"))),
)
_CVSS4 = st.builds(
    "CVSS:4.0/AV:{}/AC:{}/AT:{}/PR:{}/UI:{}/VC:{}/VI:{}/VA:{}/SC:{}/SI:{}/SA:{}{}".format,
    *map(
        st.sampled_from,
        ("NALP", "LH", "NP", "NLH", "NPA", "HLN", "HLN", "HLN", "HLN", "HLN", "HLN", ("", "/E:P", "/E:U/CR:H")),
    ),
)
_TLPS = st.sampled_from(list(Tlp))


def _text(least: int = 1, most: int = 60) -> st.SearchStrategy[str]:
    return st.text(_LETTERS, min_size=least, max_size=most).map(str.strip).filter(lambda one: len(one) >= least)


def _optional(one: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.just("") | one


@st.composite
def _products(draw: Any) -> tuple[Product, ...]:
    names = draw(st.lists(_text(most=20), min_size=1, max_size=4))
    vendors = draw(st.lists(_text(most=20), min_size=1, max_size=2))
    made = {}
    for place, name in enumerate(names):
        vendor, versions = draw(st.sampled_from(vendors)), draw(_VERSIONS)
        purl = draw(st.sampled_from(["", f"pkg:pypi/curd{place}", f"pkg:npm/%40dairy/whey{place}"]))
        cpe = draw(st.sampled_from(["", f"cpe:2.3:a:dairy:curd{place}:*:*:*:*:*:*:*:*"]))
        made[vendor, name, versions] = Product(f"p{place}", vendor, name, versions, purl, cpe)
    return tuple(made.values())


@st.composite
def _standing(draw: Any, product: str) -> Standing:
    status = draw(st.sampled_from(list(Status)))
    if status is Status.NOT_AFFECTED:
        reason, impact = draw(st.sampled_from(list(Justification)) | st.none()), draw(_optional(_text()))
        return Standing(product, status, reason, impact if reason or impact else "It has no parser.")
    return Standing(product, status, action=draw(_text() if status is Status.AFFECTED else _optional(_text())))


@st.composite
def _flaw(draw: Any, place: int, products: tuple[Product, ...]) -> Flaw:
    standings = tuple(draw(_standing(one.id)) for one in products)
    named = st.lists(st.sampled_from([one.id for one in products]), min_size=1, max_size=3, unique=True).map(tuple)
    remedy = st.builds(Remedy, st.sampled_from(list(RemedyKind)), _text(), named, _optional(_LINKS))
    known = st.sampled_from(["GHSA-abcd-efgh-2345", "VU#123456", "PYSEC-2026-1", "DAIRY-7"])
    return Flaw(
        f"f{place}",
        draw(_text()),
        draw(_text(10)),
        cve=draw(st.sampled_from(["", f"CVE-2026-1234{place}"])),
        aliases=tuple(draw(st.lists(known, max_size=2))),
        weaknesses=tuple(draw(st.lists(st.sampled_from(["CWE-787", "CWE-835", "CWE-79", "CWE-20"]), max_size=2))),
        cvss3=draw(_optional(_CVSS3)),
        cvss4=draw(_optional(_CVSS4)),
        standings=standings,
        remedies=tuple(draw(st.lists(remedy, max_size=2))),
    )


@st.composite
def contents(draw: Any) -> Content:
    """A content without gaps."""
    products, tlp = draw(_products()), draw(_TLPS)
    references = st.lists(st.builds(Reference, _LINKS, _text()), max_size=2)
    credit = st.builds(Credit, _text(), st.sampled_from(list(CreditKind)), _optional(_text()), _optional(_LINKS))
    made = Content(
        draw(_text(4)),
        draw(_text(10, 200)),
        products,
        tuple(draw(_flaw(place, products)) for place in range(draw(st.integers(1, 3)))),
        tuple(draw(references)),
        tuple(draw(st.lists(credit, max_size=2))),
        tlp,
        ("vendor-a",) if tlp not in (Tlp.CLEAR, Tlp.GREEN) else (),
    )
    assert check(made) == ()
    return made


@st.composite
def issues(draw: Any) -> Issue:
    """A revision of an advisory without gaps, or its withdrawal."""
    count, begun = draw(st.integers(1, 4)), datetime(2026, 9, 1, 8, tzinfo=UTC)
    gaps = draw(st.lists(st.integers(1, 7_000_000), min_size=count, max_size=count))
    history = tuple(
        Change(number, begun + timedelta(seconds=sum(gaps[:number])), f"Change {number}.")
        for number in range(1, count + 1)
    )
    made = Issue("SEATRIAL-2026-0001", HOUSE, draw(contents()), history)
    return replace(made, withdrawn=draw(_text(10))) if count > 1 and draw(st.booleans()) else made
