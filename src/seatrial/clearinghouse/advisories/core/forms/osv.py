"""OSV 1.7 (OpenSSF): what package tools read. One record an advisory; its id begins with ``x_``, as the schema asks of
databases that it does not list.

OSV has no exclusive lower bound: ``>1.0`` is written as introduced at 1.0, which says too much rather than too little.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from cvss import CVSS3, CVSS4

from seatrial.clearinghouse.advisories.core.names import file_name, page
from seatrial.clearinghouse.advisories.core.ranges import Span, taken_apart
from seatrial.clearinghouse.advisories.types import Form, Issue, Product, Status, Written

from .wording import full_name, moment, of_json, unique, with_status

VERSION = "1.7.0"
_ECOSYSTEMS = {
    "pypi": "PyPI",
    "npm": "npm",
    "maven": "Maven",
    "golang": "Go",
    "cargo": "crates.io",
    "nuget": "NuGet",
    "gem": "RubyGems",
    "composer": "Packagist",
    "hex": "Hex",
    "pub": "Pub",
    "conan": "ConanCenter",
    "cran": "CRAN",
    "hackage": "Hackage",
    "opam": "opam",
    "bitnami": "Bitnami",
    "githubactions": "GitHub Actions",
    "swift": "SwiftURL",
}


def osv(issue: Issue) -> tuple[Written, ...]:
    """The record."""
    content = issue.content
    cves = unique(flaw.cve for flaw in content.flaws)
    others = unique(alias for flaw in content.flaws for alias in flaw.aliases)
    single = len(content.flaws) == 1
    name = f"x_{issue.tracking}"
    record: dict[str, Any] = {
        "schema_version": VERSION,
        "id": name,
        "modified": moment(issue.updated),
        "published": moment(issue.released),
        "withdrawn": moment(issue.updated) if issue.withdrawn else None,
        "aliases": [*cves, *others] if single else None,
        "upstream": None if single else cves,
        "related": None if single else others,
        "summary": content.title,
        "details": _details(issue),
        "severity": _severity(issue),
        "affected": [one for one in (_affected(product, issue) for product in content.products) if one],
        "references": [
            {"type": "ADVISORY", "url": page(issue)},
            *({"type": "WEB", "url": one.url} for one in content.references),
        ],
        "credits": [
            {"name": one.name, "contact": unique([one.url]), "type": one.kind.value.upper().replace(" ", "_")}
            for one in content.credits
        ],
        "database_specific": {
            "tlp": content.tlp.mark,
            "cwe_ids": unique(weakness for flaw in content.flaws for weakness in flaw.weaknesses),
            "withdrawn_reason": issue.withdrawn,
        },
    }
    return (of_json(Form.OSV, file_name(issue.tracking), record),)


def _details(issue: Issue) -> str:
    parts = [issue.withdrawn and f"Withdrawn: {issue.withdrawn}", issue.content.summary]
    parts += [flaw.description for flaw in issue.content.flaws]
    return "\n\n".join(unique(parts))


def _severity(issue: Issue) -> list[dict[str, str]]:
    """The worst of its flaws: a record has one severity in each version of CVSS."""
    given = (
        ("CVSS_V3", [flaw.cvss3 for flaw in issue.content.flaws if flaw.cvss3], CVSS3),
        ("CVSS_V4", [flaw.cvss4 for flaw in issue.content.flaws if flaw.cvss4], CVSS4),
    )
    return [
        {"type": kind, "score": max(vectors, key=lambda vector: read(vector).base_score)}
        for kind, vectors, read in given
        if vectors
    ]


def _affected(product: Product, issue: Issue) -> dict[str, Any] | None:
    """What is said of a product that some flaw of the advisory is in."""
    if not any(one.product == product.id for flaw in issue.content.flaws for one in with_status(flaw, Status.AFFECTED)):
        return None
    found = taken_apart(product.versions)
    package = _package(product)
    fixed = package is not None and found is not None
    ranges = [{"type": "ECOSYSTEM", "events": _events(span)} for span in found.spans] if fixed and found else []
    return {
        "package": package,
        "ranges": ranges,
        "versions": list(found.exact) if found else [],
        "database_specific": {
            "product": full_name(product),
            "cpe": product.cpe,
            "not_affected_versions": list(found.without) if found else [],
        },
    }


def _package(product: Product) -> dict[str, str] | None:
    kind, _, rest = product.purl.removeprefix("pkg:").partition("/")
    if kind not in _ECOSYSTEMS or not rest:
        return None
    parts = [unquote(part) for part in rest.split("/")]
    separator = ":" if kind == "maven" else "/"
    return {"ecosystem": _ECOSYSTEMS[kind], "name": separator.join(parts), "purl": product.purl}


def _events(span: Span) -> list[dict[str, str]]:
    events = [{"introduced": span.low or "0"}]
    if span.high:
        events.append({"last_affected" if span.high_in else "fixed": span.high})
    return events
