"""The door to delivery: ceremonies away from the instance, what it takes in, what it serves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings

from seatrial.parties.types import Actor

from . import actions
from .adapters.file_key import FileKey
from .core.attestation import read_attested
from .core.ceremony import delegate, new_key, new_root, path_of, public, renew_root, renew_targets, sign_targets
from .queries import metadata, patches, roles, target
from .types import ROOT

__all__ = [
    "accept",
    "delegate",
    "metadata",
    "new_key",
    "new_root",
    "online_key",
    "patches",
    "path_of",
    "public",
    "publish",
    "read_attested",
    "refresh",
    "renew_root",
    "renew_targets",
    "roles",
    "sign_targets",
    "target",
]


def online_key() -> bytes:
    """The public half of this instance's online key, for the ceremony of the root."""
    return public(_key().pem())


def accept(*, by: Actor, role: str, data: bytes, at: datetime, targets: bytes | None = None) -> int:
    """See ``actions.accept_root`` and ``accept_targets``; the version. ``targets`` comes with a root alone."""
    if role == ROOT:
        return actions.accept_root(by=by, data=data, targets=targets, key=_key(), at=at)
    return actions.accept_targets(by=by, data=data, key=_key(), at=at)


def publish(*, by: Actor, role: str, data: bytes, files: Mapping[str, bytes], at: datetime) -> int:
    """See ``actions.accept_vendor``; ``files`` by their plain names."""
    named = {path_of(role, name): content for name, content in files.items()}
    return actions.accept_vendor(by=by, role=role, data=data, files=named, key=_key(), at=at)


def refresh(*, at: datetime) -> int:
    """See ``actions.refresh``."""
    return actions.refresh(key=_key(), at=at)


def _key() -> FileKey:
    return FileKey(settings.SEATRIAL.keys / "delivery.pem", new_key)
