"""What a provider says of itself: ``provider-metadata.json`` (CSAF, 7.1.7)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

from seatrial.clearinghouse.members.types import Key, Provider, Role
from seatrial.kernel.canonical import from_json
from seatrial.kernel.errors import Misuse

WELL_KNOWN = "/.well-known/csaf/provider-metadata.json"
_FINGERPRINT = re.compile(r"[0-9A-F]{40}|[0-9A-F]{64}")
_OPEN = frozenset({"WHITE", "CLEAR", ""})  # what anybody may read; of all else nothing is asked


def provider(data: bytes, url: str) -> Provider:
    """Raises ``Misuse`` (``not-json``, ``bad-provider``) with what is wrong."""
    said = from_json(data, url)
    if not isinstance(said, Mapping) or not isinstance(said.get("publisher"), Mapping):
        raise _bad(url, "names no publisher")
    publisher: Mapping[str, Any] = said["publisher"]
    name, namespace = publisher.get("name"), publisher.get("namespace")
    if not (isinstance(name, str) and name.strip() and isinstance(namespace, str) and namespace.strip()):
        raise _bad(url, "names no publisher with a namespace")
    try:
        role = Role(str(said.get("role", "")))
    except ValueError:
        raise _bad(url, f"has a role that no provider has; there are {', '.join(Role)}") from None
    feeds, folders = [], []
    for one in _each(said.get("distributions")):
        rolie = one.get("rolie")
        feeds += [
            str(feed.get("url", ""))
            for feed in _each(rolie.get("feeds") if isinstance(rolie, Mapping) else None)
            if str(feed.get("tlp_label", "")).upper() in _OPEN
        ]
        folder = one.get("directory_url")
        if isinstance(folder, str) and folder:
            folders.append(folder if folder.endswith("/") else f"{folder}/")
    keys = tuple(
        Key(print_, str(one.get("url", "")))
        for one in _each(said.get("public_openpgp_keys"))
        if _FINGERPRINT.fullmatch(print_ := fingerprint(str(one.get("fingerprint", ""))))
    )
    found = Provider(
        url=url,
        name=name.strip()[:200],
        role=role,
        publisher=publisher,
        updated=str(said.get("last_updated", "")),
        keys=keys,
        feeds=tuple(dict.fromkeys(feeds)),
        directories=tuple(dict.fromkeys(folders)),
        listed=said.get("list_on_CSAF_aggregators") is not False,
        mirrored=said.get("mirror_on_CSAF_aggregators") is not False,
    )
    for address in (*found.feeds, *found.directories, *(key.url for key in keys)):
        check_host(address, url)
    return found


def fingerprint(typed: str) -> str:
    """As it is compared: upper case, without the blanks that people put between its groups."""
    return typed.upper().replace(" ", "")


def place(url: str) -> str:
    """The address of the metadata of whoever named ``url``: a domain's is at a place that CSAF fixes (7.1.9)."""
    return urljoin(url, WELL_KNOWN) if urlsplit(url).path in ("", "/") else url


def check_host(url: str, home: str) -> None:
    """Raises ``Misuse`` (``other-host``): nothing is read but from the host that was registered."""
    one, other = urlsplit(url), urlsplit(home)
    if (one.scheme, one.netloc) != (other.scheme, other.netloc):
        raise Misuse("other-host", f"{url[:200]} is on another host than {other.netloc}; it is not read.")


def _each(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _bad(url: str, what: str) -> Misuse:
    return Misuse("bad-provider", f"What stands at {url[:200]} is no provider's metadata: it {what}.")
