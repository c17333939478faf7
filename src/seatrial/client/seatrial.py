"""The client as a whole: one object, a topic for each part of a lab's work."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from seatrial.kernel.errors import Misuse

from .access import Access
from .advisories import Advisories
from .calling import Caller, Keys, Patience
from .campaigns import Campaigns
from .casefiles import Casefiles
from .coordination import Coordination
from .delivery import Delivery
from .determinations import Determinations
from .dossiers import Dossiers
from .exposures import Exposures
from .findings import Findings
from .handing import Handing
from .identity import Identity
from .inventories import Inventories
from .ledger import Ledger
from .members import Members
from .notices import Notices
from .parties import Parties
from .planning import Memos, Plans
from .reviews import Reviews
from .threads import Threads
from .transport import Http, Transport
from .triage import Triage
from .weights import Weights


class Seatrial:
    """An instance as one person sees it. Use it as a context manager, or call ``close``.

    ``Seatrial(base_url, token)`` speaks HTTP; ``Seatrial.over(transport)`` anything that carries requests;
    ``Seatrial.from_environment()`` reads what a pipeline sets.
    """

    def __init__(
        self,
        base_url: str,
        token: str,
        *,
        timeout: float = 30.0,
        ca_bundle: Path | None = None,
        insecure: bool = False,
        keys: Keys = Keys(),  # noqa: B008 - frozen
        patience: Patience = Patience(),  # noqa: B008 - frozen
    ) -> None:
        transport = Http(base_url, token, timeout=timeout, ca_bundle=ca_bundle, insecure=insecure)
        self._caller = Caller(transport, keys, patience)

    @classmethod
    def over(cls, transport: Transport, *, keys: Keys = Keys(), patience: Patience = Patience()) -> Self:  # noqa: B008
        """A client whose requests ``transport`` carries."""
        made = cls.__new__(cls)
        made._caller = Caller(transport, keys, patience)
        return made

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None, *, key: str | None = None) -> Self:
        """From ``SEATRIAL_URL``, ``SEATRIAL_TOKEN`` and, if set, ``SEATRIAL_CA_BUNDLE``, ``SEATRIAL_TIMEOUT``,
        ``SEATRIAL_INSECURE=1`` and ``SEATRIAL_IDEMPOTENCY_KEY`` (a prefix; ``key`` is used as it is).

        Raises ``Misuse`` (``bad-setting``) naming the variable.
        """
        environment = os.environ if environment is None else environment
        for name in ("SEATRIAL_URL", "SEATRIAL_TOKEN"):
            if not environment.get(name):
                raise Misuse("bad-setting", f"{name} is not set; a client needs SEATRIAL_URL and SEATRIAL_TOKEN.")
        timeout = environment.get("SEATRIAL_TIMEOUT") or "30"
        try:
            seconds = float(timeout)
        except ValueError:
            seconds = 0.0
        if not 0 < seconds <= 3600:
            raise Misuse("bad-setting", f"SEATRIAL_TIMEOUT is {timeout!r}; write seconds, at most 3600.")
        bundle = environment.get("SEATRIAL_CA_BUNDLE")
        return cls(
            environment["SEATRIAL_URL"],
            environment["SEATRIAL_TOKEN"],
            timeout=seconds,
            ca_bundle=Path(bundle) if bundle else None,
            insecure=environment.get("SEATRIAL_INSECURE") == "1",
            keys=Keys(exact=key, prefix=environment.get("SEATRIAL_IDEMPOTENCY_KEY")),
        )

    @cached_property
    def reviews(self) -> Reviews:
        return Reviews(self._caller)

    @cached_property
    def access(self) -> Access:
        return Access(self._caller)

    @cached_property
    def weights(self) -> Weights:
        return Weights(self._caller)

    @cached_property
    def threads(self) -> Threads:
        return Threads(self._caller)

    @cached_property
    def campaigns(self) -> Campaigns:
        return Campaigns(self._caller)

    @cached_property
    def determinations(self) -> Determinations:
        return Determinations(self._caller)

    @cached_property
    def coordination(self) -> Coordination:
        return Coordination(self._caller)

    @cached_property
    def advisories(self) -> Advisories:
        return Advisories(self._caller)

    @cached_property
    def exposures(self) -> Exposures:
        return Exposures(self._caller)

    @cached_property
    def inventories(self) -> Inventories:
        return Inventories(self._caller)

    @cached_property
    def parties(self) -> Parties:
        return Parties(self._caller)

    @cached_property
    def plans(self) -> Plans:
        return Plans(self._caller)

    @cached_property
    def memos(self) -> Memos:
        return Memos(self._caller)

    @cached_property
    def dossiers(self) -> Dossiers:
        return Dossiers(self._caller)

    @cached_property
    def findings(self) -> Findings:
        return Findings(self._caller)

    @cached_property
    def triage(self) -> Triage:
        return Triage(self._caller)

    @cached_property
    def members(self) -> Members:
        return Members(self._caller)

    @cached_property
    def delivery(self) -> Delivery:
        return Delivery(self._caller)

    @cached_property
    def handing(self) -> Handing:
        return Handing(self._caller)

    @cached_property
    def identity(self) -> Identity:
        return Identity(self._caller)

    @cached_property
    def notices(self) -> Notices:
        return Notices(self._caller)

    @cached_property
    def casefiles(self) -> Casefiles:
        return Casefiles(self._caller)

    @cached_property
    def ledger(self) -> Ledger:
        return Ledger(self._caller)

    def version(self) -> str:
        """The server's version."""
        return str(self._caller.get_json("/health")["version"])

    def close(self) -> None:
        """Let go of connections."""
        self._caller.transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()
