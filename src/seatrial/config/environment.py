"""Reads the environment once. Every variable starts with ``SEATRIAL_``; each has a default that works on one machine.

SEATRIAL_HOME          where data lives                       ./var
SEATRIAL_DATABASE_URL  sqlite:///… or postgresql://…          sqlite:///<home>/seatrial.sqlite3
SEATRIAL_HOST          address to listen on                   127.0.0.1
SEATRIAL_PORT          the portal's and the API's port        8000
SEATRIAL_PORTAL_URL    how people and programs reach it       http://<host>:<port>
SEATRIAL_GATEWAY_PORT  the access gateway's port              8100
SEATRIAL_GATEWAY_PROCESSES      gateways on that port        1 (1 to 64)
SEATRIAL_GATEWAY_DRAIN_SECONDS  for calls in flight at a stop  4 (0 to 86400)
SEATRIAL_GATEWAY_METRICS_PORT   the first one's Prometheus port, 0 for none  0
SEATRIAL_GATEWAY_BODY_MIB       largest request that is not JSON              2048 (20 to 65536)
SEATRIAL_GATEWAY_SPOOL, _SPOOL_MIB  folder of large bodies, and its room      <home>/gateway/spool, 8192 (20 to 1048576)
SEATRIAL_GATEWAY_URL   how callers reach the gateway          http[s]://<host>:<gateway port>
SEATRIAL_GATEWAY_TLS_CERTIFICATE, _KEY   PEM files: callers speak TLS                none: plain HTTP
SEATRIAL_GATEWAY_TLS_CLIENT_CA  PEM file: callers need a certificate from it         none
SEATRIAL_GATEWAY_UPSTREAM_CA    PEM file: further authorities for endpoints          none
SEATRIAL_GATEWAY_UPSTREAM_CERTIFICATE, _KEY   PEM files: shown to an endpoint that asks  none
SEATRIAL_ORIGIN        name of this instance's ledger         seatrial.localhost
SEATRIAL_SYSTEM_HIGH   highest level this instance may hold   controlled
SEATRIAL_ATTACHMENT_MIB largest file that can be attached     64 (1 to 2048)
SEATRIAL_PROXIES       trusted proxies in front of the portal  0 (0 to 8)
SEATRIAL_REPORTS_ORGANISATION, _PERSON   reports a day from one     100000, 50000
SEATRIAL_REPORTS_ADDRESS  and from strangers of one network   200
SEATRIAL_EXECUTOR      where campaigns run                    inline (processes:N, ray:N, ray:N@host:port)
SEATRIAL_SECRET_KEY    session signing key                    made once, kept in <home>/keys
SEATRIAL_SANDBOX       Inspect's provider of sandboxes        seatrial (docker, k8s)
SEATRIAL_SMTP_URL      smtp[s]://user:password@host:port     none: mails are files in <home>/mail
SEATRIAL_MAIL_FROM     whose address mails carry              seatrial@<origin>
SEATRIAL_ADVISORY_LICENCE  of advisories marked TLP:CLEAR     CC-BY-4.0
SEATRIAL_LOOPBACK_WEBHOOKS  1 lets webhooks be on loopback    0
SEATRIAL_DEBUG         1 shows Django's debug pages           0
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from seatrial.compute.types import Executor
from seatrial.kernel.errors import Misuse, Unavailable
from seatrial.kernel.keyfiles import kept
from seatrial.kernel.labels import Level
from seatrial.kernel.settings import Settings

_ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-]+(:[0-9]+)?|https?://\[[0-9A-Fa-f:.]+\](:[0-9]+)?")
_SANDBOXES = ("seatrial", "docker", "k8s")


@cache
def settings() -> Settings:
    """This process's settings, from its environment."""
    return read(os.environ)


