"""What a provider and a mirror list alike: ROLIE feeds (RFC 8322 as JSON; CSAF, 7.1.15 and 7.1.16), lists of a folder
(7.1.12 and 7.1.13), and the hash beside a file. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

BEGUN = "2026-06-01T00:00:00Z"  # before anything was published
INFORMATION_TYPE = "urn:ietf:params:rolie:category:information-type"
SCHEMAS: Mapping[str, str] = {
    "2.0": "https://docs.oasis-open.org/csaf/csaf/v2.0/csaf_json_schema.json",
    "2.1": "https://docs.oasis-open.org/csaf/csaf/v2.1/schema/csaf.json",
}
BESIDE = (".sha256", ".sha512", ".asc")  # what stands beside each document
_CSAF = {"scheme": INFORMATION_TYPE, "term": "csaf"}


def feed(
    *, id: str, title: str, here: str, service: str, updated: str | None, entries: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """A feed at the address ``here``; ``updated`` is when its newest document was, if there is one."""
    return {
        "feed": {
            "id": id,
            "title": title,
            "link": [{"rel": "self", "href": here}, {"rel": "service", "href": service}],
            "category": [_CSAF],
            "updated": updated or BEGUN,
            "entry": [*entries],
        }
    }


def entry(*, id: str, title: str, where: str, published: str, updated: str, version: str) -> dict[str, Any]:
    """A document at the address ``where``, in a ``version`` of CSAF."""
    return {
        "id": id,
        "title": title,
        "link": [
            {"rel": "self", "href": where},
            {"rel": "hash", "href": f"{where}.sha256"},
            {"rel": "hash", "href": f"{where}.sha512"},
            {"rel": "signature", "href": f"{where}.asc"},
        ],
        "published": published,
        "updated": updated,
        "content": {"type": "application/json", "src": where},
        "format": {"schema": SCHEMAS[version], "version": version},
    }


def service(feeds: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The service document of feeds: a title and an address each."""
    collections = [{"title": title, "href": href, "categories": {"category": [_CSAF]}} for title, href in feeds]
    return {"service": {"workspace": [{"title": "CSAF", "collection": collections}]}}


def index(paths: Iterable[str]) -> str:
    """``index.txt``: each file's path from the folder."""
    return "".join(f"{path}\n" for path in paths)


def changes(rows: Iterable[tuple[str, str]]) -> str:
    """``changes.csv``: paths and moments as they are given, without a heading."""
    made = io.StringIO()
    csv.writer(made, quoting=csv.QUOTE_ALL).writerows(rows)
    return made.getvalue()


def hash_file(value: str, name: str) -> bytes:
    """A hash in hexadecimal and the name of its file."""
    return f"{value}  {name}\n".encode()
