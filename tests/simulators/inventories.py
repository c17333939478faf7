"""Small inventories and advisories in the forms that others write, and two operators who have them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from seatrial.clearinghouse.findings.api import CLEARINGHOUSE
from seatrial.kernel.labels import Level
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, OrganisationKind, Role


def cyclonedx(name: str, *components: str, version: str = "1.6", **fields: Any) -> bytes:
    """A bill of materials of package URLs."""
    listed = [{"type": "library", "name": one.split("/")[-1].split("@")[0], "purl": one} for one in components]
    root = {"component": {"type": "application", "name": name}}
    bom = {"bomFormat": "CycloneDX", "specVersion": version, "metadata": root, "components": listed}
    return json.dumps(bom | fields).encode()


def osv(name: str, package: str, *events: dict[str, str], ecosystem: str = "PyPI", **fields: Any) -> dict[str, Any]:
    """An OSV record with one range."""
    affected = {
        "package": {"ecosystem": ecosystem, "name": package},
        "ranges": [{"type": "ECOSYSTEM", "events": list(events)}],
    }
    return {"id": name, "modified": "2026-01-01T00:00:00Z", "affected": [affected], "summary": f"In {package}"} | fields


def csaf(name: str, status: dict[str, list[str]], tree: dict[str, Any], **vulnerability: Any) -> dict[str, Any]:
    """A CSAF document of one vulnerability."""
    return {
        "document": {
            "category": "csaf_vex",
            "csaf_version": "2.0",
            "title": f"About {name}",
            "tracking": {"id": name, "version": "1"},
        },
        "product_tree": tree,
        "vulnerabilities": [{"cve": "CVE-2026-1", "product_status": status} | vulnerability],
    }


def product(name: str, **helper: Any) -> dict[str, Any]:
    """A full product name, identified by ``helper``."""
    return {"product_id": name, "name": name, "product_identification_helper": helper}


@dataclass(frozen=True)
class Fleet:
    """Two operators with a defender each, and an analyst."""

    defender: Actor
    stranger: Actor
    analyst: Actor
    start: datetime
    home: str = "grid"
    elsewhere: str = "water"


def fleet(operator: Actor, at: datetime) -> Fleet:
    """Written into the instance."""

    def person(key: str, home: str, role: Role) -> Actor:
        parties.add_person(
            by=operator,
            name=key.title(),
            email=f"{key}@{home}.example",
            password=f"{key} rows a long boat",
            level=Level.CONTROLLED,
            at=at,
            id=key,
        )
        parties.give_role(by=operator, person=key, organisation=home, role=role, at=at)
        return parties.actor(key, at)

    for key, kind in (
        ("grid", OrganisationKind.OPERATOR),
        ("water", OrganisationKind.OPERATOR),
        (CLEARINGHOUSE, OrganisationKind.CLEARINGHOUSE),
    ):
        parties.create_organisation(by=operator, name=key.title(), kind=kind, at=at, id=key)
    return Fleet(
        person("dora", "grid", Role.DEFENDER),
        person("walt", "water", Role.DEFENDER),
        person("anna", CLEARINGHOUSE, Role.ANALYST),
        at,
    )
