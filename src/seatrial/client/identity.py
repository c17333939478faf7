"""Model identity: what was declared, how the model answered, and whether what was released is what was reviewed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from seatrial.review.identity.types import (
    DeclarationView,
    EndpointVersion,
    Fingerprint,
    FingerprintView,
    IdentityView,
    StatementView,
)

from .calling import Caller, at


@dataclass(frozen=True, slots=True)
class Identity:
    """Declarations and statements are yours until you share them; nothing depends on one."""

    _caller: Caller

    def show(self, review: str) -> IdentityView:
        """What was declared, taken and stated, as far as you may see it."""
        return self._caller.get(IdentityView, at("reviews", review, "identity"))

    def declare(
        self,
        review: str,
        *,
        endpoint: EndpointVersion | None = None,
        manifest: Mapping[str, Any] | None = None,
        public_key: str | None = None,
    ) -> DeclarationView:
        """Declare an endpoint's version, a signed manifest of weights (the content of a ``model.sig``), or both."""
        said = {"endpoint": endpoint, "manifest": manifest, "public_key": public_key}
        return self._caller.change(DeclarationView, "POST", at("reviews", review, "identity", "declarations"), said)

    def share_declaration(self, review: str, number: int) -> IdentityView:
        """Let the review body read a declaration."""
        path = at("reviews", review, "identity", "declarations", str(number), "share")
        return self._caller.change(IdentityView, "POST", path)

    def bring_fingerprint(self, review: str, fingerprint: Mapping[str, Any]) -> FingerprintView:
        """Bring a fingerprint of your own endpoint (the content of its file); it stays yours."""
        path = at("reviews", review, "identity", "fingerprints")
        return self._caller.change(FingerprintView, "POST", path, {"fingerprint": fingerprint})

    def fingerprint(self, fingerprint: str) -> FingerprintView:
        """One fingerprint and how it compares with the opening."""
        return self._caller.get(FingerprintView, at("fingerprints", fingerprint))

    def answers(self, fingerprint: str) -> Fingerprint:
        """The answers of a fingerprint themselves."""
        return self._caller.get(Fingerprint, at("fingerprints", fingerprint, "answers"))

    def state(
        self,
        review: str,
        *,
        manifest: Mapping[str, Any] | None = None,
        public_key: str | None = None,
        fingerprint: str | None = None,
    ) -> StatementView:
        """Sign a statement whether what was released is what was reviewed."""
        said = {"manifest": manifest, "public_key": public_key, "fingerprint": fingerprint}
        return self._caller.change(StatementView, "POST", at("reviews", review, "identity", "statements"), said)

    def share_statement(self, review: str, statement: str) -> StatementView:
        """Let the review body read a statement."""
        path = at("reviews", review, "identity", "statements", statement, "share")
        return self._caller.change(StatementView, "POST", path)

    def envelope(self, statement: str) -> dict[str, Any]:
        """The statement as a DSSE envelope: the file that verifies offline."""
        found: dict[str, Any] = self._caller.get_json(at("statements", statement, "envelope"))
        return found

    def model_key(self, organisation: str) -> str:
        """The public key (PEM) that an organisation's signed manifests verify with, if it keeps one here."""
        return str(self._caller.get_json(at("organisations", organisation, "model-key"))["public_key"])
