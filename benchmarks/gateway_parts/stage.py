"""The stage: an instance with a lab, a body and reviews, its gateway in a process of its own; who is pinned where."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

SECRET = "sk-benchmark-0123456789abcdef"
PREPARED = "SEATRIAL_BENCH_PREPARED"  # names an empty folder: what an instance begins as is kept there
SERVER_CORE, LOAD_CORE = 0, 1  # alike for every server
_SERVE = """
import django
django.setup()
from django.conf import settings
from seatrial.gateway.main import serve
raise SystemExit(serve(settings.SEATRIAL))
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def serving() -> list[str]:
    """The command that serves the gateway of this process's environment."""
    return [sys.executable, "-c", _SERVE]


def pinned(core: int | None, words: list[str]) -> list[str]:
    """The command on one core, where there are two."""
    return words if core is None or (os.cpu_count() or 1) < 2 else ["taskset", "-c", str(core), *words]


@contextlib.contextmanager
def endpoint(core: int | None = LOAD_CORE) -> Iterator[int]:
    """A developer's endpoint; its port."""
    port = free_port()
    words = pinned(core, [sys.executable, "-m", "benchmarks.gateway_parts.endpoint", str(port)])
    with process(words, port):
        yield port


def load(port: int, key: str, clients: int, seconds: float, kind: str) -> dict[str, float]:
    """What a load of that kind saw; see ``load``."""
    words = [sys.executable, "-m", "benchmarks.gateway_parts.load", str(port), key, str(clients), str(seconds), kind]
    said = subprocess.run(pinned(LOAD_CORE, words), capture_output=True, text=True, check=True, timeout=seconds + 60)
    told: dict[str, float] = json.loads(said.stdout.splitlines()[-1])
    return told


@contextlib.contextmanager
def process(
    words: list[str], port: int, *, log: Path | None = None, seconds: float = 60
) -> Iterator[subprocess.Popen[bytes]]:
    """A process that listens on ``port``; ended at the end. Raises ``RuntimeError`` if it never does."""
    with contextlib.ExitStack() as stack:
        out = stack.enter_context(log.open("ab")) if log else subprocess.DEVNULL
        child = subprocess.Popen(words, stdout=out, stderr=out)
        try:
            wait_for(port, child, seconds)
            yield child
        finally:
            child.terminate()
            try:
                child.wait(15)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def wait_for(port: int, child: subprocess.Popen[bytes], seconds: float = 60) -> None:
    """Until something listens on ``port``."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and child.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)
    raise RuntimeError(f"{child.args!r} does not listen on port {port}")


@dataclass
class Instance:
    """An instance in this process's environment."""

    home: Path
    port: int

    def serve(self, core: int | None = SERVER_CORE, **environment: str) -> contextlib.AbstractContextManager[Any]:
        """Its gateway, until the block ends."""
        os.environ.update(environment)
        return process(pinned(core, serving()), self.port, log=self.home / "gateway.log")


@contextlib.contextmanager
def instance(database: str | None = None) -> Iterator[Instance]:
    """A fresh instance with a lab, a body and an evaluator, on SQLite or on ``database``."""
    with tempfile.TemporaryDirectory(prefix="seatrial-bench-") as home:
        port = free_port()
        os.environ.update(
            SEATRIAL_HOME=home,
            SEATRIAL_DATABASE_URL=database or f"sqlite:///{home}/seatrial.sqlite3",
            SEATRIAL_GATEWAY_PORT=str(port),
            SEATRIAL_GATEWAY_PROCESSES="1",
            DJANGO_SETTINGS_MODULE="seatrial.config.django",
            HF_HUB_OFFLINE="1",
        )
        import django

        django.setup()
        _furnish(Path(home), os.environ.get(PREPARED) if database is None else None)
        yield Instance(Path(home), port)


