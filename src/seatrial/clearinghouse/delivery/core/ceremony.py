"""What people sign away from the instance: the root, its targets role with the delegations to vendors, a vendor's own.

The root role's keys sign root and targets with one threshold; snapshot, timestamp and the role ``checks`` belong to the
instance's online key. A vendor's role bears the id of its organisation and may sign ``<id>/…`` alone; it ends the
search for a name (TUF's "terminating"), so nobody else can offer a file under that name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from securesystemslib.exceptions import FormatError
from securesystemslib.signer import CryptoSigner, Key
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import DelegatedRole, Delegations, Metadata, Role, Root, TargetFile, Targets
from tuf.api.serialization import DeserializationError
from tuf.api.serialization.json import JSONSerializer

from seatrial.clearinghouse.delivery.types import CHECKS, MOST_BYTES, ROOT, SNAPSHOT, TARGETS, TIMESTAMP
from seatrial.kernel.errors import Misuse

_ROLE = re.compile(r"[a-z0-9][a-z0-9-]{0,58}")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,199}")
_WRITTEN = JSONSerializer(compact=False)


def new_key() -> bytes:
    """A new Ed25519 private key as PEM (PKCS #8, not encrypted: keep it as you keep what it protects)."""
    return CryptoSigner.generate_ed25519().private_bytes


def signer(pem: bytes) -> CryptoSigner:
    """Raises ``Misuse`` (``bad-key``)."""
    try:
        return CryptoSigner(load_pem_private_key(pem, None))
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise Misuse("bad-key", "This is no private key that can sign (PEM, not encrypted).") from error


def public(pem: bytes) -> bytes:
    """The public half of a private key as JSON, as TUF writes it, with its id."""
    key = signer(pem).public_key
    return json.dumps({"keyid": key.keyid, **key.to_dict()}, indent=1).encode()


def read_public(data: bytes) -> Key:
    """The inverse of ``public``. Raises ``Misuse`` (``bad-key``)."""
    try:
        said = json.loads(data)
        return Key.from_dict(said.pop("keyid"), said)
    except (ValueError, KeyError, TypeError, AttributeError, FormatError) as error:
        raise Misuse("bad-key", "This is no public key as 'seatrial delivery key' writes it.") from error


def new_root(
    keys: Sequence[bytes], online: bytes, *, threshold: int, expires: datetime, role_expires: datetime
) -> tuple[bytes, bytes]:
    """Version 1 of root and of targets, signed with all of ``keys`` (PEM). Raises ``Misuse`` (``bad-threshold``)."""
    signers = [signer(one) for one in keys]
    root = Root(version=1, expires=expires, consistent_snapshot=True)
    for one in signers:
        for role in (ROOT, TARGETS):
            root.add_key(one.public_key, role)
    _bound(root, len({one.public_key.keyid for one in signers}), threshold)
    key = read_public(online)
    for role in (SNAPSHOT, TIMESTAMP):
        root.add_key(key, role)
    targets = Targets(version=1, expires=role_expires, delegations=Delegations({}, {}))
    _delegate(targets, CHECKS, key)
    return _signed(Metadata(root), signers), _signed(Metadata(targets), signers)


def renew_root(
    root: bytes,
    keys: Sequence[bytes],
    *,
    expires: datetime,
    add: Sequence[bytes] = (),
    remove: Sequence[str] = (),
    online: bytes | None = None,
    threshold: int | None = None,
) -> bytes:
    """The next version: other keys, another threshold, another online key, a later end.

    ``keys`` sign it: enough of the old and enough of the new. Raises ``Misuse`` (``bad-metadata``, ``bad-threshold``).
    """
    said = parsed(root, Root)
    held = said.signed
    for key in map(read_public, add):
        for role in (ROOT, TARGETS):
            held.add_key(key, role)
    for keyid in remove:
        for role in (ROOT, TARGETS):
            if keyid not in held.roles[role].keyids:
                raise Misuse("bad-key", f"The root does not know the key {keyid[:64]}.")
            held.revoke_key(keyid, role)
    if online is not None:
        for role in (SNAPSHOT, TIMESTAMP):
            for keyid in list(held.roles[role].keyids):
                held.revoke_key(keyid, role)
            held.add_key(read_public(online), role)
    _bound(held, len(held.roles[ROOT].keyids), threshold or held.roles[ROOT].threshold)
    held.version, held.expires = held.version + 1, expires
    return _signed(said, [signer(one) for one in keys])


def renew_targets(targets: bytes, keys: Sequence[bytes], *, expires: datetime) -> bytes:
    """The next version of targets that delegates as before: for a later end, or other holders of the root."""
    said = parsed(targets, Targets)
    said.signed.version, said.signed.expires = said.signed.version + 1, expires
    return _signed(said, [signer(one) for one in keys])


def delegate(targets: bytes, keys: Sequence[bytes], *, vendor: str, key: bytes | None, expires: datetime) -> bytes:
    """The next version of targets, in which ``vendor`` signs ``<vendor>/…`` with ``key``; without one it does no more.

    Raises ``Misuse`` (``bad-vendor``, ``bad-key``, ``bad-metadata``).
    """
    said = parsed(targets, Targets)
    held = said.signed
    if not _ROLE.fullmatch(vendor) or vendor in (ROOT, TARGETS, SNAPSHOT, TIMESTAMP) or held.delegations is None:
        raise Misuse("bad-vendor", f"{vendor[:60]!r} cannot be a role; a vendor's role is the id of its organisation.")
    roles = held.delegations.roles or {}
    if key is None and vendor not in roles:
        raise Misuse("bad-vendor", f"{vendor[:60]!r} has no role that could be taken back.")
    for keyid in roles[vendor].keyids if vendor in roles else ():
        held.revoke_key(keyid, vendor)
    if key is None:
        del roles[vendor]
    else:
        _delegate(held, vendor, read_public(key))
    held.version, held.expires = held.version + 1, expires
    return _signed(said, [signer(one) for one in keys])


def sign_targets(
    role: str,
    key: bytes,
    files: Mapping[str, bytes],
    *,
    previous: bytes | None,
    expires: datetime,
    drop: Sequence[str] = (),
) -> bytes:
    """The next version of a vendor's own role: what it had, without ``drop`` and with ``files`` by their names.

    Raises ``Misuse`` (``bad-target``, ``bad-metadata``, ``bad-key``).
    """
    said = parsed(previous, Targets) if previous else Metadata(Targets(version=1, expires=expires))
    held = said.signed
    if previous:
        held.version += 1
    for name in drop:
        if held.targets.pop(path_of(role, name), None) is None:
            raise Misuse("bad-target", f"There is no {name[:80]!r} that could be dropped.")
    for name, data in files.items():
        if not 0 < len(data) <= MOST_BYTES:
            raise Misuse("bad-target", f"A target has 1 to {MOST_BYTES} bytes; {name[:80]!r} has {len(data)}.")
        path = path_of(role, name)
        held.targets[path] = TargetFile.from_data(path, data, ["sha256"])
    held.expires = expires
    return _signed(said, [signer(key)])


def path_of(role: str, name: str) -> str:
    """``vendor-a/fix.diff``. Raises ``Misuse`` (``bad-target``) for a name that is not one plain word."""
    if not _NAME.fullmatch(name):
        raise Misuse("bad-target", f"{name[:80]!r} is no name for a target: letters, digits, dots, - and _.")
    return f"{role}/{name}"


def parsed(data: bytes, kind: type[Root] | type[Targets]) -> Metadata:  # type: ignore[type-arg]
    """Metadata of one kind; nothing is verified. Raises ``Misuse`` (``bad-metadata``)."""
    try:
        found: Metadata = Metadata.from_bytes(data)  # type: ignore[type-arg]
    except (DeserializationError, RepositoryError, RecursionError) as error:
        raise Misuse("bad-metadata", "This is no metadata of TUF.") from error
    if not isinstance(found.signed, kind):
        raise Misuse("bad-metadata", f"This is {found.signed.type} metadata where {kind.type} is expected.")
    return found


def _delegate(targets: Targets, role: str, key: Key) -> None:
    if targets.delegations is None or targets.delegations.roles is None:
        raise Misuse("bad-metadata", "These targets delegate by hashed bins; the house's own do so by name.")
    targets.delegations.roles[role] = DelegatedRole(role, [], 1, terminating=True, paths=[f"{role}/*"])
    targets.add_key(key, role)


def _bound(root: Root, keys: int, threshold: int) -> None:
    if not 1 <= threshold <= keys:
        raise Misuse("bad-threshold", f"The threshold is 1 to {keys}, the number of different keys; not {threshold}.")
    for role in (ROOT, TARGETS):
        root.roles[role] = Role(root.roles[role].keyids, threshold)


def _signed(said: Metadata, signers: Sequence[CryptoSigner]) -> bytes:  # type: ignore[type-arg]
    said.signatures.clear()
    for one in signers:
        said.sign(one, append=True)
    return said.to_bytes(_WRITTEN)