def read(environment: Mapping[str, str]) -> Settings:
    """Settings from ``environment``. Raises ``Misuse`` (``bad-setting``) naming the variable."""
    home = Path(environment.get("SEATRIAL_HOME", "var")).absolute()
    system_high = environment.get("SEATRIAL_SYSTEM_HIGH", "controlled")
    if system_high not in [level.word for level in Level]:
        raise Misuse(
            "bad-setting",
            f"SEATRIAL_SYSTEM_HIGH is {system_high!r}; use one of {', '.join(level.word for level in Level)}.",
        )
    origin = environment.get("SEATRIAL_ORIGIN", "seatrial.localhost")
    tls, upstream = _callers_tls(environment), _pair(environment, "SEATRIAL_GATEWAY_UPSTREAM_")
    return Settings(
        home=home,
        database_url=environment.get("SEATRIAL_DATABASE_URL", f"sqlite:///{home / 'seatrial.sqlite3'}"),
        secret_key=environment.get("SEATRIAL_SECRET_KEY") or _kept_secret(home / "keys" / "session.key"),
        debug=environment.get("SEATRIAL_DEBUG", "0") == "1",
        host=environment.get("SEATRIAL_HOST", "127.0.0.1"),
        port=_port(environment, "SEATRIAL_PORT", 8000),
        portal_address=_portal_address(environment),
        gateway_port=_port(environment, "SEATRIAL_GATEWAY_PORT", 8100),
        gateway_processes=_number(environment, "SEATRIAL_GATEWAY_PROCESSES", 1, (1, 64)),
        gateway_drain_seconds=_number(environment, "SEATRIAL_GATEWAY_DRAIN_SECONDS", 4, (0, 86_400)),
        gateway_metrics_port=_number(environment, "SEATRIAL_GATEWAY_METRICS_PORT", 0, (0, 65_535)),
        gateway_body_limit=_number(environment, "SEATRIAL_GATEWAY_BODY_MIB", 2048, (20, 65_536)) * 2**20,
        gateway_spool=_file(environment, "SEATRIAL_GATEWAY_SPOOL") or home / "gateway" / "spool",
        gateway_spool_limit=_number(environment, "SEATRIAL_GATEWAY_SPOOL_MIB", 8192, (20, 2**20)) * 2**20,
        gateway_address=_gateway_address(environment),
        gateway_tls_certificate=tls[0],
        gateway_tls_key=tls[1],
        gateway_tls_client_ca=tls[2],
        gateway_upstream_ca=_file(environment, "SEATRIAL_GATEWAY_UPSTREAM_CA"),
        gateway_upstream_certificate=upstream[0],
        gateway_upstream_key=upstream[1],
        ledger_origin=origin,
        system_high=system_high,
        attachment_limit=_number(environment, "SEATRIAL_ATTACHMENT_MIB", 64, (1, 2048)) * 1024 * 1024,
        proxies=_number(environment, "SEATRIAL_PROXIES", 0, (0, 8)),
        reports_organisation=_number(environment, "SEATRIAL_REPORTS_ORGANISATION", 100_000, (1, 10**8)),
        reports_person=_number(environment, "SEATRIAL_REPORTS_PERSON", 50_000, (1, 10**8)),
        reports_address=_number(environment, "SEATRIAL_REPORTS_ADDRESS", 200, (1, 10**8)),
        cut_bound_seconds=1.0,
        executor=_executor(environment.get("SEATRIAL_EXECUTOR") or "inline"),
        sandbox=_sandbox(environment.get("SEATRIAL_SANDBOX") or _SANDBOXES[0]),
        smtp_url=_smtp_url(environment.get("SEATRIAL_SMTP_URL", "")),
        mail_from=environment.get("SEATRIAL_MAIL_FROM") or f"seatrial@{origin}",
        advisory_licence=_licence(environment.get("SEATRIAL_ADVISORY_LICENCE") or "CC-BY-4.0"),
        loopback_webhooks=environment.get("SEATRIAL_LOOPBACK_WEBHOOKS", "0") == "1",
    )


def _sandbox(name: str) -> str:
    if name not in _SANDBOXES:
        raise Misuse("bad-setting", f"SEATRIAL_SANDBOX is {name!r}; use one of {', '.join(_SANDBOXES)}.")
    return name


def _licence(name: str) -> str:
    """One identifier; what is in no list would have to be given in full."""
    own = name.startswith("LicenseRef-") and not name.startswith("LicenseRef-scancode-")
    if own or not re.fullmatch(r"[A-Za-z0-9.-]{1,100}\+?", name):
        raise Misuse("bad-setting", f"SEATRIAL_ADVISORY_LICENCE is {name!r}; use an SPDX identifier such as CC-BY-4.0.")
    return name


def _executor(text: str) -> str:
    try:
        Executor.parse(text)
    except Misuse as error:
        raise Misuse("bad-setting", f"SEATRIAL_EXECUTOR: {error.message}") from error
    return text


def django_database(url: str) -> dict[str, object]:
    """Django's ``DATABASES`` entry for ``url``.

    SQLite runs in WAL mode with ``synchronous=FULL``: NORMAL loses acknowledged rows on power loss.
    """
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(parts.path),
            "TEST": {"NAME": f"{unquote(parts.path)}.test"},  # a file: threads and processes must share it
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
                "PRAGMA wal_autocheckpoint=4000;",  # pages: the gateway folds the log back itself, each second
            },
        }
    if parts.scheme in ("postgresql", "postgres"):
        query = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.lstrip("/")) or "postgres",
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(query.get("host", parts.hostname or "")),
            "PORT": parts.port or "",
            "CONN_HEALTH_CHECKS": True,
        }
    raise Misuse(
        "bad-setting",
        f"SEATRIAL_DATABASE_URL starts with {parts.scheme or 'nothing'}://; use sqlite:///path or postgresql://user@host/name.",
    )


