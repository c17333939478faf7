"""Delivery of patches: a vendor's signed role is sent, the roles in force are read. Fetching is ``fetch_patch``."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass

from seatrial.clearinghouse.delivery.types import PatchLine, RoleView

from .calling import Caller, at


@dataclass(frozen=True, slots=True)
class Delivery:
    """What ``seatrial delivery sign`` wrote is sent with the files that it signs."""

    _caller: Caller

    def roles(self) -> tuple[RoleView, ...]:
        """The roles in force, the root first."""
        return self._caller.get_all(RoleView, at("delivery", "roles"))

    def patches(self) -> tuple[PatchLine, ...]:
        """The files that vendors sign now, by path, with what machines there found of them."""
        return self._caller.get_all(PatchLine, at("delivery", "patches"))

    def publish(self, vendor: str, metadata: bytes, files: Mapping[str, bytes]) -> int:
        """Send your organisation's own role and its new files by name; the version that is in force then."""
        sent = {name: base64.b64encode(data).decode() for name, data in files.items()}
        said = {"metadata": metadata.decode(), "files": sent}
        return int(self._caller.change_json("POST", at("delivery", "vendors", vendor), said)["version"])
