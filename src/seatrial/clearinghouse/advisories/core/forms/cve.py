"""CVE records, version 5.1 (CVE Program): one for each flaw that has a CVE id, ready for the CNA that assigned it.

Who assigned an id is not for the clearinghouse to say: the record names ``NOBODY``, which the CNA replaces by its own.
"""

from __future__ import annotations

from typing import Any

from seatrial.clearinghouse.advisories.core.names import page
from seatrial.clearinghouse.advisories.core.ranges import Span, taken_apart
from seatrial.clearinghouse.advisories.types import (
    Flaw,
    Form,
    Issue,
    Product,
    RemedyKind,
    Status,
    Written,
)

from .csaf import v3, v4
from .wording import moment, of_json, shortened, unique

NOBODY = "00000000-0000-4000-8000-000000000000"
_STATUS = {Status.AFFECTED: "affected", Status.FIXED: "unaffected", Status.NOT_AFFECTED: "unaffected"}


def records(issue: Issue) -> tuple[Written, ...]:
    """The records, named after their ids."""
    return tuple(
        of_json(Form.CVE, f"{flaw.cve.lower()}.json", _record(flaw, issue)) for flaw in issue.content.flaws if flaw.cve
    )


def _record(flaw: Flaw, issue: Issue) -> dict[str, Any]:
    published = not issue.withdrawn
    return {
        "dataType": "CVE_RECORD",
        "dataVersion": "5.1",
        "cveMetadata": {
            "cveId": flaw.cve,
            "assignerOrgId": NOBODY,
            "state": "PUBLISHED" if published else "REJECTED",
            "datePublished": moment(issue.released),
            "dateUpdated": moment(issue.updated),
        },
        "containers": {"cna": _published(flaw, issue) if published else _rejected(issue)},
    }


def _rejected(issue: Issue) -> dict[str, Any]:
    return {"providerMetadata": {"orgId": NOBODY}, "rejectedReasons": _texts([issue.withdrawn])}


def _published(flaw: Flaw, issue: Issue) -> dict[str, Any]:
    fixes = (RemedyKind.VENDOR_FIX,)
    around = (RemedyKind.MITIGATION, RemedyKind.WORKAROUND)
    return {
        "providerMetadata": {"orgId": NOBODY},
        "title": shortened(flaw.title, 256),
        "descriptions": _texts([flaw.description]),
        "affected": [_affected(product, flaw) for product in issue.content.products if _of(product, flaw)],
        "problemTypes": [
            {"descriptions": [{"lang": "en", "description": one, "cweId": one, "type": "CWE"}]}
            for one in unique(flaw.weaknesses)
        ],
        "metrics": _metrics(flaw),
        "solutions": _texts([one.details for one in flaw.remedies if one.kind in fixes]),
        "workarounds": _texts([one.details for one in flaw.remedies if one.kind in around]),
        "references": [{"url": url} for url in unique([page(issue), *(one.url for one in issue.content.references)])],
        "credits": _once([{"lang": "en", "value": one.name, "type": one.kind.value} for one in issue.content.credits]),
    }


def _texts(texts: list[str]) -> list[dict[str, str]]:
    return _once([{"lang": "en", "value": shortened(text, 4_096)} for text in texts if text])


def _once(items: list[dict[str, str]]) -> list[dict[str, str]]:
    """Each once, as the schema has it, in their order."""
    return [one for place, one in enumerate(items) if one not in items[:place]]


def _of(product: Product, flaw: Flaw) -> bool:
    return any(one.product == product.id for one in flaw.standings)


def _affected(product: Product, flaw: Flaw) -> dict[str, Any]:
    standing = next(one for one in flaw.standings if one.product == product.id)
    status = _STATUS.get(standing.status, "unknown")
    found = taken_apart(product.versions)
    versions: list[dict[str, str]] = []
    if found is not None:
        versions += [{"version": one, "status": status} for one in found.exact]
        versions += [_span(one, found.scheme, status) for one in found.spans]
        versions += [{"version": one, "status": "unaffected"} for one in found.without]
    return {
        "vendor": shortened(product.vendor, 512),
        "product": shortened(product.name, 512),
        "cpes": unique([product.cpe]),
        "defaultStatus": "unknown",
        "versions": _once(versions),
    }


def _span(span: Span, scheme: str, status: str) -> dict[str, str]:
    found = {"version": span.low or "0", "status": status, "versionType": scheme}
    found["lessThanOrEqual" if span.high_in else "lessThan"] = span.high or "*"
    return found


def _metrics(flaw: Flaw) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if flaw.cvss3:
        found.append({"format": "CVSS", "cvssV3_1": v3(flaw.cvss3)})
    if flaw.cvss4:
        found.append({"format": "CVSS", "cvssV4_0": v4(flaw.cvss4)})
    return found
