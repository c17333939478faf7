"""OpenVEX 0.2.0 (OpenSSF): one statement for each flaw and what is said of products alike.

OpenVEX knows no withdrawing: a withdrawn advisory says of all that it is under investigation, and why.
"""

from __future__ import annotations

from typing import Any

from seatrial.clearinghouse.advisories.core.names import file_name, page
from seatrial.clearinghouse.advisories.types import OPENVEX, Flaw, Form, Issue, Product, Standing, Status, Written

from .wording import WITHDRAWN, action_for, full_name, label_of, moment, named, of_json, purl_of, unique


def openvex(issue: Issue) -> tuple[Written, ...]:
    """The document."""
    document = {
        "@context": OPENVEX,
        "@id": f"{page(issue)}openvex",
        "author": issue.publisher.name,
        "role": "coordinator",
        "timestamp": moment(issue.released),
        "last_updated": moment(issue.updated) if issue.revision > 1 else None,
        "version": issue.revision,
        "tooling": "Seatrial",
        "statements": [_statement(flaw, one, issue) for flaw in issue.content.flaws for one in flaw.standings],
    }
    return (of_json(Form.OPENVEX, file_name(f"{issue.tracking}-openvex"), document),)


def _statement(flaw: Flaw, standing: Standing, issue: Issue) -> dict[str, Any]:
    product = next(one for one in issue.content.products if one.id == standing.product)
    said: dict[str, Any] = {
        "vulnerability": {
            "name": label_of(flaw, issue),
            "description": flaw.title,
            "aliases": unique(flaw.aliases),
        },
        "timestamp": moment(issue.updated),
        "products": [_product(product, issue)],
    }
    if issue.withdrawn:
        return said | {"status": "under_investigation", "status_notes": WITHDRAWN + issue.withdrawn}
    said |= {"status": str(standing.status), "status_notes": f"Versions: {product.versions}"}
    if standing.status is Status.NOT_AFFECTED:
        said |= {
            "justification": str(standing.justification) if standing.justification else None,
            "impact_statement": standing.impact,
        }
    if standing.status is Status.AFFECTED:
        said |= {"action_statement": action_for(flaw, standing)}
    return said


def _product(product: Product, issue: Issue) -> dict[str, Any]:
    purl = purl_of(product)
    name = purl or f"urn:uuid:{named(issue.tracking, full_name(product))}"
    return {"@id": name, "identifiers": {"purl": purl, "cpe23": product.cpe}}
