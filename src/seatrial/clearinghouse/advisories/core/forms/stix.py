"""STIX 2.1 (OASIS, 2021): a report with its vulnerabilities, software and courses of action.

Ids are made from words, so that a revision replaces what was there before; what earlier revisions said and this one no
longer says is in it as revoked. Each revision is modified later than the one before by a millisecond at least, for a
version is known by that time alone. TLP 2.0 is marked by OASIS's own markings.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from seatrial.clearinghouse.advisories.core.names import file_name, page
from seatrial.clearinghouse.advisories.types import Flaw, Form, Issue, Product, Tlp, Written
from seatrial.kernel.clock import aware

from .wording import full_name, label_of, named, of_json, unique

MEDIA_TYPE = "application/stix+json;version=2.1"
TLP = {
    Tlp.CLEAR: "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    Tlp.GREEN: "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    Tlp.AMBER: "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    Tlp.AMBER_STRICT: "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
    Tlp.RED: "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}
_EXTENSION = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
_OBSERVABLES = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")  # STIX 2.1, section 2.9


def bundle(issue: Issue) -> tuple[Written, ...]:
    """The bundle."""
    identity = _object("identity", issue, issue.publisher.namespace) | {
        "name": issue.publisher.name,
        "identity_class": "organization",
        "contact_information": issue.publisher.contact,
    }
    software = {one.id: _software(one, issue) for one in issue.content.products}
    found = _flaws(issue, software)
    report = _object("report", issue, issue.tracking) | {
        "name": issue.content.title,
        "description": issue.content.summary,
        "report_types": ["vulnerability"],
        "published": _written_at(issue)[0],
        "object_refs": unique([*(one["id"] for one in software.values()), *(one["id"] for one in found)]),
        "external_references": [
            {"source_name": issue.publisher.name, "external_id": issue.tracking, "url": page(issue)},
            *(
                {"source_name": "Reference", "description": one.summary, "url": one.url}
                for one in issue.content.references
            ),
        ],
    }
    objects = [_marking(issue.content.tlp), identity, report, *software.values(), *found, *_taken_back(issue, found)]
    name = file_name(f"{issue.tracking}-stix")
    made = {"type": "bundle", "id": f"bundle--{named('bundle', issue.tracking, str(issue.revision))}"}
    return (of_json(Form.STIX, name, made | {"objects": objects}, MEDIA_TYPE),)


def _flaws(issue: Issue, software: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for flaw in issue.content.flaws for one in _flaw(flaw, software, issue)]


def _taken_back(issue: Issue, standing: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What earlier revisions said and this one does not, as they said it last, revoked (STIX 2.1, 3.2)."""
    gone: dict[str, dict[str, Any]] = {}
    for content in issue.earlier:
        software = {one.id: _software(one, issue) for one in content.products}
        before = replace(issue, content=content)
        gone |= {one["id"]: one | {"revoked": True} for one in _flaws(before, software)}
    now = {one["id"] for one in standing}
    return [one for id, one in gone.items() if id not in now]


def _marking(tlp: Tlp) -> dict[str, Any]:
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": TLP[tlp],
        "created": "2022-10-01T00:00:00.000Z",
        "name": f"TLP:{tlp.mark}",
        "extensions": {_EXTENSION: {"extension_type": "property-extension", "tlp_2_0": tlp.value}},
    }


def _written_at(issue: Issue) -> list[str]:
    """When each revision was made, to the millisecond and growing, though two came at once or a clock went back."""
    made: list[datetime] = []
    for one in issue.history:
        at = aware(one.at)
        at = at.replace(microsecond=at.microsecond // 1_000 * 1_000)
        made.append(max(at, made[-1] + timedelta(milliseconds=1)) if made else at)
    return [one.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z" for one in made]


def _object(kind: str, issue: Issue, *words: str) -> dict[str, Any]:
    """What every domain object has; an identity is not the advisory's, so that it does not change with it."""
    own, at = kind == "identity", _written_at(issue)
    return {
        "type": kind,
        "spec_version": "2.1",
        "id": f"{kind}--{named(kind, *words)}",
        "created_by_ref": None if own else f"identity--{named('identity', issue.publisher.namespace)}",
        "created": "2026-01-01T00:00:00.000Z" if own else at[0],
        "modified": "2026-01-01T00:00:00.000Z" if own else at[-1],
        "revoked": True if issue.withdrawn and not own else None,
        "object_marking_refs": None if own else [TLP[issue.content.tlp]],
    }


def _software(product: Product, issue: Issue) -> dict[str, Any]:
    said = {"name": product.name, "vendor": product.vendor, "version": product.versions, "cpe": product.cpe}
    said = {name: value for name, value in said.items() if value}
    contributing = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return {
        "type": "software",
        "spec_version": "2.1",
        "id": f"software--{uuid.uuid5(_OBSERVABLES, contributing)}",
        **said,
        "object_marking_refs": [TLP[issue.content.tlp]],
    }


def _flaw(flaw: Flaw, software: dict[str, dict[str, Any]], issue: Issue) -> list[dict[str, Any]]:
    ids = [{"source_name": "cve", "external_id": flaw.cve}] if flaw.cve else []
    ids += [{"source_name": "cwe", "external_id": one} for one in unique(flaw.weaknesses)]
    ids += [{"source_name": issue.publisher.name, "external_id": one} for one in unique(flaw.aliases)]
    own = _object("vulnerability", issue, issue.tracking, flaw.id) | {
        "name": label_of(flaw, issue),
        "description": f"{flaw.title}\n\n{flaw.description}",
        "external_references": ids,
    }
    names = {one.id: full_name(one) for one in issue.content.products}
    found = [own]
    for standing in flaw.standings:
        words = f"{names[standing.product]}: {standing.status.value.replace('_', ' ')}."
        found.append(_relation("related-to", own["id"], software[standing.product]["id"], words, issue))
    for place, remedy in enumerate(flaw.remedies):
        action = _object("course-of-action", issue, issue.tracking, flaw.id, str(place)) | {
            "name": f"{remedy.kind.value.replace('_', ' ').capitalize()} for {label_of(flaw, issue)}",
            "description": remedy.details,
            "external_references": [{"source_name": "Vendor", "url": remedy.url}] if remedy.url else None,
        }
        found += [action, _relation("mitigates", action["id"], own["id"], "", issue)]
    return found


def _relation(kind: str, source: str, target: str, words: str, issue: Issue) -> dict[str, Any]:
    made = _object("relationship", issue, issue.tracking, kind, source, target)
    return made | {"relationship_type": kind, "source_ref": source, "target_ref": target, "description": words}
