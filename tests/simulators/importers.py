"""Those who read TAXII for a platform, as the platforms' importers call: OpenCTI's own ingestion, its taxii2
connector, and MISP's taxii21 module. Each remembers between its runs what the original does, and no more.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from taxii2client.v21 import Collection, Server, as_pages


@dataclass
class Store:
    """What has arrived: every object as it came, the newest version of each by id."""

    came: list[dict[str, Any]] = field(default_factory=list)
    newest: dict[str, dict[str, Any]] = field(default_factory=dict)

    def take(self, objects: list[dict[str, Any]]) -> None:
        for one in objects:
            self.came.append(one)
            known = self.newest.get(one["id"])
            if known is None or one.get("modified", "") >= known.get("modified", ""):
                self.newest[one["id"]] = one

    @property
    def twice(self) -> list[str]:
        """The ids of versions that came more than once."""
        names = [(one["id"], one.get("modified", "")) for one in self.came]
        return [id for id, modified in set(names) if names.count((id, modified)) > 1]


@dataclass
class Ingestion:
    """OpenCTI's own: one request a turn to one collection, with ``next`` while there is more, and else with
    ``added_after``, the last X-TAXII-Date-Added-Last as JavaScript keeps a time: cut to the millisecond."""

    address: str  # of the API root, with or without its last stroke
    collection: str
    authorization: str = ""
    limit: int | None = None
    store: Store = field(default_factory=Store)
    cursor: str | None = None
    added_after: str | None = None

    def turn(self) -> int:
        """One request; how many objects came."""
        headers = {"Accept": "application/taxii+json;version=2.1"}
        if self.authorization:
            headers["Authorization"] = self.authorization
        said = {"next": self.cursor, "added_after": self.added_after, "limit": self.limit}
        given = {name: value for name, value in said.items() if value is not None}
        address = f"{self.address.rstrip('/')}/collections/{self.collection}/objects/"
        found = requests.get(address, params=given, headers=headers, timeout=30)
        found.raise_for_status()
        page = found.json()
        objects = page.get("objects", [])
        if not objects:
            return 0  # its state stays as it was, the cursor too
        self.store.take(objects)
        if page.get("more") and page.get("next"):
            self.cursor = page["next"]
        else:
            last = datetime.fromisoformat(found.headers["x-taxii-date-added-last"])
            self.cursor, self.added_after = None, last.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return len(objects)

    def run(self) -> None:
        """Turns until nothing comes."""
        for _ in range(1_000):
            if not self.turn():
                return
        raise AssertionError("The same objects come again and again.")


@dataclass
class Connector:
    """OpenCTI's taxii2 connector, ``*.*``: every collection of every root, from the second in which the last run
    began; on the pages that follow it drops ``added_after`` and sends ``next`` alone."""

    address: str
    credentials: dict[str, Any]
    limit: int
    history: timedelta
    store: Store = field(default_factory=Store)
    last_run: int | None = None

    def run(self, at: datetime) -> None:
        server = Server(self.address, **self.credentials)
        begun = at - self.history if self.last_run is None else datetime.fromtimestamp(self.last_run, UTC)
        for root in server.api_roots:
            for collection in root.collections:
                page = collection.get_objects(limit=self.limit, added_after=begun)
                while True:
                    self.store.take(page.get("objects", []))
                    if page.get("more") is not True:
                        break
                    page = collection.get_objects(limit=self.limit, next=page["next"])
        self.last_run = int(at.timestamp())


@dataclass
class Module:
    """MISP's taxii21 module: one collection by its address, pages of a hundred, STIX 2.1 alone, a thousand objects."""

    address: str
    user: str | None = None
    password: str | None = None
    most: int = 1_000

    def run(self, **filters: Any) -> list[dict[str, Any]]:
        collection = Collection(self.address, user=self.user, password=self.password)
        given = {"per_request": min(100, self.most), "spec_version": "2.1", **filters}
        found: list[dict[str, Any]] = []
        for page in as_pages(collection.get_objects, **given):
            found += page.get("objects", [])
        return found[: self.most]
