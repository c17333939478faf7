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
_WRITES = frozenset({"pwrite64", "ftruncate"})
_SYNCS = frozenset({"fsync", "fdatasync"})
_NOT_MODELLED = frozenset(  # none of them is expected on a database of SQLite: then the model would be wrong
    {
        *("pwritev", "pwritev2", "write", "writev", "truncate", "fallocate", "copy_file_range", "sync_file_range"),
        *("rename", "renameat", "renameat2", "link", "linkat", "creat"),
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
    durable: bytearray = field(default_factory=bytearray)
    pending: list[_Change] = field(default_factory=list)


class Disk:
    """The files at ``paths``, from bytes that are durable when it begins. ``honest`` disks do what a sync asks."""

    def __init__(self, durable: dict[str, bytes], paths: Collection[str], *, honest: bool = True) -> None:
        self._paths = frozenset(paths)
        self._folders = {str(Path(path).parent) for path in paths}
        self._durable = {path: _File(bytearray(data)) for path, data in durable.items()}
        self._live = dict(self._durable)
        self._renamed: list[tuple[int, str, _File | None]] = []  # not durable yet
        self._syncing: dict[int, tuple[_File | None, frozenset[int]]] = {}
        self._honest = honest
        self.synced = 0

    def take(self, event: Event) -> bool:
        """What the next event of a trace does to it; true if it did anything. Raises ``ValueError`` if unknown."""
        if event.file in self._paths and event.call in _NOT_MODELLED and event.result != -1:
            raise ValueError(f"{event.call} of {event.file} is not modelled")
        if event.call in _WRITES and event.file in self._paths:
            self._write(event)
        elif event.call in _SYNCS and (event.file in self._paths or event.file in self._folders):
            self._sync(event)
        elif event.call == "openat" and event.returns and event.result != -1 and "O_CREAT" in event.flags:
            return self._name(event, _File())
        elif event.call in ("unlink", "unlinkat") and event.returns and event.result == 0:
            return self._name(event, None)
        else:
            return False
        return True

    def lost(self, chance: random.Random) -> dict[str, bytes]:
        """What is found after a loss of power now."""
        names = dict(self._durable)
        for _, path, file in self._renamed[: chance.randint(0, len(self._renamed))]:
            _put(names, path, file)
        kept = chance.choice((0.0, 0.5, 0.5, 1.0))
        return {path: _after(file, kept, chance) for path, file in names.items()}

    def _write(self, event: Event) -> None:
        file = self._live[event.file]
        if not event.returns:
            cut = event.call == "ftruncate"
            data = None if cut else event.texts[0]
            file.pending.append(_Change(event.number, event.numbers[-1], data))
            return
        for change in file.pending:
            if change.number == event.number:
                if change.data is not None and event.result != len(change.data):
                    raise ValueError(f"a write of {len(change.data)} bytes came to {event.result}")
                change.returned = True

    def _sync(self, event: Event) -> None:
        file = None if event.file in self._folders else self._live[event.file]
        if not event.returns:
            if file is None:
                covered = frozenset(number for number, _, _ in self._renamed)
            else:
                covered = frozenset(change.number for change in file.pending if change.returned)
            self._syncing[event.number] = (file, covered)
            return
        file, covered = self._syncing.pop(event.number)
        if event.result != 0 or not self._honest:
            return
        self.synced += 1
        if file is None:
            for number, path, named in self._renamed:
                if number in covered:
                    _put(self._durable, path, named)
            self._renamed = [one for one in self._renamed if one[0] not in covered]
            return
        for change in file.pending:
            if change.number in covered:
                _apply(file.durable, change)
        file.pending = [change for change in file.pending if change.number not in covered]

    def _name(self, event: Event, file: _File | None) -> bool:
        path = event.texts[-1].decode("utf-8", "replace")
        if path not in self._paths or (path in self._live) == (file is not None):
            return False
        _put(self._live, path, file)
        self._renamed.append((event.number, path, file))
        return True


def _put(names: dict[str, _File], path: str, file: _File | None) -> None:
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