def django_mail(url: str) -> dict[str, object]:
    """Django's ``EMAIL_…`` settings for ``url``; ``{}`` for none. Off this machine there is no mail without TLS."""
    if not url:
        return {}
    parts = urlsplit(url)
    implicit, here = parts.scheme == "smtps", parts.hostname in ("127.0.0.1", "::1", "localhost")
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname or "",
        "EMAIL_PORT": parts.port or (465 if implicit else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": implicit,
        "EMAIL_USE_TLS": not implicit and not here,
        "EMAIL_TIMEOUT": 10,
    }


def _smtp_url(text: str) -> str:
    """``text``; its password is never repeated in the sentence. Raises ``Misuse`` (``bad-setting``)."""
    try:
        parts = urlsplit(text)
        usable = not text or (parts.scheme in ("smtp", "smtps") and bool(parts.hostname) and parts.port != 0)
    except ValueError:
        usable = False
    if not usable:
        raise Misuse(
            "bad-setting", "SEATRIAL_SMTP_URL cannot be used; write smtp://user:password@host:587 or smtps://host:465."
        )
    return text


def _gateway_address(environment: Mapping[str, str]) -> str:
    text = environment.get("SEATRIAL_GATEWAY_URL", "").rstrip("/")
    if text and not _reachable(text):
        raise Misuse("bad-setting", f"SEATRIAL_GATEWAY_URL is {text[:80]!r}; write https://gateway.example.")
    return text


def _portal_address(environment: Mapping[str, str]) -> str:
    """An origin: pages and the addresses that standards fix stand at its root. A refusal repeats nothing of it."""
    text = environment.get("SEATRIAL_PORTAL_URL", "").rstrip("/")
    if text and not (_reachable(text) and _ORIGIN.fullmatch(text)):
        raise Misuse(
            "bad-setting",
            "SEATRIAL_PORTAL_URL cannot be used; write https://body.example, without a name, a password or a path.",
        )
    return text


def _reachable(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and not set(url) & set("?#")
        )
    except ValueError:
        return False


def _callers_tls(environment: Mapping[str, str]) -> tuple[Path | None, Path | None, Path | None]:
    certificate, key = _pair(environment, "SEATRIAL_GATEWAY_TLS_")
    authorities = _file(environment, "SEATRIAL_GATEWAY_TLS_CLIENT_CA")
    if authorities is not None and certificate is None:
        raise Misuse(
            "bad-setting",
            "SEATRIAL_GATEWAY_TLS_CLIENT_CA asks callers for certificates, which needs TLS; "
            "set SEATRIAL_GATEWAY_TLS_CERTIFICATE and SEATRIAL_GATEWAY_TLS_KEY too.",
        )
    return certificate, key, authorities


def _pair(environment: Mapping[str, str], prefix: str) -> tuple[Path | None, Path | None]:
    """A certificate and its key: both or neither."""
    certificate, key = _file(environment, f"{prefix}CERTIFICATE"), _file(environment, f"{prefix}KEY")
    if (certificate is None) != (key is None):
        there, missing = ("CERTIFICATE", "KEY") if key is None else ("KEY", "CERTIFICATE")
        raise Misuse("bad-setting", f"{prefix}{there} is set and {prefix}{missing} is not; set both or neither.")
    return certificate, key


def _file(environment: Mapping[str, str], name: str) -> Path | None:
    text = environment.get(name, "")
    return Path(text).absolute() if text else None


def _port(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name, str(default))
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise Misuse("bad-setting", f"{name} is {text!r}; use a port number from 1 to 65535.")
    return int(text)


def _number(environment: Mapping[str, str], name: str, default: int, bounds: tuple[int, int]) -> int:
    text, (least, most) = environment.get(name, str(default)), bounds
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and least <= int(text) <= most):
        raise Misuse("bad-setting", f"{name} is {text[:80]!r}; use a whole number from {least} to {most}.")
    return int(text)


def _kept_secret(path: Path) -> str:
    """The session secret in ``path``, made at first use. Raises ``Unavailable`` (``home-not-writable``)."""
    try:
        return kept(path, lambda: secrets.token_urlsafe(48).encode()).decode()
    except OSError as error:
        raise Unavailable(
            "home-not-writable",
            f"The data folder {path.parent.parent} cannot be used ({error.strerror}); "
            "set SEATRIAL_HOME to a folder you own.",
        ) from error
