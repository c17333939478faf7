"""The provider's own documents: metadata, ROLIE feeds (RFC 8322 as JSON), lists. Pure."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from seatrial.clearinghouse.advisories.types import Document, Publisher, Tlp
from seatrial.feeds import rolie
from seatrial.kernel.clock import iso

from .shelf import NEW, Folder, folder_name

_LABELS = {Tlp.CLEAR: "WHITE", Tlp.GREEN: "GREEN", Tlp.AMBER: "AMBER", Tlp.AMBER_STRICT: "AMBER", Tlp.RED: "RED"}


def metadata(
    base: str, folders: Sequence[Folder], publisher: Publisher, fingerprint: str, updated: datetime | None
) -> dict[str, Any]:
    """``provider-metadata.json`` (7.1.7). It names every marking's place, whether or not the asker may go there."""
    feeds = [
        {
            "summary": f"TLP:{one.tlp.upper()}, CSAF {_version(one)}",
            "tlp_label": _LABELS[one.tlp],
            "url": feed_url(base, one),
        }
        for one in folders
    ]
    return {
        "canonical_url": f"{base}provider-metadata.json",
        "distributions": [
            {"rolie": {"feeds": feeds, "services": [f"{base}service.json"], "categories": [f"{base}category.json"]}},
            *({"directory_url": f"{base}{one.name}"} for one in folders),
        ],
        "last_updated": iso(updated) if updated else rolie.BEGUN,
        "list_on_CSAF_aggregators": True,
        "metadata_version": "2.0",
        "mirror_on_CSAF_aggregators": True,
        "public_openpgp_keys": [{"fingerprint": fingerprint, "url": f"{base}openpgp/{fingerprint}.asc"}],
        "publisher": {
            "category": "coordinator",
            "name": publisher.name,
            "namespace": publisher.namespace,
            "contact_details": publisher.contact,
        },
        "role": "csaf_trusted_provider",
    }


def feed(base: str, folder: Folder) -> dict[str, Any]:
    """A ROLIE feed of one folder."""
    name, version = feed_url(base, folder), _version(folder)
    return rolie.feed(
        id=name.removeprefix(base).removesuffix(".json"),
        title=f"TLP:{folder.tlp.upper()} advisories, CSAF {version}",
        here=name,
        service=f"{base}service.json",
        updated=iso(folder.documents[0].updated) if folder.documents else None,
        entries=[
            rolie.entry(
                id=one.advisory if "vex" not in one.form else f"{one.advisory}-vex",
                title=one.name,
                where=f"{base}{folder.name}{path(one)}",
                published=iso(one.released),
                updated=iso(one.updated),
                version=version,
            )
            for one in folder.documents
        ],
    )


def service(base: str, folders: Iterable[Folder]) -> dict[str, Any]:
    """The ROLIE service document."""
    return rolie.service((f"TLP:{one.tlp.upper()}, CSAF {_version(one)}", feed_url(base, one)) for one in folders)


CATEGORIES: Mapping[str, Any] = {
    "categories": {
        "category": [
            {"scheme": rolie.INFORMATION_TYPE, "term": "csaf"},
            {"scheme": rolie.INFORMATION_TYPE, "term": "vulnerability"},
        ]
    }
}


def index(folder: Folder) -> str:
    """Each file's path from the folder."""
    return rolie.index(path(one) for one in folder.documents)


def changes(folder: Folder) -> str:
    """Each file's path and moment, the newest first."""
    return rolie.changes((path(one), iso(one.updated)) for one in folder.documents)


def listing(title: str, names: Iterable[str]) -> str:
    """A directory as a page (7.1.14)."""
    lines = "".join(f'<li><a href="{html.escape(name)}">{html.escape(name)}</a></li>' for name in names)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f"<title>{html.escape(title)}</title></head><body><h1>{html.escape(title)}</h1><ul>{lines}</ul></body></html>\n"
    )


def security_txt(base: str, origin: str, contact: str, expires: datetime) -> str:
    """RFC 9116, with the field that CSAF adds (7.1.8)."""
    lines = [
        f"Contact: {origin}/reports/",
        f"Contact: mailto:{contact}",
        f"Expires: {iso(expires)}",
        f"CSAF: {base}provider-metadata.json",
        f"Canonical: {origin}/.well-known/security.txt",
    ]
    return "\n".join(lines) + "\n"


def path(one: Document) -> str:
    """From the folder: the year of the first release, and the name (7.1.11)."""
    return f"{one.released.year}/{one.name}"


def feed_url(base: str, folder: Folder) -> str:
    """Where a folder's feed is."""
    return f"{base}{folder.begin}csaf-feed-tlp-{folder_name(folder.tlp)}.json"


def _version(folder: Folder) -> str:
    return "2.1" if folder.begin == NEW else "2.0"
