"""The dossier: written whole from a file, compared, shared as twins that lack what is marked, exported."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from seatrial.kernel.digests import Digest
from seatrial.review.dossiers.types import Audience, DiffView, ExportsView, Form, TwinView, VersionView, Withheld

from .calling import Caller, at


@dataclass(frozen=True, slots=True)
class DossierFile:
    """A version as you may read it: ``document`` is in the form of the published schema, without what is withheld."""

    review: str
    version: int
    document: Mapping[str, Any]
    withheld: tuple[Withheld, ...]
    digest: Digest
    source: Digest
    at: datetime
    twins: tuple[TwinView, ...]


@dataclass(frozen=True, slots=True)
class TwinFile:
    """The twin that sharing would make; ``statement`` is what would be signed."""

    audience: Audience
    partner: str
    version: int
    document: Mapping[str, Any]
    withheld: tuple[Withheld, ...]
    digest: Digest
    statement: str


@dataclass(frozen=True, slots=True)
class Dossiers:
    """Every version is the developer's alone until a twin of it is shared."""

    _caller: Caller

    def show(self, review: str, *, version: int | None = None) -> DossierFile:
        """A version of the dossier as you may read it, the newest by default."""
        return self._caller.get(DossierFile, at("reviews", review, "dossier"), version=version)

    def put(
        self, review: str, document: bytes, *, form: Literal["toml", "json"] = "toml", based_on: int | None = None
    ) -> DossierFile:
        """Keep a new version from a whole file; with ``based_on`` (0 for none) only if that is still the newest.

        Raises ``Misuse`` with every fault at once in ``facts``, each with its line and field.
        """
        return self._caller.send_file(
            DossierFile,
            "PUT",
            at("reviews", review, "dossier"),
            io.BytesIO(document),
            f"application/{form}",
            based_on=based_on,
        )

    def source(self, review: str, *, version: int | None = None, form: Literal["toml", "json"] = "toml") -> bytes:
        """The whole source, for its developer: a file that reads back to exactly this version."""
        return self._caller.get_bytes(at("reviews", review, "dossier", "source"), version=version, format=form)

    def versions(self, review: str) -> tuple[VersionView, ...]:
        """The versions you may know of, newest first, with the twins that were shared."""
        return self._caller.get_all(VersionView, at("reviews", review, "dossier", "versions"))

    def diff(self, review: str, old: int, new: int) -> DiffView:
        """What changed between two versions, of what you may read in both."""
        return self._caller.get(DiffView, at("reviews", review, "dossier", "diff"), old=old, new=new)

    def twin(
        self, review: str, *, audience: Audience = Audience.BODY, partner: str = "", version: int | None = None
    ) -> TwinFile:
        """The twin that sharing would make, proven to lack what it withholds; read it first."""
        path = at("reviews", review, "dossier", "twin")
        return self._caller.get(TwinFile, path, audience=audience, partner=partner, version=version)

    def share(
        self, review: str, *, audience: Audience = Audience.BODY, partner: str = "", version: int | None = None
    ) -> TwinView:
        """Share a version as the twin made for an audience. Signed in the same step if you are a signatory."""
        said = {"audience": audience, "partner": partner, "version": version}
        return self._caller.change(TwinView, "POST", at("reviews", review, "dossier", "twins"), said)

    def sign(self, review: str, version: int, *, audience: Audience = Audience.BODY, partner: str = "") -> TwinView:
        """Sign, for the developer, the statement beside a twin that was shared."""
        said = {"audience": audience, "partner": partner, "version": version}
        return self._caller.change(TwinView, "POST", at("reviews", review, "dossier", "signatures"), said)

    def exports(
        self, review: str, *, audience: Audience | None = None, partner: str = "", version: int | None = None
    ) -> ExportsView:
        """The documents that can be made, and what the dossier still lacks for each."""
        path = at("reviews", review, "dossier", "exports")
        return self._caller.get(ExportsView, path, audience=audience, partner=partner, version=version)

    def export(
        self,
        review: str,
        form: Form,
        *,
        audience: Audience | None = None,
        partner: str = "",
        version: int | None = None,
    ) -> bytes:
        """One document as a file: as you read the dossier, or as an audience may."""
        path = at("reviews", review, "dossier", "exports", form)
        return self._caller.get_bytes(path, audience=audience, partner=partner, version=version)

    def blank(self) -> bytes:
        """A TOML file to start from: every field with its question."""
        return self._caller.get_bytes("/dossiers/blank")

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of a dossier file."""
        found: dict[str, Any] = self._caller.get_json("/dossiers/schema")
        return found
