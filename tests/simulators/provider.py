"""A CSAF provider on loopback, as its tests want it: files by their paths, each served or spoiled."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from pysequoia import Profile, SignatureMode, Tsk, sign

from simulators.csaf_documents import advisory

ROOT = "/.well-known/csaf/"
START = datetime(2026, 7, 1, 9, tzinfo=UTC)


@dataclass
class Provider:
    """``files`` by path; ``asked`` are the paths that were read."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    listed: dict[str, str] = field(default_factory=dict)  # path to updated
    key: Any = field(default_factory=lambda: _key())
    namespace: str = "https://dairy.example"
    role: str = "csaf_trusted_provider"
    also: dict[str, Any] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        return str(self.key.extract_certificate().fingerprint).upper()

    def document(self, tracking: str, *, version: str = "2.1", **changes: Any) -> bytes:
        """A valid document of this provider's; ``changes`` of ``document``."""
        found = advisory(version)
        said = found["document"]
        said["publisher"]["namespace"] = self.namespace
        said["tracking"]["id"] = tracking
        said.update(changes)
        return json.dumps(found).encode()

    def put(self, tracking: str, updated: str = "2026-07-01T09:00:00Z", *, content: bytes | None = None) -> str:
        """List a document with its hashes and signature; its path."""
        data = self.document(tracking) if content is None else content
        path = f"{ROOT}white/2026/{tracking.lower()}.json"
        self.files[path] = data
        self.files[f"{path}.sha256"] = f"{hashlib.sha256(data).hexdigest()}  x.json\n".encode()
        self.files[f"{path}.sha512"] = f"{hashlib.sha512(data).hexdigest()}  x.json\n".encode()
        self.files[f"{path}.asc"] = self.put_signature(data)
        self.listed[path] = updated
        self.publish()
        return path

    def resign(self, path: str, data: bytes) -> None:
        """Other bytes at the same place, with hashes and signature that fit."""
        self.files[path] = data
        self.files[f"{path}.sha256"] = hashlib.sha256(data).hexdigest().encode()
        self.files[f"{path}.sha512"] = hashlib.sha512(data).hexdigest().encode()
        self.files[f"{path}.asc"] = self.put_signature(data)

    def put_signature(self, data: bytes) -> bytes:
        """By this provider's key."""
        return bytes(sign(self.key.signer(), data, mode=SignatureMode.DETACHED))

    def move(self, path: str, url: str) -> None:
        """List it at another address."""
        self.listed[url] = self.listed.pop(path)
        self.publish()

    def drop(self, path: str) -> None:
        """List it no more."""
        del self.listed[path]
        self.publish()

    def publish(self) -> None:
        """Write the metadata and the feed anew."""
        feed = f"{self.url}{ROOT}feed.json"
        metadata = {
            "canonical_url": f"{self.url}{ROOT}provider-metadata.json",
            "distributions": [{"rolie": {"feeds": [{"tlp_label": "WHITE", "url": feed}]}}],
            "last_updated": "2026-07-01T09:00:00Z",
            "metadata_version": "2.0",
            "public_openpgp_keys": [{"fingerprint": self.fingerprint, "url": f"{self.url}{ROOT}key.asc"}],
            "publisher": {"category": "vendor", "name": "Dairy", "namespace": self.namespace},
            "role": self.role,
            **self.also,
        }
        self.files[f"{ROOT}key.asc"] = str(self.key.extract_certificate()).encode()
        self.files[f"{ROOT}provider-metadata.json"] = json.dumps(metadata).encode()
        self.files[f"{ROOT}feed.json"] = json.dumps(
            {"feed": {"entry": [self._entry(path, updated) for path, updated in self.listed.items()]}}
        ).encode()

    def _entry(self, path: str, updated: str) -> dict[str, Any]:
        where = path if path.startswith("http") else f"{self.url}{path}"
        links = [("self", ""), ("hash", ".sha256"), ("hash", ".sha512"), ("signature", ".asc")]
        return {
            "id": path,
            "updated": updated,
            "content": {"type": "application/json", "src": where},
            "link": [{"rel": rel, "href": f"{where}{ending}"} for rel, ending in links],
        }


def _key() -> Any:
    return Tsk.generate("Dairy <security@dairy.example>", profile=Profile.RFC4880, validity_seconds=None)


@contextmanager
def serving(provider: Provider) -> Iterator[Provider]:
    """It answers while the context lasts."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            provider.asked.append(self.path)
            found = provider.files.get(self.path)
            if found is not None and found.startswith(b"redirect:"):
                self.send_response(302)
                self.send_header("Location", found.removeprefix(b"redirect:").decode())
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(200 if found is not None else 404)
            self.send_header("Content-Length", str(len(found or b"")))
            self.end_headers()
            self.wfile.write(found or b"")

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    provider.url = f"http://127.0.0.1:{server.server_port}"
    provider.publish()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
