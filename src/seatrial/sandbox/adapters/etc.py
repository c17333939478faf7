"""What stands in ``/etc`` of boxes: copies of the few files of the system that programs need, and our own.

One folder for all boxes of this process, shown to each read-only: a mount for each file would cost a tenth of a box.
It is made anew once the system's files have changed.
"""

from __future__ import annotations

import atexit
import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from seatrial.sandbox.core.policy import ETC_OF_THE_SYSTEM, etc

from . import places


def shown() -> str:
    """The folder."""
    return _made(tuple(_changed(path) for path in ETC_OF_THE_SYSTEM), os.getpid())


def copy(paths: Iterable[str], root: Path) -> None:
    """Copy what there is of the system's ``paths`` to the same places beneath ``root``."""
    for path in paths:
        source, target = Path(path), root / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        with suppress(OSError, shutil.Error):
            if source.is_dir():
                shutil.copytree(source, target, symlinks=True)
            else:
                shutil.copyfile(source, target)


@lru_cache(maxsize=1)
def _made(_changed: tuple[int, ...], process: int) -> str:
    path, _ = places.make()  # its lock is held until we end
    root = Path(path)
    root.chmod(0o755)  # boxes' user is another
    copy(ETC_OF_THE_SYSTEM, root)
    for name, content in etc({}).items():
        (root / "etc" / name).write_text(content)
    atexit.register(_removed, path, process)
    return f"{path}/etc"


def _removed(path: str, process: int) -> None:
    if os.getpid() == process:
        places.remove(path)


def _changed(path: str) -> int:
    try:
        return Path(path).stat().st_mtime_ns
    except OSError:
        return 0
