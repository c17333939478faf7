"""Every setting of an instance, frozen. ``seatrial.config.environment`` reads it once; it is passed down."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """``home`` holds everything this instance keeps: database, keys, artefacts, logs."""

    home: Path
    database_url: str  # sqlite:///path or postgresql://…
    secret_key: str  # Django's, for sessions
    debug: bool
    host: str
    port: int  # the portal's and the API's
    portal_address: str  # how people and programs reach the portal, "https://body.example"; empty: as it listens
    gateway_port: int
    gateway_processes: int  # on that port; with more than one a new gateway may start before the old one has drained
    gateway_drain_seconds: float  # for calls in flight when a gateway is asked to stop
    gateway_metrics_port: int  # Prometheus, on the same address, one port for each process; 0: none
    gateway_body_limit: int  # bytes of the largest body of a request that is not JSON
    gateway_spool: Path  # where each gateway process keeps large bodies while they pass, encrypted
    gateway_spool_limit: int  # bytes of all of them together
    gateway_address: str  # how callers reach the gateway, "https://gateway.body.example"; empty: as it listens
    gateway_tls_certificate: Path | None  # PEM, the gateway's own; with it callers speak TLS
    gateway_tls_key: Path | None
    gateway_tls_client_ca: Path | None  # with it a caller needs a certificate from one of these authorities
    gateway_upstream_ca: Path | None  # whom developers' endpoints may be certified by, beside the public authorities
    gateway_upstream_certificate: Path | None  # shown to an endpoint that asks for one
    gateway_upstream_key: Path | None
    ledger_origin: str  # first line of every checkpoint
    system_high: str  # the highest level this instance may hold, e.g. "controlled"
    attachment_limit: int  # bytes of the largest file that can be attached
    proxies: int  # trusted ones in front of the portal and the API, each of which appends to X-Forwarded-For
    reports_organisation: int  # vulnerability reports a day: of an organisation,
    reports_person: int  # of one person of it,
    reports_address: int  # and of strangers in one neighbourhood of network addresses
    cut_bound_seconds: float  # streams in flight end at most this long after a right has ended
    executor: str  # where campaigns run: "inline", "processes:4", "ray:8"
    sandbox: str  # Inspect's provider of a campaign's sandboxes: "seatrial", "docker" or "k8s"
    smtp_url: str  # smtp://… or smtps://…; empty: mails are written into <home>/mail
    mail_from: str  # whose address mails carry
    advisory_licence: str  # of advisories marked TLP:CLEAR, by its SPDX identifier
    loopback_webhooks: bool  # whether a webhook or a member's feed may be on this machine, over http: for development

    @property
    def keys(self) -> Path:
        """Private keys, mode 0600, never in the database."""
        return self.home / "keys"

    @property
    def artefacts(self) -> Path:
        """Suites, campaign logs and other files too large for rows."""
        return self.home / "artefacts"

    @property
    def gateway_url(self) -> str:
        """Where callers find the gateway, without a slash at the end."""
        scheme = "http" if self.gateway_tls_certificate is None else "https"
        return self.gateway_address or f"{scheme}://{self.host}:{self.gateway_port}"

    @property
    def portal_url(self) -> str:
        """Where people and programs find the portal, without a slash at the end; documents name their publisher so."""
        return self.portal_address or f"http://{self.host}:{self.port}"
