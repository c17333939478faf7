"""Building a target: its archive's files and nothing else, in a box without a network, step by step.

The reporter's files are laid later, so no build ever sees them.
"""

from __future__ import annotations

from pathlib import Path

from seatrial.clearinghouse.proofs.core.archive import Files
from seatrial.clearinghouse.proofs.types import Step
from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Refused
from seatrial.sandbox.api import Sandbox, explain, tree_of
from seatrial.sandbox.types import Command, Limits, Outcome, Tree

from .shelf import Built, digests

LIMITS = Limits(
    wall_seconds=300,
    cpu_seconds=300,
    memory_bytes=None,
    resident_bytes=4 * 1024**3,
    file_bytes=512 * 1024**2,
    disk_bytes=1024**3,
    disk_files=50_000,
    processes=256,
    open_files=1024,
)
_SAID = 8_000  # bytes of what a build printed that are kept


async def build(files: Files, steps: tuple[Step, ...], into: Path) -> Built:
    """Build ``files`` by ``steps`` into the empty folder ``into``. Raises ``Unavailable`` without a sandbox."""
    said = b""
    if not steps:
        _written(files, into)
        tree = tree_of(into)
    else:
        async with Sandbox.open() as box:
            for path, file in files.items():
                await box.write(path, file.data, executable=file.executable)
            for step in steps:
                outcome = await box.run(Command(step.argv, env=step.env, limits=LIMITS))
                said = (said + b"$ " + " ".join(step.argv).encode()[:400] + b"\n" + outcome.stdout + outcome.stderr)[
                    -_SAID:
                ]
                if not outcome.ok:
                    return _failed(step, outcome, said)
            try:
                tree = await box.keep(into, limits=LIMITS)
            except Refused as error:
                return _none(error.message, said)
    found = digests(tree)
    sources = frozenset(path for path, file in files.items() if found.get(path) == digest(file.data))
    return Built(tree, found, sources, said=said.decode(errors="replace"))


def _failed(step: Step, outcome: Outcome, said: bytes) -> Built:
    absent = outcome.status == 127 and (not outcome.started or b"not found" in outcome.stderr)
    program = step.argv[0][:80]
    if absent and not outcome.started:
        return _none(f"The build needs {program}, which is not on this machine.", said, missing="/" not in program)
    return _none(f"The build failed: {program} {explain(outcome, LIMITS)}.", said)


def _none(fault: str, said: bytes, *, missing: bool = False) -> Built:
    return Built(Tree(""), {}, frozenset(), fault=fault, missing=missing, said=said.decode(errors="replace"))


def _written(files: Files, into: Path) -> None:
    for path, file in files.items():
        place = into / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(file.data)
        place.chmod(0o755 if file.executable else 0o644)
