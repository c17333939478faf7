"""What identity needs from outside: an endpoint to ask, and weights to weigh and to sign."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from seatrial.kernel.digests import Digest

from .types import Manifest, Observation, Probe

Progress = Callable[[int, int], None]  # how much is done, of how much


class Endpoint(Protocol):
    """Something that answers probes, as everybody calls a model.

    ``ask`` sends exactly one question and returns what came back, cut to what is kept. It waits and tries again
    on its own where the other side says that it is busy. Raises ``Refused`` (the endpoint's own code) if it was
    turned away, ``Unavailable`` (``endpoint-unavailable``) if no answer came. The key appears in neither.
    """

    def ask(self, probe: Probe, *, model: str, probabilities: bool) -> Observation: ...


class Weights(Protocol):
    """Hashes a model's files, signs manifests of them, verifies the signatures. Reads no key but the one named.

    ``files`` streams (memory does not grow with the files), takes up what an interrupted call left in ``notes``,
    and refuses whatever is no regular file inside the folder: raises ``Misuse`` (``symlink-refused``,
    ``not-a-file``, ``file-changed``, ``no-such-folder``, ``manifest-invalid``). ``sign`` writes a bundle that the
    OpenSSF tool accepts, whole or not at all. ``verify`` raises ``Misuse`` (``signature-invalid``).
    """

    def files(
        self, folder: Path, *, leave_out: Path | None, notes: Path | None, progress: Progress
    ) -> Mapping[str, Digest]: ...

    def sign(self, manifest: Manifest, *, folder: Path, key: Path, to: Path, leave_out: Path | None) -> None: ...

    def verify(self, bundle: bytes, *, manifest: Manifest, public_key: str) -> None: ...
