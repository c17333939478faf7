"""What a developer declares of an endpoint: short texts, and the digest that a consent may name for them."""

from __future__ import annotations

import re
from typing import Any

from seatrial.kernel.canonical import plain
from seatrial.kernel.digests import Digest, digest_of, parse_digest
from seatrial.kernel.errors import Misuse
from seatrial.kernel.text import UNPRINTABLE
from seatrial.review.identity.types import EndpointVersion, Manifest

LONGEST = 200  # characters of a version, a build, a default's name or value
MOST_DEFAULTS = 40

_BREAKS = re.compile(r"[\t\r\n]")


def check_endpoint(endpoint: EndpointVersion) -> None:
    """Raises ``Misuse`` (``declaration-invalid``) naming everything to mend in one sentence."""
    faults = []
    if not endpoint.version.strip():
        faults.append("the version must say something")
    named = {"version": endpoint.version, "build": endpoint.build}
    named |= {f"default {key!r}": f"{key} {value}" for key, value in endpoint.defaults.items()}
    for name, text in named.items():
        if len(text) > LONGEST:
            faults.append(f"the {name} may have {LONGEST} characters")
        if UNPRINTABLE.search(text) or _BREAKS.search(text):
            faults.append(f"the {name} contains a control character")
    if len(endpoint.defaults) > MOST_DEFAULTS:
        faults.append(f"at most {MOST_DEFAULTS} defaults can be named")
    if any(not key.strip() for key in endpoint.defaults):
        faults.append("a default needs a name")
    if faults:
        raise Misuse("declaration-invalid", f"This declaration cannot be kept yet: {'; '.join(faults)}.", faults=faults)
    if endpoint.system_prompt is not None:
        parse_digest(endpoint.system_prompt)


def pin_endpoint(endpoint: EndpointVersion) -> Digest:
    """What a consent's ``artefact`` names for a hosted model: the digest of everything declared of it."""
    return digest_of(plain(endpoint))


def artefacts_of(endpoint: EndpointVersion | None, manifest: Manifest | None) -> tuple[Digest, ...]:
    """The digests that a consent may name for what was declared."""
    found = [pin_endpoint(endpoint)] if endpoint else []
    return (*found, manifest.digest) if manifest else tuple(found)


def statement_of(
    *, review: str, number: int, endpoint: EndpointVersion | None, manifest: Manifest | None
) -> dict[str, Any]:
    """What pins a declaration: its digest is on the ledger."""
    return {
        "review": review,
        "number": number,
        "endpoint": plain(endpoint),
        "manifest": manifest.digest if manifest else None,
    }


def read_defaults(text: str) -> dict[str, str]:
    """Decoding defaults as people write them: one ``name = value`` a line. Raises ``Misuse``."""
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        name, sign, value = (part.strip() for part in line.partition("="))
        if not sign or not name or not value:
            raise Misuse(
                "declaration-invalid", f"Line {number} of the defaults must read 'name = value', not {line.strip()!r}."
            )
        if name in found:
            raise Misuse("declaration-invalid", f"The default {name!r} stands twice; say it once.")
        found[name] = value
    return found
