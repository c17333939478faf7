"""What a provider lists: ROLIE feeds (RFC 8322 as JSON; CSAF, 7.1.15) and folders (7.1.12, 7.1.13)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urljoin

from seatrial.clearinghouse.members.types import MOST_DOCUMENTS, Listed
from seatrial.kernel.canonical import from_json
from seatrial.kernel.errors import Misuse


def of_feed(data: bytes, url: str) -> tuple[Listed, ...]:
    """The entries of a feed. Raises ``Misuse`` (``not-json``, ``bad-feed``)."""
    said = from_json(data, url)
    feed = said.get("feed") if isinstance(said, Mapping) else None
    entries = feed.get("entry") if isinstance(feed, Mapping) else None
    if not isinstance(entries, list):
        raise Misuse("bad-feed", f"What stands at {url[:200]} is no ROLIE feed with entries.")
    return _bounded((_entry(one, url) for one in entries if isinstance(one, Mapping)), url)


def of_folder(data: bytes, folder: str) -> tuple[Listed, ...]:
    """The lines of ``changes.csv``: a path and a moment. Raises ``Misuse`` (``bad-feed``)."""
    try:
        rows = list(csv.reader(io.StringIO(data.decode("utf-8")), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise Misuse("bad-feed", f"{folder[:200]}changes.csv is not CSV in UTF-8.") from error
    return _bounded((beside(urljoin(folder, row[0]), row[1]) for row in rows if len(row) >= 2), folder)


def beside(url: str, updated: str) -> Listed:
    """A document whose hashes and signature stand beside it, as in folders (7.1.18 to 7.1.20)."""
    return Listed(url, updated, f"{url}.sha256", f"{url}.sha512", f"{url}.asc")


def _entry(entry: Mapping[str, Any], url: str) -> Listed:
    content = entry.get("content")
    where = str(content.get("src", "")) if isinstance(content, Mapping) else ""
    links: dict[str, list[str]] = {}
    for one in entry.get("link") or []:
        if isinstance(one, Mapping) and isinstance(one.get("href"), str):
            links.setdefault(str(one.get("rel", "")), []).append(one["href"])
    where = where or next(iter(links.get("self", [])), "")
    if not where:
        raise Misuse("bad-feed", f"An entry of the feed at {url[:200]} names no document.")
    hashes = links.get("hash", [])
    return Listed(
        url=where,
        updated=str(entry.get("updated", "")),
        sha256=next((one for one in hashes if one.endswith(".sha256")), ""),
        sha512=next((one for one in hashes if one.endswith(".sha512")), ""),
        signature=next(iter(links.get("signature", [])), ""),
    )


def _bounded(found: Iterator[Listed], url: str) -> tuple[Listed, ...]:
    """Each document once; of two entries the one that changed last."""
    kept: dict[str, Listed] = {}
    for one in found:
        if one.url not in kept or kept[one.url].updated <= one.updated:
            kept[one.url] = one
        if len(kept) > MOST_DOCUMENTS:
            raise Misuse("bad-feed", f"What {url[:200]} lists is too much: more than {MOST_DOCUMENTS:,} documents.")
    return tuple(sorted(kept.values(), key=lambda one: one.url))
