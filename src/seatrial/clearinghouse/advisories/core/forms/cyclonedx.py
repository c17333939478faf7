"""CycloneDX 1.6 (Ecma-424) as VEX: the products as components, and for each flaw one analysis a status."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from seatrial.clearinghouse.advisories.core.names import file_name, page
from seatrial.clearinghouse.advisories.core.ranges import is_range
from seatrial.clearinghouse.advisories.types import (
    Flaw,
    Form,
    Issue,
    Justification,
    Product,
    Standing,
    Status,
    Written,
)

from .csaf import v3, v4
from .wording import WITHDRAWN, action_for, label_of, moment, named, of_json, purl_of, unique

MEDIA_TYPE = "application/vnd.cyclonedx+json; version=1.6"
_STATE = {
    Status.AFFECTED: "exploitable",
    Status.FIXED: "resolved",
    Status.NOT_AFFECTED: "not_affected",
    Status.UNDER_INVESTIGATION: "in_triage",
}
_JUSTIFICATION = {
    Justification.COMPONENT_NOT_PRESENT: "code_not_present",
    Justification.CODE_NOT_PRESENT: "code_not_present",
    Justification.CODE_NOT_IN_PATH: "code_not_reachable",
    Justification.CODE_NOT_CONTROLLED: "code_not_reachable",
    Justification.MITIGATIONS: "protected_by_mitigating_control",
}
_VERSIONS = {Status.AFFECTED: "affected", Status.FIXED: "unaffected", Status.NOT_AFFECTED: "unaffected"}


def cyclonedx(issue: Issue) -> tuple[Written, ...]:
    """The bill of vulnerabilities."""
    content = issue.content
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{named('cyclonedx', issue.publisher.namespace, issue.tracking)}",
        "version": issue.revision,
        "metadata": {
            "timestamp": moment(issue.updated),
            "supplier": {"name": issue.publisher.name},
            "properties": [{"name": "seatrial:tlp", "value": content.tlp.mark}],
        },
        "components": [_component(one) for one in content.products],
        "vulnerabilities": [one for number, flaw in enumerate(content.flaws) for one in _analyses(flaw, number, issue)],
    }
    return (of_json(Form.CYCLONEDX, file_name(f"{issue.tracking}-cyclonedx"), document, MEDIA_TYPE),)


def _component(product: Product) -> dict[str, Any]:
    single = not is_range(product.versions)
    return {
        "type": "application",
        "bom-ref": product.id,
        "supplier": {"name": product.vendor},
        "name": product.name,
        "version": product.versions if single else None,
        "cpe": product.cpe,
        "purl": purl_of(product),
    }


def _analyses(flaw: Flaw, number: int, issue: Issue) -> list[dict[str, Any]]:
    """One entry for the products of which the same is said, since an analysis is of the whole entry."""
    alike: dict[tuple[Any, ...], list[Standing]] = defaultdict(list)
    for one in flaw.standings:
        alike[one.status, one.justification, one.impact, action_for(flaw, one)].append(one)
    return [
        _entry(flaw, several, f"flaw-{number + 1}-{place + 1}", issue) for place, several in enumerate(alike.values())
    ]


def _entry(flaw: Flaw, several: list[Standing], ref: str, issue: Issue) -> dict[str, Any]:
    first, products = several[0], {one.id: one for one in issue.content.products}
    return {
        "bom-ref": ref,
        "id": label_of(flaw, issue),
        "source": {"name": "NVD", "url": f"https://nvd.nist.gov/vuln/detail/{flaw.cve}"}
        if flaw.cve
        else {"name": issue.publisher.name, "url": page(issue)},
        "references": [{"id": alias, "source": {"name": "As others call it"}} for alias in unique(flaw.aliases)],
        "ratings": _ratings(flaw),
        "cwes": [int(one.removeprefix("CWE-")) for one in unique(flaw.weaknesses)],
        "description": flaw.title,
        "detail": flaw.description,
        "recommendation": action_for(flaw, first) if first.status is Status.AFFECTED else None,
        "advisories": [{"title": issue.content.title, "url": page(issue)}],
        "published": moment(issue.released),
        "updated": moment(issue.updated),
        "rejected": moment(issue.updated) if issue.withdrawn else None,
        "credits": {"individuals": [{"name": one.name} for one in issue.content.credits]},
        "analysis": _analysis(first, issue),
        "affects": [_affects(products[one.product], one, issue) for one in several],
    }


def _analysis(standing: Standing, issue: Issue) -> dict[str, Any]:
    if issue.withdrawn:
        return {"state": "in_triage", "detail": WITHDRAWN + issue.withdrawn}
    why = standing.justification
    return {
        "state": _STATE[standing.status],
        "justification": _JUSTIFICATION[why] if why is not None else None,
        "detail": standing.impact,
    }


def _affects(product: Product, standing: Standing, issue: Issue) -> dict[str, Any]:
    status = "unknown" if issue.withdrawn else _VERSIONS.get(standing.status, "unknown")
    member = "range" if is_range(product.versions) else "version"
    return {"ref": product.id, "versions": [{member: product.versions, "status": status}]}


def _ratings(flaw: Flaw) -> list[dict[str, Any]]:
    found = []
    for vector, method, read in ((flaw.cvss3, "CVSSv31", v3), (flaw.cvss4, "CVSSv4", v4)):
        if vector:
            score = read(vector)
            word = score["baseSeverity"].lower()
            found.append({"score": score["baseScore"], "severity": word, "method": method, "vector": vector})
    return found
