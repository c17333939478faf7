"""What the instance takes in, by TUF's own rules (specification, section 5), and what it signs with its online key."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from securesystemslib.exceptions import UnverifiedSignatureError, VerificationError
from securesystemslib.signer import CryptoSigner
from tuf.api.exceptions import LengthOrHashMismatchError, RepositoryError, UnsignedMetadataError
from tuf.api.metadata import Metadata, MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp

from seatrial.clearinghouse.delivery.types import CHECKS, ROOT, TARGETS, PatchLine, RoleView
from seatrial.kernel.errors import Conflict, Misuse, Refused

from .ceremony import parsed

TIMESTAMP_LIVES, SNAPSHOT_LIVES = timedelta(days=1), timedelta(days=7)


def check_root(data: bytes, current: bytes | None, now: datetime) -> Metadata[Root]:
    """A root that may follow ``current``: signed by both, the next version, not expired (5.3).

    Raises ``Refused`` (``not-signed``, ``expired``), ``Conflict`` (``wrong-version``), ``Misuse`` (``bad-metadata``).
    """
    said: Metadata[Root] = parsed(data, Root)
    before: Metadata[Root] | None = parsed(current, Root) if current else None
    _follows(said, before, now)
    if not said.signed.consistent_snapshot:
        raise Misuse("bad-metadata", "A root without consistent snapshots cannot be served safely.")
    for judge in (before, said):
        if judge is not None:
            _verify(judge.signed, ROOT, said)
    return said


def check_targets(data: bytes, root: bytes, current: bytes | None, now: datetime) -> Metadata[Targets]:
    """The top targets role, by the root's threshold; it delegates, and signs no file. Raises as ``check_root``."""
    said: Metadata[Targets] = parsed(data, Targets)
    _follows(said, parsed(current, Targets) if current else None, now)
    _verify(parsed(root, Root).signed, TARGETS, said)
    if said.signed.targets:
        raise Misuse("bad-metadata", "Files are signed by the vendors' roles; the top role only delegates.")
    return said


def check_vendor(
    role: str, data: bytes, targets: bytes, current: bytes | None, files: Mapping[str, bytes], now: datetime
) -> Metadata[Targets]:
    """A vendor's own role, by the key that is delegated to; ``files`` by path, each new one as its metadata says.

    Raises as ``check_root``, and ``Misuse`` (``bad-target``), ``Refused`` (``no-such-vendor``).
    """
    said: Metadata[Targets] = parsed(data, Targets)
    top = parsed(targets, Targets).signed
    if role == CHECKS or role not in delegated(targets):
        raise Refused("no-such-vendor", f"No key is delegated to {role[:60]!r}; the holders of the root do that.")
    before: Metadata[Targets] | None = parsed(current, Targets) if current else None
    _follows(said, before, now)
    _verify(top, role, said)
    if said.signed.delegations is not None:
        raise Misuse("bad-metadata", "A vendor's role delegates to nobody else.")
    known = before.signed.targets if before else {}
    for path, target in said.signed.targets.items():
        if path.partition("/")[0] != role or path.count("/") != 1 or "sha256" not in target.hashes:
            raise Misuse("bad-target", f"{path[:80]!r} is not the name of a file of {role} with its SHA-256.")
        if path not in files and not _same(known.get(path), target):
            raise Misuse("bad-target", f"The file {path[:80]!r} is signed and was not sent.")
    for path, content in files.items():
        own = said.signed.targets.get(path)
        try:
            if own is None:
                raise LengthOrHashMismatchError("It is not signed.")
            own.verify_length_and_hashes(content)
        except LengthOrHashMismatchError as error:
            raise Misuse("bad-target", f"The file {path[:80]!r} is not the one that is signed.") from error
    return said


def online(
    roles: Mapping[str, int], signer: CryptoSigner, *, snapshot: int, timestamp: int, now: datetime
) -> tuple[bytes, bytes]:
    """Snapshot and timestamp of these versions over targets roles by name with their versions."""
    meta = {f"{role}.json": MetaFile(version) for role, version in sorted(roles.items())}
    whole = Metadata(Snapshot(version=snapshot, expires=_whole(now + SNAPSHOT_LIVES), meta=meta))
    whole.sign(signer)
    data = whole.to_bytes()
    return data, stamp(snapshot, data, signer, version=timestamp, now=now)


def stamp(snapshot: int, data: bytes, signer: CryptoSigner, *, version: int, now: datetime) -> bytes:
    """A timestamp of ``version`` over the snapshot ``data``."""
    file = MetaFile.from_data(snapshot, data, ["sha256"])
    said = Metadata(Timestamp(version=version, expires=_whole(now + TIMESTAMP_LIVES), snapshot_meta=file))
    said.sign(signer)
    return said.to_bytes()


def views(root: bytes, targets: bytes, held: Mapping[str, bytes]) -> tuple[RoleView, ...]:
    """The roles in force, the root first; ``held`` has those that are delegated and signed already."""
    found = [_view(ROOT, root, root), _view(TARGETS, targets, root)]
    found += [_view(role, data, targets) for role, data in sorted(held.items())]
    return tuple(found)


def signed_files(role: str, data: bytes) -> tuple[PatchLine, ...]:
    """The files that a vendor's role signs, by path."""
    said = parsed(data, Targets).signed
    return tuple(
        PatchLine(path, role, target.hashes["sha256"], target.length, said.expires)
        for path, target in sorted(said.targets.items())
    )


def still_signed(role: str, data: bytes, judge: bytes) -> bool:
    """Whether a role's metadata is signed by the keys that ``judge``, root or targets, names for it now."""
    by = Metadata.from_bytes(judge).signed
    try:
        _verify(by, role, parsed(data, Targets))
    except Refused:
        return False
    return True


def delegated(targets: bytes) -> tuple[str, ...]:
    """The roles that the top targets role delegates to."""
    delegations = parsed(targets, Targets).signed.delegations
    return tuple(sorted(delegations.roles or {})) if delegations else ()


def _view(role: str, data: bytes, judge: bytes) -> RoleView:
    said: Metadata = Metadata.from_bytes(data)  # type: ignore[type-arg]
    by = Metadata.from_bytes(judge).signed
    own = by.roles[role] if isinstance(by, Root) else (by.delegations.roles or {})[role]
    paths = tuple(sorted(said.signed.targets)) if isinstance(said.signed, Targets) else ()
    return RoleView(role, said.signed.version, said.signed.expires, tuple(own.keyids), own.threshold, paths)


def _follows(said: Metadata, before: Metadata | None, now: datetime) -> None:  # type: ignore[type-arg]
    wanted = before.signed.version + 1 if before else 1
    if said.signed.version != wanted:
        raise Conflict("wrong-version", f"Version {wanted} comes next; this is {said.signed.version}.")
    if said.signed.is_expired(now):
        raise Refused("expired", f"This expired on {said.signed.expires:%Y-%m-%d}; sign it with a later date.")


def _verify(judge: Root | Targets, role: str, said: Metadata) -> None:  # type: ignore[type-arg]
    try:
        judge.verify_delegate(role, said.signed_bytes, said.signatures)
    except (UnsignedMetadataError, RepositoryError, VerificationError, UnverifiedSignatureError, ValueError) as error:
        raise Refused("not-signed", f"This {role} is not signed by enough of the keys that may sign it.") from error


def _same(known: TargetFile | None, target: TargetFile) -> bool:
    return known is not None and known.length == target.length and known.hashes == target.hashes


def _whole(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
