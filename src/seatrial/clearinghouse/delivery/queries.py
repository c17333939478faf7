"""Every read of delivery. What is here is public: whoever may fetch it is whoever has the address."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime

from django.db.models import Max

from .core.accepting import delegated, signed_files, views
from .core.attestation import found_in
from .models import MetadataRow, TargetRow
from .types import CHECKS, ROOT, TARGETS, TIMESTAMP, PatchLine, RoleView, Served


def in_force(role: str) -> MetadataRow | None:
    """The highest version of a role."""
    return MetadataRow.objects.filter(role=role).order_by("-version").first()


def content_of(role: str) -> bytes | None:
    """Its bytes."""
    row = in_force(role)
    return bytes(row.content) if row else None


def versions() -> dict[str, int]:
    """Every role with its highest version."""
    return dict(MetadataRow.objects.values_list("role").annotate(Max("version")).order_by("role"))


def roles() -> tuple[RoleView, ...]:
    """Root, targets and the delegated roles in force that are signed; nothing before the first root."""
    root, targets = content_of(ROOT), content_of(TARGETS)
    if root is None or targets is None:
        return ()
    held = {role: content_of(role) for role in delegated(targets)}
    return views(root, targets, {role: data for role, data in held.items() if data is not None})


def patches() -> tuple[PatchLine, ...]:
    """Every file that a vendor signs now, by path, with what machines here found of it."""
    targets = content_of(TARGETS)
    vendors = [role for role in delegated(targets) if role != CHECKS] if targets else []
    lines = [line for role in vendors if (data := content_of(role)) for line in signed_files(role, data)]
    paths = {f"{CHECKS}/{line.sha256}.json": line.sha256 for line in lines}
    rows = TargetRow.objects.filter(path__in=paths).order_by("at")
    checked = {paths[row.path]: found_in(bytes(row.content)) for row in rows}
    return tuple(_with(line, checked.get(line.sha256)) for line in lines)


def _with(line: PatchLine, found: tuple[str, tuple[tuple[str, bool | None], ...], datetime] | None) -> PatchLine:
    if found is None:
        return line
    verdict, checks, at = found
    return replace(line, verdict=verdict, checks=checks, checked_at=at)


def metadata(name: str) -> Served | None:
    """``timestamp.json``, or ``<version>.<role>.json``; ``None`` for what is not there."""
    stem = name.removesuffix(".json")
    if stem == name:
        return None
    if stem == TIMESTAMP:
        row = in_force(TIMESTAMP)
        return Served(bytes(row.content), row.sha256, False) if row else None
    number, _, role = stem.partition(".")
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        return None
    found = MetadataRow.objects.filter(role=role, version=int(number)).first()
    return Served(bytes(found.content), found.sha256, True) if found else None


def target(role: str, name: str) -> Served | None:
    """``<sha256>.<name>`` of a role, as consistent snapshots ask for it."""
    sha256, _, plain = name.partition(".")
    found = TargetRow.objects.filter(path=f"{role}/{plain}", sha256=sha256).first()
    return Served(bytes(found.content), found.sha256, True) if found else None


def sha256_of(data: bytes) -> str:
    """In hexadecimal, as TUF writes it."""
    return hashlib.sha256(data).hexdigest()
