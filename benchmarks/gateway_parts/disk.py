"""A disk that loses power: what was synced is there, of the rest whatever chance leaves. Pure.

A write that was not synced may be there, or not, or in part: some of its sectors of 512 bytes. So may later ones
without earlier ones. Names of files are as durable as the last sync of their folder; what was done to them since is
there up to some point.
"""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from .trace import Event

_SECTOR = 512
_SYNCS = frozenset({"fsync", "fdatasync"})
_NAMES = frozenset({"openat", "mkdir", "mkdirat", "rename", "unlink", "unlinkat"})
_NOT_MODELLED = frozenset(  # none of them is expected on what is looked at: then the model would be wrong
    {
        *("pwritev", "pwritev2", "writev", "truncate", "fallocate", "copy_file_range", "sync_file_range"),
        *("renameat", "renameat2", "link", "linkat", "creat"),
    }
)


@dataclass(slots=True)
class _Change:
    number: int
    offset: int
    data: bytes | None  # ``None``: cut off, or made longer, at ``offset``
    returned: bool = False


@dataclass(slots=True)
class _File:
    folder: bool = False
    durable: bytearray = field(default_factory=bytearray)
    pending: list[_Change] = field(default_factory=list)
    end: int = 0  # where the next plain write goes: files are written from their beginning on


@dataclass(frozen=True, slots=True)
class _Naming:
    """What one call did to the names in one folder."""

    number: int
    folder: str
    names: tuple[tuple[str, _File | None], ...]


class Disk:
    """The files at ``paths`` and all in the folder ``tree``, from bytes that are durable when it begins. ``honest``
    disks do what a sync asks.
    """

    def __init__(
        self, durable: dict[str, bytes], paths: Collection[str], *, tree: str | None = None, honest: bool = True
    ) -> None:
        self._paths, self._tree = frozenset(paths), tree
        self._folders = {str(Path(path).parent) for path in (*paths, *([tree] if tree else []))}
        self._durable = {path: _File(durable=bytearray(data)) for path, data in durable.items()}
        self._live = dict(self._durable)
        self._named: list[_Naming] = []  # not durable yet
        self._syncing: dict[int, tuple[_File | None, frozenset[int]]] = {}
        self._honest = honest
        self.synced = 0

    def take(self, event: Event) -> bool:
        """What the next event of a trace does to it; true if it did anything. Raises ``ValueError`` if unknown."""
        ours = self._ours(event.file)
        if event.call in _NOT_MODELLED and event.result != -1 and (ours or any(map(self._ours, _paths_of(event)))):
            raise ValueError(f"{event.call} of {event.file or event.texts} is not modelled")
        if event.call in ("pwrite64", "write", "ftruncate") and ours:
            self._write(event)
        elif event.call in _SYNCS and (ours or event.file in self._folders):
            self._sync(event)
        elif event.call in _NAMES and event.returns and event.result is not None and event.result >= 0:
            return self._name(event)
        else:
            return False
        return True

    def lost(self, chance: random.Random) -> dict[str, bytes]:
        """What is found after a loss of power now."""
        names = dict(self._durable)
        for folder in sorted({naming.folder for naming in self._named}):
            made = [naming for naming in self._named if naming.folder == folder]
            for naming in made[: chance.randint(0, len(made))]:
                _put(names, naming)
        kept = chance.choice((0.0, 0.5, 0.5, 1.0))
        there = {path: file for path, file in names.items() if not file.folder and self._reached(path, names)}
        return {path: _after(file, kept, chance) for path, file in there.items()}

    def _ours(self, path: str) -> bool:
        return path in self._paths or (self._tree is not None and f"{path}/".startswith(f"{self._tree}/"))

    def _reached(self, path: str, names: dict[str, _File]) -> bool:
        """Whether the folders that lead to it are there."""
        return path in self._paths or all(
            str(folder) in names for folder in Path(path).parents if self._ours(str(folder))
        )

    def _write(self, event: Event) -> None:
        file = self._live[event.file]
        if not event.returns:
            data = None if event.call == "ftruncate" else event.texts[0]
            offset = file.end if event.call == "write" else event.numbers[-1]
            file.end = offset + len(data or b"")
            file.pending.append(_Change(event.number, offset, data))
            return
        for change in file.pending:
            if change.number == event.number:
                if change.data is not None and event.result != len(change.data):
                    raise ValueError(f"a write of {len(change.data)} bytes came to {event.result}")
                change.returned = True

    def _sync(self, event: Event) -> None:
        file = self._live.get(event.file)
        of_names = file is None or file.folder
        if not event.returns:
            if file is None or of_names:
                covered = frozenset(naming.number for naming in self._named if naming.folder == event.file)
            else:
                covered = frozenset(change.number for change in file.pending if change.returned)
            self._syncing[event.number] = (None if of_names else file, covered)
            return
        file, covered = self._syncing.pop(event.number)
        if event.result != 0 or not self._honest:
            return
        self.synced += 1
        if file is None:
            for naming in self._named:
                if naming.number in covered:
                    _put(self._durable, naming)
            self._named = [naming for naming in self._named if naming.number not in covered]
            return
        for change in file.pending:
            if change.number in covered:
                _apply(file.durable, change)
        file.pending = [change for change in file.pending if change.number not in covered]

    def _name(self, event: Event) -> bool:
        path, *others = _paths_of(event)
        if not self._ours(path):
            return False
        made: tuple[tuple[str, _File | None], ...]
        if event.call == "rename":
            if Path(others[0]).parent != Path(path).parent:
                raise ValueError("a file that moves to another folder is not modelled")
            made = ((path, None), (others[0], self._live[path]))
        elif event.call.startswith("unlink"):
            made = ((path, None),)
        elif path in self._live or (event.call == "openat" and "O_CREAT" not in event.flags):
            return False
        else:
            made = ((path, _File(folder=event.call.startswith("mkdir"))),)
        naming = _Naming(event.number, str(Path(path).parent), made)
        _put(self._live, naming)
        self._named.append(naming)
        return True


def _paths_of(event: Event) -> list[str]:
    """What a call names by its path."""
    of_names = event.call in _NAMES or event.call in _NOT_MODELLED
    return [text.decode("utf-8", "replace") for text in event.texts] if of_names else []


def _put(names: dict[str, _File], naming: _Naming) -> None:
    for path, file in naming.names:
        if file is None:
            names.pop(path, None)
        else:
            names[path] = file


def _apply(data: bytearray, change: _Change) -> None:
    if change.data is None:
        del data[change.offset :]
        data.extend(bytes(change.offset - len(data)))
        return
    data.extend(bytes(max(0, change.offset - len(data))))
    data[change.offset : change.offset + len(change.data)] = change.data


def _after(file: _File, kept: float, chance: random.Random) -> bytes:
    data = bytearray(file.durable)
    for change in file.pending:
        if chance.random() >= kept:
            continue
        if change.data is None or kept == 1.0 or chance.random() < 0.7:
            _apply(data, change)
            continue
        for start in _sectors(change):
            if chance.random() < 0.5:
                end = start + _SECTOR - (change.offset + start) % _SECTOR
                _apply(data, _Change(0, change.offset + start, change.data[start:end]))
    return bytes(data)


def _sectors(change: _Change) -> list[int]:
    """Where in the data of a write the sectors begin that it touches."""
    size, first = len(change.data or b""), -change.offset % _SECTOR
    return sorted({0, *range(first, size, _SECTOR)}) if size else []
