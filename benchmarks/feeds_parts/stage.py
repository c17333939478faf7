"""The servers: an instance with published bundles, nginx with one file, OpenTAXII with the same objects."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.gateway_parts.peers import PEERS
from benchmarks.gateway_parts.stage import SERVER_CORE, free_port, pinned, process

HERE = Path(__file__).parent
TESTS = Path(__file__).parents[2] / "tests"
_NGINX = """
worker_processes 1; daemon off; error_log {home}/error.log crit; pid {home}/pid;
events {{ worker_connections 1024; }}
http {{
  access_log off; client_body_temp_path {home}/b; proxy_temp_path {home}/p; sendfile on; tcp_nopush on;
  fastcgi_temp_path {home}/f; uwsgi_temp_path {home}/u; scgi_temp_path {home}/s; keepalive_requests 1000000000;
  types {{ application/taxii+json json; }}
  server {{ listen 127.0.0.1:{port}; root {home}/files; }}
}}
"""


@dataclass(frozen=True)
class Instance:
    """Where it is, and the environment of its processes. ``objects`` is a file of all objects as JSON."""

    home: Path
    port: int
    environment: dict[str, str]
    objects: Path


@dataclass(frozen=True)
class Read:
    body: bytes
    etag: str


def prepare(home: Path, objects: int) -> Instance:
    """An instance in ``home`` with that many objects in its public collection."""
    port = free_port()
    environment = {
        **os.environ,
        "SEATRIAL_HOME": str(home / "instance"),
        "SEATRIAL_DATABASE_URL": f"sqlite:///{home}/instance/seatrial.sqlite3",
        "SEATRIAL_PORT": str(port),
        "DJANGO_SETTINGS_MODULE": "seatrial.config.django",
        "PYTHONPATH": os.pathsep.join([os.environ.get("PYTHONPATH", ""), str(TESTS)]),
    }
    (home / "instance").mkdir()
    made = Instance(home, port, environment, home / "objects.json")
    words = [sys.executable, "-m", "benchmarks.feeds_parts.filling", "fill", str(objects), str(made.objects)]
    subprocess.run(words, env=environment, check=True, stdout=subprocess.DEVNULL)
    return made


@contextlib.contextmanager
def portal(instance: Instance) -> Iterator[int]:
    """The instance as it is served (``seatrial portal``): its port."""
    words = [sys.executable, "-m", "granian", "--interface", "asginl", "--host", "127.0.0.1"]
    words += ["--port", str(instance.port), "--no-access-log", "--log-level", "error"]
    words = ["env", *(f"{name}={value}" for name, value in _own(instance).items()), *words]
    log = instance.home / "portal.log"
    with process(pinned(SERVER_CORE, [*words, "seatrial.config.asgi:application"]), instance.port, log=log):
        yield instance.port


@contextlib.contextmanager
def nginx(home: Path, body: bytes) -> Iterator[int | None]:
    """One worker with ``body`` as ``/page.json``; ``None`` where it is not installed."""
    found = shutil.which("nginx") or ("/usr/sbin/nginx" if Path("/usr/sbin/nginx").exists() else None)
    if found is None:
        yield None
        return
    port, config = free_port(), home / "nginx.conf"
    home.chmod(0o755)  # its worker is another user where root starts it
    (home / "files").mkdir()
    (home / "files" / "page.json").write_bytes(body)
    config.write_text(_NGINX.format(home=home, port=port))
    with process(pinned(SERVER_CORE, [found, "-c", str(config)]), port):
        yield port


@contextlib.contextmanager
def opentaxii(home: Path, instance: Instance) -> Iterator[tuple[int, str] | None]:
    """OpenTAXII under gunicorn, one worker: its port and the page; ``None`` where it is not installed."""
    python = PEERS / "opentaxii" / "bin" / "python"
    if not python.exists():
        yield None
        return
    port, config = free_port(), home / "opentaxii.yml"
    database = {"db_connection": f"sqlite:///{home}/opentaxii.db", "create_tables": True}
    # TAXII 1 is off; public reading needs no account
    config.write_text(
        "domain: localhost\nsupport_basic_auth: no\ntaxii1:\nlogging:\n  opentaxii: error\n  root: error\n"
        "auth_api:\n  class: opentaxii.auth.sqldb.SQLDatabaseAPI\n  parameters:\n"
        f"    db_connection: sqlite:///{home}/auth.db\n    create_tables: yes\n    secret: bench\n"
        "taxii2:\n  title: bench\n  max_content_length: 1000000\n  persistence_api:\n"
        "    class: opentaxii.persistence.sqldb.Taxii2SQLDatabaseAPI\n"
        f"    parameters: {json.dumps(database)}\n"
    )
    named = ["env", "-u", "PYTHONPATH", f"OPENTAXII_CONFIG={config}"]
    words = [*named, str(python), str(HERE / "opentaxii_filling.py"), str(instance.objects)]
    said = subprocess.run(words, capture_output=True, text=True, check=True)
    path = said.stdout.splitlines()[-1] + "?limit=100"
    words = [*named, str(python), "-m", "gunicorn", "opentaxii.http:app", "--bind", f"127.0.0.1:{port}", "-w", "1"]
    words += ["-k", "gthread", "--threads", "2", "--keep-alive", "600"]
    with process(pinned(SERVER_CORE, words), port, log=home / "opentaxii.log"):
        yield port, path


@contextlib.contextmanager
def publisher(instance: Instance) -> Iterator[subprocess.Popen[bytes]]:
    """A process that publishes until it is told to end."""
    words = [sys.executable, "-m", "benchmarks.feeds_parts.filling", "publish"]
    child = subprocess.Popen(pinned(SERVER_CORE, words), env=instance.environment, stdout=subprocess.PIPE)
    try:
        assert child.stdout is not None
        child.stdout.readline()  # it has begun
        yield child
    finally:
        child.terminate()
        child.wait()


def published_by(child: subprocess.Popen[bytes]) -> int:
    """How many advisories a publisher that ended has published."""
    assert child.stdout is not None
    return len(child.stdout.read().splitlines())


def ask(port: int, path: str) -> Read:
    """One answer."""
    accept = {"Accept": "application/taxii+json;version=2.1"}
    with urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=accept)) as answer:
        return Read(answer.read(), answer.headers["ETag"])


def _own(instance: Instance) -> dict[str, str]:
    return {name: value for name, value in instance.environment.items() if os.environ.get(name) != value}
