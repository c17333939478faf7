"""Names for places in binaries, found after the runs, once for each place of each binary.

Binaries are hostile: the tool that reads them runs in a box. What it said is kept on the shelf by the binary's digest.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path

from seatrial.clearinghouse.proofs.core.crash import Place
from seatrial.clearinghouse.proofs.core.planting import WORK
from seatrial.clearinghouse.proofs.core.symbols import read
from seatrial.kernel.digests import Digest
from seatrial.sandbox.api import Sandbox
from seatrial.sandbox.types import Command, Limits

from .shelf import Built, Shelf

_MOST = 64  # places looked up for one report
_LIMITS = Limits(wall_seconds=60, cpu_seconds=60, resident_bytes=2 * 1024**3, memory_bytes=None)
_TABLES = 256  # binaries of which a process remembers the names

Names = Mapping[tuple[str, int], tuple[Place, ...]]


async def names_of(places: Iterable[tuple[str, int]], built: Built, shelf: Shelf) -> Names:
    """The functions, files and lines at ``places`` (module as reports have it, offset), innermost first.

    What lies in no file of the target has none.
    """
    wanted: dict[str, list[int]] = {}
    for module, offset in list(places)[:_MOST]:
        path = module.removeprefix(f"{WORK}/")
        if path != module and path in built.files:
            wanted.setdefault(path, []).append(offset)
    found: dict[tuple[str, int], tuple[Place, ...]] = {}
    for path, offsets in wanted.items():
        table = await _table(shelf, built, path, offsets)
        found |= {(f"{WORK}/{path}", offset): table[offset] for offset in offsets if offset in table}
    return found


async def _table(shelf: Shelf, built: Built, path: str, offsets: list[int]) -> dict[int, tuple[Place, ...]]:
    binary = built.files[path]
    table = _known.get(binary)
    if table is None:
        while len(_known) >= _TABLES:
            _known.pop(next(iter(_known)))
        table = _known[binary] = _kept(_file(shelf, binary))
    if unknown := sorted({offset for offset in offsets if offset not in table}):
        table |= await _looked_up(await asyncio.to_thread(Path(built.tree.root, path).read_bytes), unknown)
        _keep(_file(shelf, binary), table)
    return table


_known: dict[Digest, dict[int, tuple[Place, ...]]] = {}


async def _looked_up(binary: bytes, offsets: list[int]) -> dict[int, tuple[Place, ...]]:
    argv = ("addr2line", "-a", "-f", "-i", "-C", "-e", "binary", *(hex(offset) for offset in offsets))
    async with Sandbox.open({"binary": binary}) as box:
        said = await box.run(Command(argv, limits=_LIMITS))
    return dict.fromkeys(offsets, ()) | read(said.stdout)


def _file(shelf: Shelf, binary: Digest) -> Path:
    return shelf.root / "symbols" / f"{binary.removeprefix('sha256:')}.json"


def _kept(file: Path) -> dict[int, tuple[Place, ...]]:
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        return {int(at): tuple((str(f), str(p), n) for f, p, n in places) for at, places in said.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _keep(file: Path, table: Mapping[int, tuple[Place, ...]]) -> None:
    file.parent.mkdir(exist_ok=True)
    new = file.with_name(f".{secrets.token_hex(8)}")
    new.write_text(json.dumps({str(at): places for at, places in sorted(table.items())}), encoding="utf-8")
    os.replace(new, file)  # noqa: PTH105 - the last word of several writers stands, whole
