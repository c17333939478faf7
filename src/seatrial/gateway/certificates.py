"""Certificates of the gateway: files become TLS contexts, and become new ones when they change.

Whatever is wrong with a file is one sentence that names the setting. A private key is never asked a passphrase for.
Verification cannot be switched off on either side.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from seatrial.kernel.errors import Misuse
from seatrial.kernel.settings import Settings

log = logging.getLogger("seatrial.gateway")

_LOOK_SECONDS = 2.0  # between two looks at the files
_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"  # of TLS 1.2; those of 1.3 are all sound
_CALLERS = "SEATRIAL_GATEWAY_TLS_"
_ENDPOINTS = "SEATRIAL_GATEWAY_UPSTREAM_"


@dataclass(frozen=True, slots=True)
class Files:
    """PEM files: a chain whose first certificate is ours, its key, and the authorities the other side is held to."""

    certificate: Path
    key: Path
    authorities: Path | None = None


class Certificates:
    """What callers' connections are wrapped with. Those that stand keep what they began with.

    With ``authorities`` a caller needs a certificate from one of them. Raises ``Misuse`` (``bad-setting``) when made
    from files that cannot be used; later such files are told in the log, and what was good stays.
    """

    def __init__(self, files: Files) -> None:
        self._files = files
        self._seen = self._stamps()
        self._load()

    @classmethod
    def of(cls, settings: Settings) -> Certificates | None:
        """As the settings say; ``None`` without TLS. Raises ``Misuse`` (``bad-setting``)."""
        certificate, key = settings.gateway_tls_certificate, settings.gateway_tls_key
        if certificate is None or key is None:
            return None
        return cls(Files(certificate, key, settings.gateway_tls_client_ca))

    def look(self) -> bool:
        """Read the files if they changed; true if there is a new context."""
        stamps = self._stamps()
        if stamps == self._seen:
            return False
        self._seen = stamps
        try:
            self._load()
        except Misuse as error:
            log.error("the new certificate is not used, the earlier one stays: %s", error)
            return False
        log.info("the gateway's certificate was read anew")
        return True

    @property
    def ends(self) -> float:
        """When our certificate does, as seconds since 1970."""
        return self._ends.timestamp()

    def _load(self) -> None:
        self.context = callers_context(self._files)
        self._ends = _chain(self._files.certificate, f"{_CALLERS}CERTIFICATE")[0].not_valid_after_utc

    async def watch(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            self.look()

    def _stamps(self) -> tuple[tuple[int, int, int], ...]:
        return tuple(_stamp(path) for path in (self._files.certificate, self._files.key, self._files.authorities))


def callers_context(files: Files) -> ssl.SSLContext:
    """A server's context: TLS 1.2 or later (mutual: 1.3), HTTP/1.1. Raises ``Misuse`` (``bad-setting``)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_CIPHERS)
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    context.set_alpn_protocols(["http/1.1"])
    _show(context, files.certificate, files.key, _CALLERS)
    if files.authorities is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=_authorities(files.authorities, f"{_CALLERS}CLIENT_CA"))
        context.minimum_version = ssl.TLSVersion.TLSv1_3  # an older one may resume without showing a certificate
        context.num_tickets = 0  # each connection shows its certificate anew
    return context


def endpoints_context(authorities: Path | None, certificate: Path | None, key: Path | None) -> ssl.SSLContext:
    """A client's context towards developers' endpoints: public authorities and ``authorities``; an endpoint that asks
    for a certificate is shown ours. Raises ``Misuse`` (``bad-setting``).
    """
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    if authorities is not None:
        context.load_verify_locations(cadata=_authorities(authorities, f"{_ENDPOINTS}CA"))
    if certificate is not None and key is not None:
        _show(context, certificate, key, _ENDPOINTS)
    return context


def _show(context: ssl.SSLContext, certificate: Path, key: Path, prefix: str) -> None:
    """Have ``context`` show that certificate."""
    chain = _chain(certificate, f"{prefix}CERTIFICATE")
    name = f"{prefix}KEY"
    try:
        load_pem_private_key(_read(key, name), password=None)
    except TypeError as error:
        raise _bad(name, key, "is locked by a passphrase; give the key without one, readable by the gateway") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _bad(name, key, "holds no private key in PEM") from error
    try:
        context.load_cert_chain(certificate, key)
    except ssl.SSLError as error:
        raise _bad(name, key, f"does not go with the certificate in {certificate}") from error
    end = chain[0].not_valid_after_utc
    if end < datetime.now(UTC):
        log.warning("the certificate in %s ended on %s; nobody will accept it", certificate, f"{end:%Y-%m-%d}")


def _authorities(path: Path, name: str) -> str:
    _chain(path, name)
    return _read(path, name).decode("latin-1")


def _chain(path: Path, name: str) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(_read(path, name))
    except ValueError as error:
        raise _bad(name, path, "holds no certificate in PEM") from error


def _read(path: Path, name: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _bad(name, path, f"cannot be read ({error.strerror})") from error


def _bad(name: str, path: Path, what: str) -> Misuse:
    return Misuse("bad-setting", f"{name} is {path}, which {what}.")


def _stamp(path: Path | None) -> tuple[int, int, int]:
    """Changes when the file does."""
    if path is None:
        return (0, 0, 0)
    try:
        found = path.stat()
    except OSError:
        return (0, 0, 0)
    return (found.st_mtime_ns, found.st_size, found.st_ino)
