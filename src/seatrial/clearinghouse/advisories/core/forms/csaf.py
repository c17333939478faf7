"""CSAF 2.0 (OASIS, 2022) and 2.1 (committee specification draft 02, 2025): security advisory, VEX, and withdrawn.

2.0 knows no profile for what was withdrawn: such an advisory becomes a generic document that says so and names neither
products nor flaws; 2.1 knows no security advisory in which a flaw affects nothing, so that such a one is generic, too.
2.0 knows no TLP:AMBER+STRICT either, for which RED, the next stricter, is written with the true marking as text.
Members stand in the order of their names (6.2.13).
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from cvss import CVSS3, CVSS4

from seatrial.clearinghouse.advisories.core.names import canonical, file_name, page
from seatrial.clearinghouse.advisories.core.versions import as_branch
from seatrial.clearinghouse.advisories.core.weaknesses import NAMES, VERSION
from seatrial.clearinghouse.advisories.types import (
    Content,
    Flaw,
    Form,
    Issue,
    Product,
    Remedy,
    RemedyKind,
    Status,
    Tlp,
    Written,
)

from .wording import action_for, full_name, moment, of_json, purl_of, unique, with_status

_OLD_TLP = {Tlp.CLEAR: "WHITE", Tlp.AMBER_STRICT: "RED"}
_STATUS = {
    Status.AFFECTED: "known_affected",
    Status.FIXED: "fixed",
    Status.NOT_AFFECTED: "known_not_affected",
    Status.UNDER_INVESTIGATION: "under_investigation",
}
_OVERRULED = {
    RemedyKind.NO_FIX_PLANNED: frozenset({RemedyKind.VENDOR_FIX}),
    RemedyKind.NONE_AVAILABLE: frozenset(RemedyKind) - {RemedyKind.NONE_AVAILABLE},
}
_AS_MARKED = "LicenseRef-TLP-2.0"
_LOOKED_INTO = "Whether the product is affected is being looked into; there is nothing to do yet."
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
    category = "csaf_security_advisory" if _affects(issue.content) else "csaf_base"
    return (_written(Form.CSAF_21, issue, "2.1", issue.tracking, category),)


def _affects(content: Content) -> bool:
    """Whether each flaw affects a product, and a version of whatever is fixed: 2.1's security advisories do."""
    names = {one.id: (one.vendor, one.name) for one in content.products}
    for flaw in content.flaws:
        affected = {names[one.product] for one in with_status(flaw, Status.AFFECTED)}
        if not affected or not affected >= {names[one.product] for one in with_status(flaw, Status.FIXED)}:
            return False
    return True


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
            "license_expression": _licence(issue) if new else None,
            "notes": _notes(issue, new),
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
    return of_json(form, file_name(tracking), document, in_order=True)


def _licence(issue: Issue) -> str:
    return issue.publisher.licence if issue.content.tlp is Tlp.CLEAR else _AS_MARKED


def _distribution(tlp: Tlp, new: bool) -> dict[str, Any]:
    if new:
        return {"tlp": {"label": tlp.mark, "url": "https://www.first.org/tlp/"}}
    text = f"TLP:{tlp.mark} (TLP 2.0)"
    return {"text": text, "tlp": {"label": _OLD_TLP.get(tlp, tlp.mark), "url": "https://www.first.org/tlp/"}}


def _notes(issue: Issue, new: bool) -> list[dict[str, Any]]:
    notes = [{"category": "summary", "text": issue.content.summary, "title": "Summary"}]
    if new and _licence(issue) == _AS_MARKED:  # 6.1.55: a licence of one's own is given in full under this title
        text = f"May be passed on as TLP:{issue.content.tlp.mark} (FIRST, Traffic Light Protocol 2.0) allows."
        notes.append({"category": "legal_disclaimer", "text": text, "title": "License"})
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
    purl = purl_of(product)
    identified = {"cpe": product.cpe, "purls": unique([purl])} if new else {"cpe": product.cpe, "purl": purl}
    category, name = as_branch(product.versions)
    return {
        "category": category,
        "name": name,
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
        "notes": [
            {"category": "description", "text": flaw.description, "title": "Description"},
            *({"category": "other", "text": one.details, "title": "Remedy"} for one, left in _given(flaw) if not left),
        ],
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
    given = _given(flaw)
    found = [
        {"category": str(one.kind), "details": one.details, "product_ids": products, "url": one.url}
        for one, products in given
        if products
    ]
    covered = {product for _, products in given for product in products}
    found += [
        {"category": str(RemedyKind.MITIGATION), "details": action_for(flaw, one), "product_ids": [one.product]}
        for one in with_status(flaw, Status.AFFECTED)
        if one.product not in covered
    ]
    found += [
        {
            "category": str(RemedyKind.NONE_AVAILABLE),
            "details": one.action or _LOOKED_INTO,
            "product_ids": [one.product],
        }
        for one in with_status(flaw, Status.UNDER_INVESTIGATION)
        if one.product not in covered
    ]
    return found


def _given(flaw: Flaw) -> list[tuple[Remedy, list[str]]]:
    """Each remedy with the products that CSAF 2.1 lets it have (6.1.35, 6.1.36).

    What is fixed or not affected needs none; that there is no fix is not said beside one, nor beside a way around.
    """
    open_ = {one.product for one in with_status(flaw, Status.AFFECTED, Status.UNDER_INVESTIGATION)}
    kinds = defaultdict[str, set[RemedyKind]](set)
    for remedy in flaw.remedies:
        for product in remedy.products:
            kinds[product].add(remedy.kind)

    def stands(kind: RemedyKind, product: str) -> bool:
        return product in open_ and not _OVERRULED.get(kind, frozenset()) & kinds[product]

    return [(one, [product for product in unique(one.products) if stands(one.kind, product)]) for one in flaw.remedies]


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
