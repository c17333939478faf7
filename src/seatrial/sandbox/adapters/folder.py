"""The folder of one box on the host's side: ``work`` and ``tmp``, which the box may write, and what it sees of ``etc``.

What a program in the box leaves there is hostile: links to anywhere, pipes that never end, folders without
permissions or ten thousand deep. Nothing here follows a link or waits for a pipe, and everything can be removed.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from seatrial.kernel.errors import Misuse, NotFound, Refused
from seatrial.sandbox.core.paths import parts
from seatrial.sandbox.core.policy import NOBODY, etc

from . import places
from .etc import shown

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # NONBLOCK: opening a pipe must not wait for its other end


_ALONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Folder:
    """``nobody`` says that the box's programs run as another user than ours, who owns the folder."""

    path: str
    nobody: bool
    _lock: int

    @classmethod
    def make(cls, *, nobody: bool, names: Mapping[str, str] = _ALONE) -> Folder:
        """A new one; ``names`` are the hosts beside the box, each with its address."""
        path, lock = places.make()
        folder = cls(path, nobody, lock)
        root = Path(folder.path)
        (root / "etc").symlink_to(shown())
        if names:
            (root / "hosts").write_text(etc(names)["hosts"])
        for name in ("work", "tmp"):
            (root / name).mkdir(mode=0o700)
        if nobody:
            for place in (root, root / "work", root / "tmp"):
                os.chown(place, NOBODY, NOBODY)
        return folder

    @property
    def users(self) -> str:
        """Where the box's own ``etc`` and ``home`` are, once it has users."""
        return f"{self.path}/users/of-the-box"

    def write(self, path: str, data: bytes, *, executable: bool = False) -> None:
        """Write a file of the work folder, making the folders above it.

        Raises ``Misuse`` (``bad-path``) or ``Refused`` (``not-a-plain-file``, ``file-closed``).
        """
        *above, name = parts(path)
        with self.as_its_owner(), _sentences(path), self._enter(above, make=True) as parent:
            file = os.open(name, os.O_WRONLY | os.O_CREAT | _FILE, 0o755 if executable else 0o644, dir_fd=parent)
            with os.fdopen(file, "wb") as opened:
                _require_plain(file)
                os.ftruncate(file, 0)
                opened.write(data)
                if executable:
                    os.fchmod(file, 0o755)

    def read(self, path: str, *, limit: int) -> bytes:
        """Read a file of the work folder, of at most ``limit`` bytes.

        Raises ``Misuse`` (``bad-path``, ``file-too-large``), ``NotFound`` (``no-such-file``) or ``Refused``
        (``not-a-plain-file``, ``file-closed``).
        """
        *above, name = parts(path)
        with self.as_its_owner(), _sentences(path), self._enter(above) as parent:
            file = os.open(name, os.O_RDONLY | _FILE, dir_fd=parent)
            with os.fdopen(file, "rb") as opened:
                _require_plain(file)
                data = opened.read(limit + 1)
        if len(data) > limit:
            raise Misuse("file-too-large", f"{path} in the sandbox holds more than {limit} bytes; read it in parts.")
        return data

    def names(self) -> list[str]:
        """The names at the top of the work folder, sorted."""
        with self.as_its_owner(), _sentences("."):
            return sorted(place.name for place in Path(self.path, "work").iterdir())

    def remove(self) -> None:
        """Remove everything, however it was left. Only when no process of the box is alive."""
        places.remove(self.path)
        os.close(self._lock)

    @contextlib.contextmanager
    def _enter(self, above: list[str], *, make: bool = False) -> Iterator[int]:
        """A descriptor of the folder ``above`` names, opened one component at a time."""
        here = os.open(f"{self.path}/work", _FOLDER)
        try:
            for part in above:
                if make:
                    with contextlib.suppress(FileExistsError):
                        os.mkdir(part, 0o755, dir_fd=here)
                there = os.open(part, _FOLDER, dir_fd=here)
                os.close(here)
                here = there
            yield here
        finally:
            os.close(here)

    @contextlib.contextmanager
    def as_its_owner(self) -> Iterator[None]:
        """Let the kernel judge file access as it would the box's own user.

        fsuid is the calling thread's alone, so nothing in here may wait for the event loop.
        """
        if not self.nobody:
            yield
            return
        user, group = os.geteuid(), os.getegid()
        _libc.setfsgid(NOBODY)
        _libc.setfsuid(NOBODY)
        try:
            yield
        finally:
            _libc.setfsuid(user)
            _libc.setfsgid(group)


_libc = ctypes.CDLL(None)


def _require_plain(file: int) -> None:
    if not stat.S_ISREG(os.fstat(file).st_mode):
        raise OSError(errno.ELOOP, "not a plain file")


@contextlib.contextmanager
def _sentences(path: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise NotFound("no-such-file", f"There is no file {path} in the sandbox.") from None
    except PermissionError:
        raise Refused("file-closed", f"The permissions of {path} in the sandbox forbid this.") from None
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR, errno.EISDIR, errno.ENXIO, errno.ENOTSUP):
            raise Refused(
                "not-a-plain-file",
                f"{path} in the sandbox is, or leads through, a link or something else that is no plain file.",
            ) from None
        if error.errno == errno.ENAMETOOLONG:
            raise Misuse("bad-path", f"The path {path[:80]}… is too long.") from None
        raise
