"""The door to exposure: inventories in, matches out, for their operators alone; and the same at an operator's home."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from seatrial.clearinghouse.findings.api import CLEARINGHOUSE
from seatrial.kernel.canonical import plain
from seatrial.kernel.digests import digest, digest_of
from seatrial.kernel.labels import Label
from seatrial.parties.types import Actor, Role

from . import actions
from .actions import follow_members, follow_published, forget_advisories, remove_inventory
from .actions.inventories import KEEPERS
from .core.home import as_csv, as_vex, read_advisories, table
from .core.home import match as match_at_home
from .core.inventory import LARGEST, merged, read
from .queries import advisories, every_match, fixed_in, inventories, inventory, marks, match, matches, reach, systems
from .queries.matches import verdicts
from .types import InventoryView

__all__ = [
    "KEEPERS",
    "LARGEST",
    "add_inventory",
    "advisories",
    "as_csv",
    "as_vex",
    "every_match",
    "fixed_in",
    "follow_members",
    "follow_published",
    "forget_advisories",
    "inventories",
    "inventory",
    "learn",
    "marks",
    "match",
    "match_at_home",
    "matches",
    "merged",
    "reach",
    "read",
    "read_advisories",
    "remove_inventory",
    "systems",
    "table",
    "verdicts",
]


def add_inventory(
    *, by: Actor, organisation: str, name: str, files: Mapping[str, bytes], at: datetime
) -> InventoryView:
    """Read ``files`` (by their names) as one inventory and keep it in place of the one that had its name.

    Raises ``Misuse`` as ``core.inventory.read`` and ``actions.keep_inventories`` do; then nothing was kept.
    """
    by.require(organisation, *KEEPERS, to="keep inventories")
    reading = merged(read(data, file) for file, data in files.items())
    whole = digest(b"".join(sorted(digest(data).encode() for data in files.values())))
    (kept,) = actions.keep_inventories(by=by, organisation=organisation, inventories={name: (reading, whole)}, at=at)
    return kept


def learn(*, by: Actor, files: Mapping[str, bytes], label: Label, at: datetime) -> tuple[str, ...]:
    """An analyst gives advisories from elsewhere; those that were new or changed, by name. All or none.

    Raises ``Forbidden``, ``Misuse`` as ``read_advisories`` does.
    """
    by.require(CLEARINGHOUSE, Role.ANALYST, to="give advisories to match")
    found = [(one, digest_of(plain(one))) for name, data in files.items() for one in read_advisories(data, name)]
    return actions.learn_advisories(advisories=found, label=label, at=at)
