"""Users of one box: root, who may change the box's own ``/etc`` and ``/home``, and whoever root adds to it.

To the kernel all are one user, who may do nothing; only names and numbers differ, and root's programs are told that
what needs power succeeded (``seccomp.PRETENDED``). A box has users from its first command as root on: then its ``/etc``
is one folder of its own, with copies of what programs look for there. What root leaves in it is hostile, as all in a
box is: no link in it is followed from outside, and nothing in it is a place or a source of a mount.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from seatrial.kernel.errors import Misuse
from seatrial.sandbox.core.policy import ETC_OF_THE_SYSTEM, NOBODY, etc

from .etc import copy
from .folder import Folder

_COPIED = (
    *ETC_OF_THE_SYSTEM,
    *(f"/etc/{name}" for name in ("adduser.conf", "deluser.conf", "login.defs", "nsswitch.conf", "shells")),
    *(f"/etc/{name}" for name in ("skel", "pam.d", "default/useradd")),
)
_SECRETS = {"shadow": "root:*:19000:0:99999:7:::\nnobody:*:19000:0:99999:7:::\n", "gshadow": "root:*::\nnogroup:*::\n"}
_MOST = 1 << 16


@dataclass(frozen=True, slots=True)
class User:
    """As the box's own list of users has it."""

    number: int
    group: int
    home: str


def prepare(folder: Folder, names: Mapping[str, str]) -> None:
    """Give the box an ``/etc`` and a ``/home`` of its own, if it has none yet; ``names`` are its hosts."""
    root = Path(folder.users)
    if root.exists():
        return
    root.parent.mkdir()
    if folder.nobody:
        os.chown(root.parent, NOBODY, NOBODY)
    with folder.as_its_owner():  # what the box's user may not read here is not copied
        for name in ("etc", "home"):
            (root / name).mkdir(parents=True)
        copy(_COPIED, root)
        for name, content in {**etc(names), **_SECRETS}.items():
            (root / "etc" / name).write_text(content)


def find(folder: Folder, name: str) -> User:
    """The user of that name. Raises ``Misuse`` (``no-such-user``)."""
    for line in _list(folder).splitlines():
        found = line.split(":")
        if len(found) == 7 and found[0] == name and found[5].startswith("/") and "\0" not in line:
            with suppress(ValueError):
                number, group = int(found[2]), int(found[3])
                if 0 <= number < _MOST and 0 <= group < _MOST:
                    return User(number, group, found[5])
    raise Misuse("no-such-user", f"There is no user {name} in the sandbox; its root may add one.")


def _list(folder: Folder) -> str:
    try:
        with folder.as_its_owner():
            file = os.open(f"{folder.users}/etc/passwd", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(file, "rb") as opened:
            return opened.read(_MOST).decode(errors="replace") if stat.S_ISREG(os.fstat(file).st_mode) else ""
    except OSError:
        return ""
