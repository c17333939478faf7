"""CSAF 2.0 (OASIS, 2022) and 2.1 (committee specification draft 02, 2025): security advisory, VEX, and withdrawn.

2.0 knows no profile for what was withdrawn: such an advisory becomes a generic document that says so and names neither
products nor flaws. It knows no TLP:AMBER+STRICT either, for which RED, the next stricter, is written with the true
marking as text.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from cvss import CVSS3, CVSS4

from seatrial.clearinghouse.advisories.core.names import canonical, file_name, page
from seatrial.clearinghouse.advisories.core.ranges import is_range
from seatrial.clearinghouse.advisories.core.weaknesses import NAMES, VERSION
from seatrial.clearinghouse.advisories.types import (
    Content,
    Flaw,
    Form,
    Issue,
    Product,
    RemedyKind,
    Status,
    Tlp,
    Written,
)

from .wording import action_for, full_name, moment, of_json, unique, with_status

_OLD_TLP = {Tlp.CLEAR: "WHITE", Tlp.AMBER_STRICT: "RED"}
_STATUS = {
    Status.AFFECTED: "known_affected",
    Status.FIXED: "fixed",
    Status.NOT_AFFECTED: "known_not_affected",
    Status.UNDER_INVESTIGATION: "under_investigation",
}
_SYSTEMS = {
    "GHSA-": "GitHub Security Advisory",
    "VU#": "CERT/CC Vulnerability Note",
    "PYSEC-": "PyPA Advisory Database",
}


def advisory_20(issue: Issue) -> tuple[Written, ...]:
    """The security advisory in CSAF 2.0."""
    return (_written(Form.CSAF_20, issue, "2.0", issue.tracking, "csaf_security_advisory"),)


def advisory_21(issue: Issue) -> tuple[Written, ...]:
    """The security advisory in CSAF 2.1."""
    return (_written(Form.CSAF_21, issue, "2.1", issue.tracking, "csaf_security_advisory"),)


def vex_20(issue: Issue) -> tuple[Written, ...]:
    """The VEX document in CSAF 2.0, a document of its own with an id of its own."""
    return (_written(Form.CSAF_VEX_20, issue, "2.0", f"{issue.tracking}-VEX", "csaf_vex"),)


def vex_21(issue: Issue) -> tuple[Written, ...]:
    """The VEX document in CSAF 2.1."""
    return (_written(Form.CSAF_VEX_21, issue, "2.1", f"{issue.tracking}-VEX", "csaf_vex"),)


def _written(form: Form, issue: Issue, version: str, tracking: str, category: str) -> Written:
    content, new = issue.content, version == "2.1"
    if issue.withdrawn:
        category = "csaf_withdrawn" if new else "csaf_base"
    document: dict[str, Any] = {
        "$schema": "https://docs.oasis-open.org/csaf/csaf/v2.1/schema/csaf.json" if new else None,
        "document": {
            "acknowledgments": _thanks(content),
            "category": category,
            "csaf_version": version,
            "distribution": _distribution(content.tlp, new),
            "lang": "en",
            "notes": _notes(issue),
            "publisher": {
                "category": "coordinator",
                "contact_details": issue.publisher.contact,
                "name": issue.publisher.name,
                "namespace": issue.publisher.namespace,
            },
            "references": _references(issue, tracking, version),
            "title": content.title,
            "tracking": _tracking(issue, tracking),
        },
    }
    if not issue.withdrawn:
        document["product_tree"] = {"branches": _branches(content.products, new)}
        document["vulnerabilities"] = [_flaw(flaw, issue, new, category) for flaw in content.flaws]
    return of_json(form, file_name(tracking), document)


def _distribution(tlp: Tlp, new: bool) -> dict[str, Any]:
    if new:
        return {"tlp": {"label": tlp.mark, "url": "https://www.first.org/tlp/"}}
    text = f"TLP:{tlp.mark} (TLP 2.0)"
    return {"text": text, "tlp": {"label": _OLD_TLP.get(tlp, tlp.mark), "url": "https://www.first.org/tlp/"}}


def _notes(issue: Issue) -> list[dict[str, Any]]:
    notes = [{"category": "summary", "text": issue.content.summary, "title": "Summary"}]
    if issue.withdrawn:
        why = {"category": "description", "text": issue.withdrawn, "title": "Reasoning for Withdrawal"}
        return [why, *notes]
    return notes


def _references(issue: Issue, tracking: str, version: str) -> list[dict[str, Any]]:
    own = [{"category": "self", "summary": "This document", "url": canonical(issue, tracking, version)}]
    own += [{"category": "self", "summary": "The advisory as a page", "url": page(issue)}]
    return own + [{"category": "external", "summary": one.summary, "url": one.url} for one in issue.content.references]


def _tracking(issue: Issue, tracking: str) -> dict[str, Any]:
    return {
        "current_release_date": moment(issue.updated),
        "generator": {"engine": {"name": "Seatrial"}},
        "id": tracking,
        "initial_release_date": moment(issue.released),
        "revision_history": [
            {"date": moment(one.at), "number": str(one.number), "summary": one.summary} for one in issue.history
        ],
        "status": "final",
        "version": str(issue.revision),
    }


def _thanks(content: Content) -> list[dict[str, Any]]:
    return [
        {
            "names": [one.name],
            "organization": one.organisation,
            "summary": f"{one.kind.value.capitalize()}.",
            "urls": unique([one.url]),
        }
        for one in content.credits
    ]


def _branches(products: tuple[Product, ...], new: bool) -> list[dict[str, Any]]:
    vendors: dict[str, dict[str, list[Product]]] = defaultdict(lambda: defaultdict(list))
    for product in products:
        vendors[product.vendor][product.name].append(product)
    return [
        {
            "branches": [
                {
                    "branches": [_version(one, new) for one in several],
                    "category": "product_name",
                    "name": name,
                }
                for name, several in names.items()
            ],
            "category": "vendor",
            "name": vendor,
        }
        for vendor, names in vendors.items()
    ]


def _version(product: Product, new: bool) -> dict[str, Any]:
    purl = product.purl
    if purl and not is_range(product.versions):
        purl = f"{purl}@{product.versions}"
    identified = {"cpe": product.cpe, "purls": unique([purl])} if new else {"cpe": product.cpe, "purl": purl}
    return {
        "category": "product_version_range" if is_range(product.versions) else "product_version",
        "name": product.versions,
        "product": {
            "name": full_name(product),
            "product_id": product.id,
            "product_identification_helper": identified,
        },
    }


def _flaw(flaw: Flaw, issue: Issue, new: bool, category: str) -> dict[str, Any]:
    statuses = defaultdict(list)
    for standing in flaw.standings:
        statuses[_STATUS[standing.status]].append(standing.product)
    return {
        "cve": flaw.cve,
        "cwe": None if new else next(iter(_weaknesses(flaw)), None),
        "cwes": [{**one, "version": VERSION} for one in _weaknesses(flaw)] if new else None,
        "disclosure_date" if new else "release_date": moment(issue.released),
        "flags": _flags(flaw),
        "ids": _ids(flaw, issue),
        "metrics": _metrics(flaw) if new else None,
        "notes": [{"category": "description", "text": flaw.description, "title": "Description"}],
        "product_status": dict(statuses),
        "remediations": _remedies(flaw),
        "scores": None if new else _scores(flaw),
        "threats": [
            {"category": "impact", "details": one.impact, "product_ids": [one.product]}
            for one in flaw.standings
            if one.impact
        ],
        "title": flaw.title,
    }


def _weaknesses(flaw: Flaw) -> list[dict[str, str]]:
    return [{"id": one, "name": NAMES[one]} for one in unique(flaw.weaknesses) if one in NAMES]


def _ids(flaw: Flaw, issue: Issue) -> list[dict[str, str]]:
    ids = [{"system_name": issue.publisher.name, "text": f"{issue.tracking}-{flaw.id}"}]
    for alias in unique(flaw.aliases):
        system = next((name for begins, name in _SYSTEMS.items() if alias.startswith(begins)), "Other identifier")
        ids.append({"system_name": system, "text": alias})
    return ids


def _flags(flaw: Flaw) -> list[dict[str, Any]]:
    by_label = defaultdict(list)
    for one in with_status(flaw, Status.NOT_AFFECTED):
        if one.justification is not None:
            by_label[str(one.justification)].append(one.product)
    return [{"label": label, "product_ids": products} for label, products in by_label.items()]


def _remedies(flaw: Flaw) -> list[dict[str, Any]]:
    found = [
        {"category": str(one.kind), "details": one.details, "product_ids": unique(one.products), "url": one.url}
        for one in flaw.remedies
    ]
    covered = {product for one in flaw.remedies for product in one.products}
    found += [
        {"category": str(RemedyKind.MITIGATION), "details": action_for(flaw, one), "product_ids": [one.product]}
        for one in with_status(flaw, Status.AFFECTED)
        if one.product not in covered
    ]
    return found


def _scored(flaw: Flaw) -> list[str]:
    """Products that a score is given for: what has a flaw, or had it until it was fixed, or may have it."""
    scored = with_status(flaw, Status.AFFECTED, Status.UNDER_INVESTIGATION)
    return [one.product for one in scored]


def _scores(flaw: Flaw) -> list[dict[str, Any]]:
    if not flaw.cvss3 or not _scored(flaw):
        return []
    return [{"cvss_v3": v3(flaw.cvss3), "products": _scored(flaw)}]


def _metrics(flaw: Flaw) -> list[dict[str, Any]]:
    content = {
        "cvss_v3": v3(flaw.cvss3) if flaw.cvss3 else None,
        "cvss_v4": v4(flaw.cvss4) if flaw.cvss4 else None,
    }
    return [{"content": content, "products": _scored(flaw)}] if any(content.values()) and _scored(flaw) else []


def v3(vector: str) -> dict[str, Any]:
    """CVSS 3.1 as its JSON schema has it: the vector and what follows from it."""
    score = CVSS3(vector)
    return {
        "version": "3.1",
        "vectorString": vector,
        "baseScore": float(score.base_score),
        "baseSeverity": score.severities()[0].upper(),
    }


def v4(vector: str) -> dict[str, Any]:
    """CVSS 4.0 as its JSON schema has it. What the vector computes to, threat metrics too, is the score (6.1.9)."""
    score = CVSS4(vector)
    return {
        "version": "4.0",
        "vectorString": vector,
        "baseScore": float(score.base_score),
        "baseSeverity": score.severity.upper(),
    }
