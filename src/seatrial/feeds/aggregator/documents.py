"""The aggregator's own documents: the list of members, a mirror's metadata and feeds. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from seatrial.clearinghouse.advisories.types import Publisher
from seatrial.clearinghouse.members.types import Mirrored, Role, Shelf
from seatrial.feeds import rolie

_EVERY = "every hour"


def aggregator(
    base: str, shelves: Sequence[Shelf], publisher: Publisher, own: Mapping[str, Any], updated: str
) -> dict[str, Any]:
    """``aggregator.json`` (7.1.21). ``own`` is this instance's own provider's metadata: it is an issuing party, too."""
    mirrors = any(one.mirror for one in shelves)
    providers = [_listed(base, one) for one in shelves if one.role is not Role.PUBLISHER]
    first = {
        "metadata": {
            "last_updated": own["last_updated"],
            "publisher": own["publisher"],
            "role": own["role"],
            "url": own["canonical_url"],
        }
    }
    said = {
        "aggregator": {
            "category": "aggregator" if mirrors else "lister",
            "contact_details": publisher.contact,
            "name": publisher.name,
            "namespace": publisher.namespace,
        },
        "aggregator_version": "2.0",
        "canonical_url": f"{base}aggregator.json",
        "csaf_providers": [first, *providers],
        "last_updated": updated,
    }
    publishers = [_listed(base, one) | {"update_interval": _EVERY} for one in shelves if one.role is Role.PUBLISHER]
    return said | ({"csaf_publishers": publishers} if publishers else {})


def metadata(base: str, shelf: Shelf, fingerprint: str) -> dict[str, Any]:
    """A mirror's ``provider-metadata.json``: its member's, with the places here; ``fingerprint`` is this instance's."""
    here = f"{base}{shelf.name}/"
    keys = [*shelf.certificates, *([fingerprint] if fingerprint not in shelf.certificates else [])]
    feeds = [
        {"summary": f"TLP:WHITE, CSAF {version}", "tlp_label": "WHITE", "url": feed_url(here, version)}
        for version in rolie.SCHEMAS
    ]
    return {
        "canonical_url": f"{here}provider-metadata.json",
        "distributions": [{"rolie": {"feeds": feeds, "services": [f"{here}service.json"]}}, {"directory_url": here}],
        "last_updated": shelf.updated or rolie.BEGUN,
        "list_on_CSAF_aggregators": False,  # it is listed already, by whoever issued it
        "metadata_version": "2.0",
        "mirror_on_CSAF_aggregators": False,
        "public_openpgp_keys": [{"fingerprint": one, "url": f"{here}openpgp/{one}.asc"} for one in keys],
        "publisher": dict(shelf.publisher),
        "role": "csaf_trusted_provider",  # hashes and a signature stand beside every document here
    }


def feed(base: str, shelf: Shelf, version: str) -> dict[str, Any]:
    """A ROLIE feed of what is mirrored of a member in one version of CSAF."""
    here = f"{base}{shelf.name}/"
    found = [one for one in shelf.documents if one.facts.version == version]
    return rolie.feed(
        id=f"{shelf.name}-csaf-{version}-tlp-white",
        title=f"TLP:WHITE advisories of {shelf.publisher.get('name', shelf.name)}, CSAF {version}",
        here=feed_url(here, version),
        service=f"{here}service.json",
        updated=found[0].facts.updated if found else None,
        entries=[
            rolie.entry(
                id=one.facts.tracking,
                title=one.facts.title or one.facts.name,
                where=f"{here}{one.path}",
                published=one.facts.released,
                updated=one.facts.updated,
                version=version,
            )
            for one in found
        ],
    )


def service(base: str, shelf: Shelf) -> dict[str, Any]:
    """The ROLIE service document of a mirror."""
    here = f"{base}{shelf.name}/"
    return rolie.service((f"TLP:WHITE, CSAF {one}", feed_url(here, one)) for one in rolie.SCHEMAS)


def index(documents: Iterable[Mirrored]) -> str:
    """Each file's path from the mirror's folder."""
    return rolie.index(one.path for one in documents)


def changes(documents: Iterable[Mirrored]) -> str:
    """Each file's path and moment, as the documents come."""
    return rolie.changes((one.path, one.facts.updated) for one in documents)


def feed_url(here: str, version: str) -> str:
    """Where the feed of one version of CSAF is."""
    return f"{here}{'2.1/' if version == '2.1' else ''}csaf-feed-tlp-white.json"


def _listed(base: str, shelf: Shelf) -> dict[str, Any]:
    said: dict[str, Any] = {
        "metadata": {
            "last_updated": shelf.updated or rolie.BEGUN,
            "publisher": dict(shelf.publisher),
            "role": shelf.role.value,
            "url": shelf.url,
        }
    }
    return said | ({"mirrors": [f"{base}{shelf.name}/provider-metadata.json"]} if shelf.mirror else {})
