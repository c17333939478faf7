"""Fetching a patch so that it can be trusted: python-tuf's own client, and the check that is attached to the patch.

What is trusted is a root that one got by another way than the mirror. What was seen is kept (``state``), so that no
mirror can lead back behind it. What goes wrong is one of these, each with its code:

    fetch-unreachable   nobody answered
    fetch-expired       metadata is older than it may be: a mirror that stands still, or a clock that is wrong
    fetch-rollback      the mirror shows an older version than was seen here
    fetch-not-signed    too few of the keys that may sign it have signed
    fetch-damaged       a file is not the one that is signed, too long, or no metadata at all
    no-such-patch       no vendor that is trusted signs a file of that name
    bad-attestation     what is attached is no check of this patch by that instance
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tuf.api.exceptions import (
    BadVersionNumberError,
    DownloadError,
    DownloadHTTPError,
    DownloadLengthMismatchError,
    EqualVersionNumberError,
    ExpiredMetadataError,
    LengthOrHashMismatchError,
    RepositoryError,
    UnsignedMetadataError,
)
from tuf.api.metadata import Metadata, TargetFile, Targets
from tuf.ngclient import FetcherInterface, Updater

from seatrial.clearinghouse.delivery.types import CHECKS, ROOT, SNAPSHOT, TARGETS, TIMESTAMP
from seatrial.kernel.errors import Misuse, NotFound, Refused, SeatrialError, Unavailable


@dataclass(frozen=True, slots=True)
class Fetched:
    """A patch as its vendor signed it. ``versions``: of the verified roles; ``fresh_until``: when the timestamp ends.

    ``check``: what machines of the instance found of it, if that is attached: ``verdict``, ``checks``, ``checkedOn``.
    """

    name: str
    file: Path
    length: int
    sha256: str
    vendor: str
    versions: Mapping[str, int]
    fresh_until: datetime
    check: Mapping[str, Any] | None


def fetch_patch(
    name: str, *, url: str, trust: bytes, state: Path, to: Path, fetcher: FetcherInterface | None = None
) -> Fetched:
    """Fetch ``<vendor>/<file>`` from the instance at ``url`` into the folder ``to``, verified; nothing else is written.

    ``trust`` is the root metadata to begin with, ``state`` a folder for what was seen of this instance. Raises
    ``Refused``, ``NotFound``, ``Unavailable`` with the codes above, ``Misuse`` (``bad-root``, ``bad-target``).
    """
    vendor, _, plain = name.partition("/")
    if not vendor or not plain or "/" in plain or plain in (".", "..") or "\\" in name or vendor == CHECKS:
        raise Misuse("bad-target", f"{name[:80]!r} is no patch's name; it is VENDOR/FILE.")
    if urlsplit(url).scheme not in ("http", "https"):
        raise Misuse("bad-url", f"{url[:80]!r} is no http or https address.")
    base, seen = url.rstrip("/") + "/tuf/", state / hashlib.sha256(url.rstrip("/").encode() + b"\0" + trust).hexdigest()
    seen.mkdir(mode=0o700, parents=True, exist_ok=True)
    to.mkdir(parents=True, exist_ok=True)
    try:
        updater = Updater(str(seen), base + "metadata/", str(to), base + "targets/", fetcher, bootstrap=trust)
    except RepositoryError as error:
        raise Misuse("bad-root", "What is to be trusted is no root metadata that signs itself.") from error
    try:
        updater.refresh()
        found = updater.get_targetinfo(name)
        if found is None:
            raise NotFound("no-such-patch", f"No vendor that is trusted signs {name[:80]!r}.")
        coming = Path(updater.download_target(found, str(seen / "coming.part")))
        sha256 = found.hashes["sha256"]
        attached = updater.get_targetinfo(f"{CHECKS}/{sha256}.json")
        check = _check(updater, attached, sha256, seen) if attached else None
    except (RepositoryError, DownloadError) as error:
        raise _said(error) from error
    file = Path(shutil.move(coming, to / plain))  # only now: nothing unverified is ever in the folder
    stamped = Metadata.from_file(str(seen / "timestamp.json"))
    roles = (ROOT, TARGETS, SNAPSHOT, TIMESTAMP, vendor)
    versions = {role: Metadata.from_file(str(seen / f"{role}.json")).signed.version for role in roles}
    return Fetched(name, file, found.length, sha256, vendor, versions, stamped.signed.expires, check)


def _check(updater: Updater, attached: TargetFile, sha256: str, seen: Path) -> Mapping[str, Any]:
    """The predicate of what is attached, by a key that the top role names for it."""
    from seatrial.clearinghouse.delivery import api as delivery

    kept = seen / "check.json"
    data = Path(updater.download_target(attached, str(kept))).read_bytes()
    kept.unlink()
    delegations = Metadata[Targets].from_file(str(seen / "targets.json")).signed.delegations
    if delegations is None or delegations.roles is None:
        raise Refused("bad-attestation", "The root's targets name nobody who attaches checks.")
    role = delegations.roles[CHECKS]
    return delivery.read_attested(data, [delegations.keys[keyid] for keyid in role.keyids], sha256)


def _said(error: Exception) -> SeatrialError:
    if isinstance(error, ExpiredMetadataError):
        return Refused(
            "fetch-expired", f"What the mirror shows has expired ({error}); it stands still, or a clock errs."
        )
    if isinstance(error, BadVersionNumberError | EqualVersionNumberError):
        return Refused("fetch-rollback", f"The mirror shows an older version than was seen here ({error}).")
    if isinstance(error, UnsignedMetadataError):
        return Refused("fetch-not-signed", f"Too few of the keys that may sign it have signed ({error}).")
    if isinstance(error, DownloadHTTPError) or (
        isinstance(error, DownloadError) and not isinstance(error, DownloadLengthMismatchError)
    ):
        return Unavailable(
            "fetch-unreachable", f"The mirror does not have what it should, or does not answer ({error})."
        )
    if isinstance(error, LengthOrHashMismatchError | DownloadLengthMismatchError):
        return Refused("fetch-damaged", f"A file is not the one that is signed ({error}).")
    return Refused("fetch-damaged", f"What the mirror shows cannot be trusted ({error}).")
