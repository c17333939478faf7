"""What a manifest must be, and what is signed of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seatrial.kernel.canonical import plain
from seatrial.kernel.digests import Digest, parse_digest
from seatrial.kernel.envelope import MOST_RECIPIENTS, TAG
from seatrial.kernel.errors import Misuse
from seatrial.review.weights.types import LARGEST_PART, MOST_PARTS, SMALLEST_PART, WeightsFile, WeightsManifest

MOST_BYTES = 2**50


def check(manifest: WeightsManifest, *, pinned: Digest, largest_part: int) -> None:
    """Raises ``Misuse`` (``manifest-invalid``) naming what is wrong. ``pinned`` is what paths and digests come to."""
    paths = [file.path for file in manifest.files]
    if paths != sorted(set(paths)):
        raise _invalid("its files must be in the order of their paths, each once")
    for file in manifest.files:
        parse_digest(file.digest)
        if not 0 <= file.size <= MOST_BYTES:
            raise _invalid(f"{file.path!r} has {file.size:,} bytes")
    most = min(LARGEST_PART, largest_part)
    if not SMALLEST_PART <= manifest.part_bytes <= most:
        raise _invalid(f"a part must hold {SMALLEST_PART:,} to {most:,} bytes, not {manifest.part_bytes:,}")
    if manifest.parts > MOST_PARTS:
        raise _invalid(f"it comes to more than {MOST_PARTS:,} parts; make them larger")
    if manifest.artefact != pinned:
        raise _invalid(f"its files come to {pinned}, not to the artefact {manifest.artefact}")
    if not 0 < len(manifest.recipients) <= MOST_RECIPIENTS or len(set(manifest.recipients)) < len(manifest.recipients):
        raise _invalid(f"it names 1 to {MOST_RECIPIENTS} recipients' keys, each once")


def most_sealed(part_bytes: int) -> int:
    """The most bytes that a sealed part of so many can have: header and tags included."""
    return part_bytes + TAG * (part_bytes // 2**20 + 1) + 64 * 2**10 + 64


def signed(review: str, transfer: str, manifest: Digest, root: Digest) -> dict[str, Any]:
    """What the developer's organisation signs when it hands the weights over."""
    return {"what": "weights", "review": review, "transfer": transfer, "manifest": manifest, "parts": root}


def manifest_from(said: Mapping[str, Any]) -> WeightsManifest:
    """A manifest from its canonical JSON."""
    return WeightsManifest(
        artefact=Digest(said["artefact"]),
        files=tuple(WeightsFile(one["path"], one["size"], Digest(one["digest"])) for one in said["files"]),
        part_bytes=said["part_bytes"],
        recipients=tuple(map(Digest, said["recipients"])),
    )


def manifest_said(manifest: WeightsManifest) -> dict[str, Any]:
    """The JSON that a manifest's digest covers."""
    found: dict[str, Any] = plain(manifest)
    return found


def _invalid(why: str) -> Misuse:
    return Misuse("manifest-invalid", f"These weights cannot be sent: {why}.")
