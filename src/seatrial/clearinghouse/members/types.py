"""The words of members: who is listed, what was read of them, and why something was not. Pure.

Roles and requirements are those of CSAF 2.1, section 7.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

MOST_BYTES = 16 * 1024**2  # of one document or list
MOST_DOCUMENTS = 100_000  # of one member


class Role(enum.StrEnum):
    """What a provider promises (CSAF, 7.2)."""

    PUBLISHER = "csaf_publisher"
    PROVIDER = "csaf_provider"
    TRUSTED = "csaf_trusted_provider"


@dataclass(frozen=True, slots=True)
class Key:
    """An OpenPGP key by its fingerprint (upper case, hexadecimal) and the address of its certificate."""

    fingerprint: str
    url: str


@dataclass(frozen=True, slots=True)
class Provider:
    """``provider-metadata.json`` as far as it is needed; ``publisher`` as it stands there."""

    url: str
    name: str
    role: Role
    publisher: Mapping[str, Any]
    updated: str
    keys: tuple[Key, ...]
    feeds: tuple[str, ...]
    directories: tuple[str, ...]
    listed: bool  # it wants to be listed by aggregators
    mirrored: bool  # it wants to be mirrored by them


@dataclass(frozen=True, slots=True)
class Listed:
    """A document as a feed or a folder lists it. ``updated`` is the list's own word: another after each change.

    Empty addresses: the list names none.
    """

    url: str
    updated: str
    sha256: str = ""
    sha512: str = ""
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a document says of itself. ``version`` is CSAF's, ``name`` the file's by CSAF's rule."""

    tracking: str
    title: str
    version: str
    name: str
    released: str
    updated: str
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class Read:
    """A document that was verified and judged. ``signature`` is its member's own, or empty."""

    listed: Listed
    content: bytes
    sha256: str
    sha512: str
    signature: str
    facts: Facts


@dataclass(frozen=True, slots=True)
class FaultView:
    """A document that is not mirrored, and why: one sentence each."""

    url: str
    why: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class MemberView:
    """A member. ``name`` is its folder here. ``keys`` are the fingerprints that its documents are verified with;
    ``why`` says what is wrong with its feed as a whole, or is empty."""

    id: str
    name: str
    title: str
    url: str
    mirror: bool
    role: Role
    keys: tuple[str, ...]
    added_at: datetime
    documents: int
    faults: int
    read_at: datetime | None
    next_at: datetime
    why: str
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Mirrored:
    """A document as it is served, without its bytes, which ``api.content`` has by its number. ``path`` is from the
    member's folder; ``signature`` is the member's, or this instance's where the member gave none. ``number`` grows with
    every change."""

    number: int
    member: str  # its name
    path: str
    sha256: str
    sha512: str
    signature: str
    facts: Facts
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Shelf:
    """A member with all that is mirrored of it, the newest first; ``certificates`` by fingerprint, in ASCII armour."""

    name: str
    url: str
    role: Role
    publisher: Mapping[str, Any]
    updated: str
    mirror: bool
    certificates: Mapping[str, str] = field(default_factory=dict)
    documents: tuple[Mirrored, ...] = ()
