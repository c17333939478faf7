"""A provider, walked: its metadata, its keys, what it lists, and each document verified and judged. Keeps nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from seatrial.clearinghouse.advisories import api as advisories
from seatrial.clearinghouse.members.core import judging, lists
from seatrial.clearinghouse.members.core.provider import check_host, fingerprint, place, provider
from seatrial.clearinghouse.members.ports import Reader, Verifier
from seatrial.clearinghouse.members.types import MOST_BYTES, Facts, Listed, Provider, Read, Role
from seatrial.kernel.errors import Misuse, NotFound, Refused, SeatrialError

_SMALL = 2**20  # bytes of a hash, a signature, a certificate
_BINDING = (advisories.Group.SCHEMA, advisories.Group.MANDATORY)
_GAPS = 5  # faults of a document that are told


class Walk:
    """``pinned`` are the fingerprints that alone count, if there are any.

    Raises, when made, ``Misuse`` (``bad-provider``, ``other-host``, ``bad-certificate``), ``Refused``
    (``keys-changed``), and what ``Reader`` raises.
    """

    def __init__(self, url: str, *, reader: Reader, verifier: Verifier, pinned: Collection[str] = ()) -> None:
        self._reader, self._verifier = reader, verifier
        found = place(url)
        self.provider: Provider = provider(reader.read(found, MOST_BYTES), found)
        self.certificates: dict[str, bytes] = {}
        pinned = {fingerprint(one) for one in pinned}
        named = {key.fingerprint for key in self.provider.keys}
        if pinned and not named & pinned:
            raise Refused(
                "keys-changed",
                f"{self.provider.name} signs with other keys now ({', '.join(sorted(named)) or 'none'}) than before "
                f"({', '.join(sorted(pinned))}). Ask it by another way, then register it with the new ones.",
            )
        for key in self.provider.keys:
            if pinned and key.fingerprint not in pinned:
                continue
            certificate = reader.read(key.url, _SMALL)
            if verifier.fingerprint(certificate) != key.fingerprint:
                raise Misuse("bad-certificate", f"The certificate at {key.url[:200]} is not {key.fingerprint}.")
            self.certificates[key.fingerprint] = certificate
        if self.provider.role is Role.TRUSTED and not self.certificates:
            raise Misuse("bad-provider", f"{self.provider.name} says that it signs, and names no key.")

    def listed(self) -> tuple[Listed, ...]:
        """Every document that anybody may read, each once. Raises as ``lists`` and ``Reader`` do."""
        found: dict[str, Listed] = {}
        for url in self.provider.feeds:
            found |= {one.url: one for one in lists.of_feed(self._reader.read(url, MOST_BYTES), url)}
        if not self.provider.feeds:
            for folder in self.provider.directories:
                data = self._reader.read(f"{folder}changes.csv", MOST_BYTES)
                found |= {one.url: one for one in lists.of_folder(data, folder)}
        return tuple(found.values())

    def document(self, listed: Listed, *, own: str, at: datetime) -> Read:
        """Read, verified and judged. Raises ``Misuse`` (``bad-hash``, ``bad-signature``, ``not-valid``, …) and what
        ``Reader`` raises."""
        check_host(listed.url, self.provider.url)
        content = self._reader.read(listed.url, MOST_BYTES)
        must = self.provider.role is Role.TRUSTED
        hashes = [self._hashed(content, "sha256", listed.sha256), self._hashed(content, "sha512", listed.sha512)]
        if must and not any(hashes):
            raise Misuse("bad-hash", "No hash stands beside it, as a trusted provider promises.")
        signature = self._signature(content, listed.signature)
        if must and not signature:
            raise Misuse("bad-signature", "No signature stands beside it, as a trusted provider promises.")
        return Read(
            listed=listed,
            content=content,
            sha256=hashlib.sha256(content).hexdigest(),
            sha512=hashlib.sha512(content).hexdigest(),
            signature=signature.decode("ascii", "replace"),
            facts=self._judged(content, own, at),
        )

    def _beside(self, url: str) -> bytes | None:
        if not url:
            return None
        check_host(url, self.provider.url)
        try:
            return self._reader.read(url, _SMALL)
        except NotFound:
            return None

    def _hashed(self, content: bytes, algorithm: str, url: str) -> bool:
        """Whether there is a hash, and it is this one."""
        said = self._beside(url)
        if said is not None:
            judging.check_hash(content, said, algorithm, url)
        return said is not None

    def _signature(self, content: bytes, url: str) -> bytes:
        found = self._beside(url) if self.certificates else None
        if found and not self._verifier.verify(content, found, self.certificates.values()):
            raise Misuse("bad-signature", "Its signature is not one of its provider's keys.")
        return found or b""

    def _judged(self, content: bytes, own: str, at: datetime) -> Facts:
        document = advisories.parse(content)
        report = advisories.validate(document, now=at)
        if not report.valid:
            binding = [one.sentence for one in report.of(_BINDING)][:_GAPS]
            raise Misuse("not-valid", "It is no valid CSAF document: " + " ".join(binding), faults=binding)
        name = advisories.csaf_name(str(document["document"]["tracking"]["id"]))
        return judging.facts(document, self.provider, name, report.version, own)


def sentences(error: SeatrialError) -> tuple[str, ...]:
    """What is told of a document that was not taken."""
    faults = error.facts.get("faults")
    said = faults if isinstance(faults, list) and faults else [error.message]
    return tuple(judging.shown(one)[:1000] for one in said)


def plain_of(provider: Provider) -> Mapping[str, Any]:
    """What is kept of the publisher: what the aggregator's list says of it."""
    kept = ("category", "name", "namespace", "contact_details", "issuing_authority")
    return {name: judging.shown(provider.publisher[name])[:1000] for name in kept if name in provider.publisher}
