"""The first draft of an advisory: what a case and its findings say, to be worked on by people.

A flaw is a cluster. Its words are those of its first report, and credits stand as their reporters wrote them: whoever
gave no name is not named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seatrial.clearinghouse.advisories.types import (
    Content,
    Credit,
    CreditKind,
    Flaw,
    Product,
    Reference,
    Standing,
    Status,
)

_CVE = re.compile(r"CVE-\d{4}-\d{4,19}")
_COMPARISON = re.compile(r"(>=|<=|==|=|>|<)?\s*([^\s,<>=!|]+)")
_SCHEMES = frozenset(
    {"pypi", "npm", "maven", "golang", "cargo", "nuget", "gem", "composer", "deb", "rpm", "hex", "pub"}
)


@dataclass(frozen=True, slots=True)
class Source:
    """One report: its document, the name of its cluster, and the CVSS 4.0 vector that triage gives it."""

    report: str
    cluster: str
    document: Mapping[str, Any]
    vector: str


def drafted(*, title: str, summary: str, product: str, sources: Sequence[Source]) -> Content:
    """The draft; of what nobody has said there is nothing in it, and ``checks.check`` asks for it."""
    products: dict[tuple[str, ...], Product] = {}
    flaws = []
    for number, reports in enumerate(_clusters(sources), 1):
        named = tuple(dict.fromkeys(one for report in reports for one in _products(report.document, products)))
        flaws.append(_flaw(f"flaw-{number}", reports, named))
    if not sources:
        products[("",)] = Product("product-1", "", product, "")
        flaws.append(Flaw("flaw-1", title, summary, standings=(Standing("product-1", Status.UNDER_INVESTIGATION),)))
    return Content(
        title=title,
        summary=summary,
        products=tuple(products.values()),
        flaws=tuple(flaws),
        references=_references(sources),
        credits=_credits(sources),
    )


def _clusters(sources: Iterable[Source]) -> list[list[Source]]:
    found: dict[str, list[Source]] = {}
    for one in sources:
        found.setdefault(one.cluster or one.report, []).append(one)
    return list(found.values())


def _products(document: Mapping[str, Any], products: dict[tuple[str, ...], Product]) -> list[str]:
    """The ids of a report's product, one for each version or range it names; new ones are added to ``products``."""
    said = document.get("product", {})
    purl = str(said.get("purl", "")).split("@")[0].split("?")[0].split("#")[0]
    key = (said.get("vendor", ""), said.get("name", ""), purl, said.get("cpe", ""))
    names = []
    for versions in document.get("versions") or [""]:
        written = in_vers(str(versions), purl)
        whole = (*key, written)
        if whole not in products:
            products[whole] = Product(f"product-{len(products) + 1}", key[0], key[1], written, purl, key[3])
        names.append(products[whole].id)
    return names


def in_vers(versions: str, purl: str) -> str:
    """A range as people write it (``>=1.0,<1.4``) in vers; one version, and what cannot be read, as it stands."""
    parts = [part.strip() for part in versions.split(",")]
    found = [_COMPARISON.fullmatch(part) for part in parts if part]
    if versions.startswith("vers:") or not found or not all(found):
        return versions
    if len(found) == 1 and found[0] is not None and found[0].group(1) in (None, "=", "=="):
        return found[0].group(2)
    scheme = purl.removeprefix("pkg:").split("/")[0]
    constraints = [
        f"{'' if one.group(1) in (None, '=', '==') else one.group(1)}{one.group(2)}" for one in found if one is not None
    ]
    return f"vers:{scheme if scheme in _SCHEMES else 'generic'}/{'|'.join(constraints)}"


def _flaw(name: str, reports: Sequence[Source], products: Sequence[str]) -> Flaw:
    first = reports[0]
    ids = _ids(reports)
    cves = [one for one in ids if _CVE.fullmatch(one)]
    vectors = [
        str(vector) for one in reports for vector in one.document.get("severity", {}).get("vectors", []) if vector
    ]
    return Flaw(
        id=name,
        title=str(first.document.get("title", "")),
        description=str(first.document.get("description", ""))[:20_000],
        cve=cves[0] if cves else "",
        aliases=tuple(one for one in ids if one not in cves[:1]),
        weaknesses=tuple(dict.fromkeys(one for report in reports for one in report.document.get("weaknesses", []))),
        cvss3=next((one for one in vectors if one.startswith("CVSS:3.1/")), ""),
        cvss4=next((one.vector for one in reports if one.vector), ""),
        standings=tuple(Standing(product, Status.AFFECTED) for product in products),
        findings=tuple(one.report for one in reports),
    )


def _ids(reports: Iterable[Source]) -> list[str]:
    """What others call it: public ids only, since a coordinator's own number may be nobody else's to know."""
    named = (str(one.get("identifier", "")) for report in reports for one in report.document.get("handling", []))
    return list(dict.fromkeys(one for one in named if one.startswith(("CVE-", "GHSA-", "VU#"))))


def _references(sources: Iterable[Source]) -> tuple[Reference, ...]:
    urls = (str(one["url"]) for source in sources for one in source.document.get("references", []))
    return tuple(Reference(url, "A reference of the report") for url in dict.fromkeys(urls) if url.startswith("http"))


def _credits(sources: Iterable[Source]) -> tuple[Credit, ...]:
    found: dict[tuple[str, str], Credit] = {}
    for source in sources:
        for one in source.document.get("credits", []):
            name, word = str(one.get("name", "")).strip(), str(one.get("type", "finder"))
            if name:
                found.setdefault((name, word), Credit(name, _kind(word)))
    return tuple(found.values())


def _kind(word: str) -> CreditKind:
    try:
        return CreditKind(word.lower().replace("_", " "))
    except ValueError:
        return CreditKind.OTHER
