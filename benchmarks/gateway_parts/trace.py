"""What a process wrote, synced and sent, in the order in which it did, read from strace. See ``power``.

Every step of a call into the system is an event of its own: a write may reach the disk as soon as it has begun, and
a sync covers what had returned before the sync began, from the moment at which the sync returns.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_CALLS = (
    "openat,creat,pwrite64,pwritev,pwritev2,write,writev,sendto,sendmsg,fsync,fdatasync,sync_file_range,ftruncate,"
    "truncate,fallocate,copy_file_range,unlink,unlinkat,mkdir,mkdirat,rename,renameat,renameat2,link,linkat"
)
_LINE = re.compile(r"(\d+) +(?:<\.\.\. (\w+) resumed>|(\w+)\()(.*)", re.DOTALL)
_RESULT = re.compile(r"\) += (-?\d+)[^\"]*$")
_FILE = re.compile(r"\d+<((?:\\x[0-9a-f]{2})*)>")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_UNFINISHED = "<unfinished ...>"


@dataclass(frozen=True, slots=True)
class Event:
    """``call`` begins or returns. ``number`` is the same for both; ``texts`` are the bytes it was given, in order."""

    number: int
    call: str
    returns: bool
    file: str  # path of the descriptor, or ""
    texts: tuple[bytes, ...]
    numbers: tuple[int, ...]  # that stand after the last text or descriptor
    flags: str
    result: int | None


def available() -> bool:
    """True if strace is installed and may look at our processes."""
    found = shutil.which("strace")
    if found is None:
        return False
    done = subprocess.run([found, "-f", "--seccomp-bpf", "-o", "/dev/null", "true"], capture_output=True, check=False)
    return done.returncode == 0


def traced(words: list[str], into: Path) -> list[str]:
    """The command that runs ``words`` and writes to ``into`` what they do; its process is theirs."""
    how = ["-D", "-f", "--seccomp-bpf", "-y", "-xx", "-s", str(2**24), "-o", str(into), "-e", f"trace={_CALLS}"]
    return ["strace", *how, *words]


def events(path: Path) -> Iterator[Event]:
    """What a finished trace says. Raises ``ValueError`` where it cannot be read."""
    under_way: dict[str, tuple[int, str, str, tuple[bytes, ...], tuple[int, ...], str]] = {}
    number = 0
    with path.open(encoding="ascii") as lines:
        for line in lines:
            found = _LINE.match(line)
            if found is None:
                if " +++ " in line or " --- " in line:
                    continue
                raise ValueError(f"strace says what nobody understands: {line[:200]}")
            thread, resumed, call, rest = found.groups()
            if resumed is None:
                number += 1
                arguments = rest.rpartition(_UNFINISHED)[0] or _RESULT.sub("", rest)
                begun = under_way[thread] = (number, call, *_read(arguments))
                yield Event(begun[0], call, False, *begun[2:], None)
                if rest.rstrip().endswith(_UNFINISHED):
                    continue
            result = _RESULT.search(rest.rstrip())
            begun = under_way.pop(thread)
            yield Event(begun[0], begun[1], True, *begun[2:], int(result[1]) if result else None)


def _read(arguments: str) -> tuple[str, tuple[bytes, ...], tuple[int, ...], str]:
    first = _FILE.match(arguments)
    file = _bytes(first[1]).decode("utf-8", "replace") if first else ""
    texts = tuple(_bytes(text) for text in _TEXT.findall(arguments))
    after = arguments.rpartition('"')[2] if texts else arguments.partition(">")[2]
    return file, texts, tuple(int(word) for word in re.findall(r"(?<![\w.])\d+(?![\w.])", after)), after


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))
