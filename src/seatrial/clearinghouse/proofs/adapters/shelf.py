"""The shelf of built targets: each built once, however many processes ask at once, and kept while there is room.

    <root>/<key>/tree/…        what the build left, as boxes get it
    <root>/<key>/built.json    what is in it, by digest, and what the build said; written last
    <root>/<key>.lock          held shared by whoever uses it, alone by whoever builds or removes it
    <root>/symbols/…           names of places in binaries, by their digests

A key is a digest of the target's files, the build steps and the environment. What is not whole is not there: a folder
is built under another name, flushed, and renamed, and at its first use in a process its files are read and compared
with their digests (a loss of power may have kept the name and lost the bytes). A builder that is killed leaves
a folder without a builder, which the next one removes. What was used longest ago goes first when there is no room.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import secrets
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from seatrial.kernel.digests import Digest, digest
from seatrial.kernel.folders import flush, make_lasting
from seatrial.sandbox.api import tree_of
from seatrial.sandbox.types import Tree

_LOOK = 0.05  # seconds between looks at a lock that somebody else holds


@dataclass(frozen=True, slots=True)
class Built:
    """A target as it stands on the shelf."""

    tree: Tree
    files: Mapping[str, Digest]  # of the tree, by path
    sources: frozenset[str]  # those of the archive that the build left as they were
    fault: str = ""  # why there is no target, one sentence; then nothing is in it
    missing: bool = False  # whether that is a program that this machine does not have
    said: str = ""  # what the build printed last


@dataclass(slots=True)
class Shelf:
    """Built targets under ``root``, of at most ``most`` bytes together."""

    root: Path
    most: int = 8 * 1024**3
    _building: dict[str, asyncio.Lock] = field(default_factory=dict)
    _known: dict[str, Built] = field(default_factory=dict)  # read and found whole by this process

    def __post_init__(self) -> None:
        self.root = Path(self.root).absolute()
        make_lasting(self.root, under=self.root.parent)

    @contextlib.asynccontextmanager
    async def holding(self, key: Digest, build: Callable[[Path], Awaitable[Built]]) -> AsyncIterator[Built]:
        """The target of that key, built by ``build`` into an empty folder if it is not there; kept while held."""
        name = key.removeprefix("sha256:")
        with _opened(self.root / f"{name}.lock") as lock:
            await _locked(lock, fcntl.LOCK_SH)
            built = self._known.get(name)
            if built is None or not (built.fault or (self.root / name / "built.json").exists()):
                built = await self._made(name, build)
            os.utime(lock)
            yield built

    async def _made(self, name: str, build: Callable[[Path], Awaitable[Built]]) -> Built:
        """What is on the shelf, or is put there now; one at a time, whoever asks."""
        async with self._building.setdefault(name, asyncio.Lock()):
            with _opened(self.root / f"{name}.alone") as alone:
                await _locked(alone, fcntl.LOCK_EX)
                found = self._known.get(name) or await asyncio.to_thread(self._read, name)
                if found is None:
                    found = await self._put_there(name, build)
                self._known[name] = found
        return found

    async def _put_there(self, name: str, build: Callable[[Path], Awaitable[Built]]) -> Built:
        for left in self.root.glob(f"{name}.new-*"):
            await asyncio.to_thread(shutil.rmtree, left, True)
        new = self.root / f"{name}.new-{secrets.token_hex(4)}"
        (new / "tree").mkdir(parents=True)
        try:
            built = await build(new / "tree")
            if built.fault:
                return built  # known to this process; another may have better luck
            await asyncio.to_thread(self._put, new, self.root / name, built)
        finally:
            await asyncio.to_thread(shutil.rmtree, new, True)
        await asyncio.to_thread(self._make_room, name)
        return replace(built, tree=tree_of(self.root / name / "tree"))

    def _put(self, new: Path, place: Path, built: Built) -> None:
        said = {"files": dict(built.files), "sources": sorted(built.sources), "said": built.said}
        (new / "built.json").write_text(json.dumps(said), encoding="utf-8")
        _flush_all(new)
        if place.exists():  # not whole, or it would have been found
            shutil.rmtree(place)
        new.rename(place)
        flush(self.root)

    def _read(self, name: str) -> Built | None:
        """What stands there whole; None if nothing does."""
        place = self.root / name
        try:
            said: dict[str, Any] = json.loads((place / "built.json").read_text(encoding="utf-8"))
            tree = tree_of(place / "tree")
            return (
                None
                if digests(tree) != said["files"]
                else Built(tree, said["files"], frozenset(said["sources"]), said=said["said"])
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _make_room(self, but: str) -> None:
        """Remove what was used longest ago and is not in use, until the rest is within bounds."""
        found = []
        for place in self.root.iterdir():
            if (place / "built.json").exists():
                with contextlib.suppress(OSError):
                    used = (self.root / f"{place.name}.lock").stat().st_mtime
                    found.append((used, place, tree_of(place / "tree").size))
        total = sum(size for _, _, size in found)
        for _, place, size in sorted(found):
            if total <= self.most:
                return
            if place.name != but and self._removed(place):
                total -= size

    def _removed(self, place: Path) -> bool:
        lock = self.root / f"{place.name}.lock"
        with _opened(lock) as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return False
            self._known.pop(place.name, None)
            going = place.with_name(f"{place.name}.new-{secrets.token_hex(4)}")
            with contextlib.suppress(OSError):
                place.rename(going)
            shutil.rmtree(going, ignore_errors=True)
            return True


def digests(tree: Tree) -> dict[str, Digest]:
    """The digest of every file of ``tree``, by path."""
    return {path: digest(Path(tree.root, path).read_bytes()) for path, _ in tree.files}


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[int]:
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield lock
    finally:
        os.close(lock)  # and with it the lock


async def _locked(lock: int, how: int) -> None:
    """Wait for the lock without keeping a thread, which whoever holds it may need."""
    while True:
        try:
            fcntl.flock(lock, how | fcntl.LOCK_NB)
        except BlockingIOError:
            await asyncio.sleep(_LOOK)
        else:
            return


def _flush_all(new: Path) -> None:
    for folder, _, names in os.walk(new):
        for name in names:
            path = Path(folder, name)
            if not path.is_symlink():
                handle = os.open(path, os.O_RDONLY)
                try:
                    os.fdatasync(handle)
                finally:
                    os.close(handle)
        flush(Path(folder))