def _furnish(home: Path, prepared: str | None) -> None:
    """With tables and people; on SQLite once a run, for its first part, and then by copying that."""
    if prepared and any(Path(prepared).iterdir()):
        shutil.copytree(prepared, home, dirs_exist_ok=True)
        return
    _people()
    if prepared:
        from django.db import connections

        connections.close_all()  # whoever closes it last folds the write-ahead log back
        shutil.copytree(home, prepared, dirs_exist_ok=True)


def _people() -> None:
    from django.core.management import call_command

    from seatrial.kernel.clock import now
    from seatrial.kernel.labels import Level
    from seatrial.parties import api as parties
    from seatrial.parties.types import OrganisationKind, Role

    call_command("migrate", verbosity=0)
    by, at = parties.operator(), now()
    for key, kind, roles in (
        ("lab", OrganisationKind.DEVELOPER, (Role.GOVERNANCE, Role.SECURITY, Role.SIGNATORY)),
        ("body", OrganisationKind.BODY, (Role.EVALUATOR, Role.AUTHORITY, Role.SIGNATORY)),
    ):
        parties.create_organisation(by=by, name=key, kind=kind, at=at, id=key)
        parties.add_person(
            by=by,
            name=key,
            email=f"{key}@{key}.example",
            password="a long enough password",
            level=Level.CONTROLLED,
            at=at,
            id=f"{key}-person",
        )
        for role in roles:
            parties.give_role(by=by, person=f"{key}-person", organisation=key, role=role, at=at)
    parties.publish_policy(
        by=parties.actor("body-person"),
        body="body",
        version="1",
        max_window=timedelta(days=30),
        purposes=frozenset({"evaluation"}),
        terms="As consented.",
        at=at,
    )


def open_review(endpoint_port: int, *, requests: int = 10**9, keep_for: Sequence[str] = ()) -> str:
    """A review with an open window, and a credential for the endpoint; bodies are kept for these keys, if any."""
    from seatrial.kernel.clock import Window, now
    from seatrial.kernel.digests import Digest, digest
    from seatrial.kernel.labels import OPEN
    from seatrial.parties import api as parties
    from seatrial.review.access import api as access
    from seatrial.review.cases import api as cases
    from seatrial.review.cases.types import AccessLevel, Budget, ConsentTerms, Keeping

    lab, at = parties.actor("lab-person"), now()
    review = cases.draft(
        by=lab,
        developer="lab",
        body="body",
        title="Benchmark",
        model="north",
        partner_release=at + timedelta(days=20),
        public_release=at + timedelta(days=30),
        at=at,
    )
    cases.offer(by=lab, review=review, at=now())
    terms = ConsentTerms(
        model="north",
        artefact=digest(b"weights"),
        variant="as served",
        people=frozenset({"body-person"}),
        purposes=frozenset({"evaluation"}),
        levels=frozenset({AccessLevel.API}),
        upstream=f"http://127.0.0.1:{endpoint_port}/v1",
        budget=Budget(requests=requests, tokens=10**14, concurrency=10_000),
        window=Window(at, at + timedelta(days=10)),
        label=OPEN,
        keeping=Keeping(tuple(map(Digest, keep_for)), 1) if keep_for else None,
    )
    cases.sign_consent(by=lab, review=review, terms=terms, at=now())
    access.set_upstream_credential(by=lab, review=review, credential=SECRET, at=now())
    return review


def new_key(review: str) -> tuple[str, str]:
    """An evaluator's key: its id and its text."""
    from seatrial.kernel.clock import now
    from seatrial.parties import api as parties
    from seatrial.review.access import api as access

    made = access.issue_key(by=parties.actor("body-person"), review=review, purpose="evaluation", at=now())
    return made.id, made.secret


def revoke(key: str) -> float:
    """End a key; the monotonic second at which that had committed."""
    from seatrial.kernel.clock import now
    from seatrial.parties import api as parties
    from seatrial.review.access import api as access

    access.revoke_key(by=parties.actor("body-person"), key=key, at=now())
    return time.monotonic()
