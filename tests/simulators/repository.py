"""A TUF repository of the instance with its ceremony, and mirrors between it and a client, honest or not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from django.test import Client
from tuf.api.exceptions import DownloadHTTPError
from tuf.ngclient import FetcherInterface

from seatrial.clearinghouse.delivery import api as delivery
from seatrial.clearinghouse.delivery import queries
from seatrial.client.fetching import Fetched, fetch_patch

from .harbour import Harbour

HERE = "http://instance.test"
DIFF = b"--- a/curd.c\n+++ b/curd.c\n@@ -1,1 +1,1 @@\n-int most = 9;\n+int most = 8;\n"


class Mirror(FetcherInterface):
    """What a client asks for, as the instance answers it, unless ``lies`` says otherwise (the path → the bytes)."""

    def __init__(self) -> None:
        self.lies: dict[str, bytes | Callable[[], Iterator[bytes]]] = {}
        self.seen: dict[str, bytes] = {}

    def _fetch(self, url: str) -> Iterator[bytes]:
        path = urlsplit(url).path
        lie = self.lies.get(path)
        if callable(lie):
            return lie()
        if lie is not None:
            return iter([lie])
        answer = Client().get(path)
        if answer.status_code != 200:
            raise DownloadHTTPError("not there", answer.status_code)
        self.seen[path] = answer.content
        return iter([answer.content])

    def freeze(self) -> None:
        """From now on it shows the timestamp that it saw last, and what that names."""
        self.lies |= dict(self.seen)


@dataclass
class Repository:
    """Two holders of the root, both needed; the vendor ``vendor-a`` has a key of its own."""

    harbour: Harbour
    at: datetime
    holders: list[bytes] = field(default_factory=lambda: [delivery.new_key(), delivery.new_key()])
    vendor: bytes = field(default_factory=delivery.new_key)
    trust: bytes = b""

    @property
    def later(self) -> datetime:
        return self.at + timedelta(days=200)

    def begin(self) -> None:
        """The ceremony, and a delegation to the vendor."""
        online = delivery.online_key()
        root, targets = delivery.new_root(
            self.holders, online, threshold=2, expires=self.later, role_expires=self.later
        )
        self.trust = root
        self.accept("root", root)
        self.accept("targets", targets)
        self.delegate(self.vendor)

    def accept(self, role: str, data: bytes, targets: bytes | None = None) -> int:
        return delivery.accept(by=self.harbour.analyst, role=role, data=data, targets=targets, at=self.at)

    def delegate(self, key: bytes | None, **more: list[bytes]) -> int:
        held = queries.content_of("targets") or b""
        public = delivery.public(key) if key else None
        keys = more.get("keys", self.holders)
        data = delivery.delegate(held, keys, vendor="vendor-a", key=public, expires=self.later)
        return self.accept("targets", data)

    def signed(self, files: dict[str, bytes], *, key: bytes | None = None) -> bytes:
        previous = queries.content_of("vendor-a")
        return delivery.sign_targets("vendor-a", key or self.vendor, files, previous=previous, expires=self.later)

    def publish(self, files: dict[str, bytes], *, at: datetime | None = None) -> int:
        data = self.signed(files)
        return delivery.publish(by=self.harbour.maintainer, role="vendor-a", data=data, files=files, at=at or self.at)

    def fetch(self, name: str, mirror: Mirror, folder: Path) -> Fetched:
        return fetch_patch(name, url=HERE, trust=self.trust, state=folder / "state", to=folder / "here", fetcher=mirror)
