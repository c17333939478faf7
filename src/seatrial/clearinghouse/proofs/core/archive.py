"""What an archive holds: its bytes → files by path. Nothing is ever unpacked by a tool that trusts them.

- Forms: tar, plain or in gzip, bzip2, xz or zstandard, and zip; told by their first bytes, never by a name.
- Refused, each with a sentence (``Misuse``, ``bad-archive``): a digest that is not that of the bytes; paths that are
  absolute, lead out, or stand twice (also as file and folder, or in another case on a machine that folds it); devices,
  pipes and sockets; links that lead out, to nothing, to a folder or round in a circle; encryption; and whatever holds
  more than ``Bounds`` (bytes in all, files, one file, and how far it may grow: the mark of a bomb).
- A link, hard or symbolic, that stays inside and names a file becomes a copy of that file. Folders are what paths
  imply; empty ones, owners, times and all modes save "executable" are left behind.

Decompression ends where a bound does: a bomb costs no more than the bound.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import posixpath
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import zstandard

from seatrial.clearinghouse.proofs.types import Target
from seatrial.kernel.digests import Digest, digest
from seatrial.kernel.errors import Misuse

from .fields import path_fault

_CHUNK = 1 << 20
_HEADERS = 16 * 1024**2  # what a tar may hold besides its files


@dataclass(frozen=True, slots=True)
class Bounds:
    """What an archive may hold; sizes in bytes."""

    total: int = 512 * 1024**2
    files: int = 20_000
    one: int = 128 * 1024**2
    growth: int = 200  # times its own size, where it holds more than ``free``
    free: int = 16 * 1024**2


@dataclass(frozen=True, slots=True)
class File:
    """One file of a target."""

    data: bytes
    executable: bool = False


Files = Mapping[str, File]


def files_of(data: bytes, target: Target, bounds: Bounds = Bounds()) -> dict[str, File]:
    """The files below ``target.top``, by their path from there. Raises ``Misuse`` (``bad-archive``)."""
    check_digest(data, target.digest, "The target's archive")
    found = read(data, bounds)
    if not target.top:
        return found
    below = {
        path.removeprefix(f"{target.top}/"): file for path, file in found.items() if path.startswith(f"{target.top}/")
    }
    if not below:
        raise _fault(f"has no folder {target.top[:80]!r} to be the work folder")
    return below


def check_digest(data: bytes, named: Digest, what: str) -> None:
    """Raises ``Misuse`` (``bad-archive``) unless ``named`` is the digest of ``data``."""
    if (real := digest(data)) != named:
        raise Misuse("bad-archive", f"{what} is not what its digest says: {real} was given for {named}.")


def read(data: bytes, bounds: Bounds = Bounds()) -> dict[str, File]:
    """The files in ``data`` by path. Raises ``Misuse`` (``bad-archive``)."""
    most = min(bounds.total, max(bounds.free, bounds.growth * len(data)))
    try:
        if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            return _settled(_zip_members(data, bounds, most), bounds, most)
        unpacked = _decompressed(data, most + _HEADERS)
        if unpacked[257:262] != b"ustar" and not _old_tar(unpacked):
            raise _fault("is neither tar (plain, gz, bz2, xz, zst) nor zip")
        return _settled(_tar_members(unpacked, bounds), bounds, most)
    except Misuse:
        raise
    except (
        tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, zstandard.ZstdError,
        OSError, EOFError, ValueError, NotImplementedError, RuntimeError, OverflowError, IndexError,
    ) as error:  # fmt: skip
        raise _fault(f"is damaged ({str(error)[:100] or type(error).__name__})") from error


@dataclass(frozen=True, slots=True)
class _Member:
    path: str
    data: bytes = b""
    executable: bool = False
    link: str | None = None  # the path, from the archive's top, of the file it stands for


def _settled(members: Iterator[_Member], bounds: Bounds, most: int) -> dict[str, File]:
    """Members as files: paths checked, links followed, all within bounds."""
    found: dict[str, File] = {}
    links: dict[str, str] = {}
    folded: dict[str, str] = {}
    total = 0
    for member in members:
        if (said := path_fault(member.path)) is not None:
            raise _fault(said)
        if (twin := folded.setdefault(member.path.casefold(), member.path)) != member.path or (
            member.path in found or member.path in links
        ):
            raise _fault(
                f"holds {twin[:80]!r} twice" + ("" if twin == member.path else f" (also as {member.path[:80]!r})")
            )
        if len(folded) > bounds.files:
            raise _fault(f"holds more than {bounds.files:,} files")
        if member.link is not None:
            links[member.path] = member.link
            continue
        total = _within(total + len(member.data), len(member.data), bounds, most)
        found[member.path] = File(member.data, member.executable)
    for path, named in links.items():
        file = _followed(path, named, found, links)
        total = _within(total + len(file.data), len(file.data), bounds, most)
        found[path] = file
    for path in found:
        parts = path.split("/")
        above = next((above for n in range(1, len(parts)) if (above := "/".join(parts[:n])) in found), None)
        if above is not None:
            raise _fault(f"holds {above[:80]!r} both as a file and as a folder")
    if not found:
        raise _fault("holds no file")
    return found


def _followed(path: str, named: str, found: Mapping[str, File], links: Mapping[str, str]) -> File:
    seen = {path}
    while named in links:
        if named in seen:
            raise _fault(f"holds a link that leads round in a circle ({path[:80]!r})")
        seen.add(named)
        named = links[named]
    if named not in found:
        raise _fault(f"holds a link to what is no file in it ({path[:80]!r} to {named[:80]!r})")
    return found[named]


def _within(total: int, one: int, bounds: Bounds, most: int) -> int:
    if one > bounds.one:
        raise _fault(f"holds a file of more than {bounds.one // 1024**2} MiB")
    if total > most:
        raise _too_much(most)
    return total


def _tar_members(data: bytes, bounds: Bounds) -> Iterator[_Member]:
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:", errors="surrogateescape") as archive:
        for count, member in enumerate(archive):
            path = _normal(member.name)
            if count > 2 * bounds.files:
                raise _fault(f"holds more than {bounds.files:,} files")
            if member.isdir():
                if path and (said := path_fault(path)) is not None:
                    raise _fault(said)
                continue
            if member.islnk():
                yield _Member(path, link=_inside(path, _normal(member.linkname)))
            elif member.issym():
                named = posixpath.join(posixpath.dirname(path), member.linkname)
                yield _Member(path, link=_inside(path, named))
            elif member.isreg() and not member.issparse():
                opened = archive.extractfile(member)
                content = opened.read() if opened is not None else b""
                if len(content) != member.size:
                    raise _fault(f"ends in the middle of {path[:80]!r}")
                yield _Member(path, content, bool(member.mode & 0o111))
            else:
                raise _fault(f"holds {path[:80]!r}, which is neither file nor folder nor link")


def _zip_members(data: bytes, bounds: Bounds, most: int) -> Iterator[_Member]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if len(archive.filelist) > 2 * bounds.files:
            raise _fault(f"holds more than {bounds.files:,} files")
        unread = most
        for member in archive.filelist:
            path, mode = _normal(member.orig_filename), member.external_attr >> 16
            if member.orig_filename.endswith("/"):
                if path and (said := path_fault(path)) is not None:
                    raise _fault(said)
                continue
            if member.flag_bits & 0x1:
                raise _fault(f"holds {path[:80]!r} encrypted")
            kind = stat.S_IFMT(mode)
            if kind not in (0, stat.S_IFREG, stat.S_IFLNK):
                raise _fault(f"holds {path[:80]!r}, which is neither file nor folder nor link")
            with archive.open(member) as opened:
                content = opened.read(min(unread, bounds.one) + 1)
            if len(content) > bounds.one:
                raise _fault(f"holds a file of more than {bounds.one // 1024**2} MiB")
            unread -= len(content)
            if unread < 0:
                raise _too_much(most)
            if kind == stat.S_IFLNK:
                named = posixpath.join(posixpath.dirname(path), content.decode("utf-8"))
                yield _Member(path, link=_inside(path, named))
            else:
                yield _Member(path, content, bool(mode & 0o111))


def _inside(path: str, named: str) -> str:
    """Where a link leads, from the archive's top on."""
    found = posixpath.normpath(named)
    if named.startswith("/") or found == ".." or found.startswith("../"):
        raise _fault(f"holds a link that leads out ({path[:80]!r} to {named[:80]!r})")
    return found


def _normal(name: str) -> str:
    """A path as archivers write it, without the ./ before and the / behind that mean nothing."""
    while name.startswith("./"):
        name = name[2:]
    return "" if name == "." else name.rstrip("/")


def _decompressed(data: bytes, most: int) -> bytes:
    """``data`` out of its compression, if it is in any; no more than ``most`` bytes are made, and a piece."""
    packed = io.BytesIO(data)
    if data.startswith(b"\x1f\x8b"):
        return _all(gzip.GzipFile(fileobj=packed).read, most)
    if data.startswith(b"BZh"):
        return _all(bz2.BZ2File(packed).read, most)
    if data.startswith(b"\xfd7zXZ\x00"):
        return _all(_Xz(packed).read, most)
    if data.startswith(b"\x28\xb5\x2f\xfd"):
        unpacking = zstandard.ZstdDecompressor(max_window_size=1 << 27)
        return _all(unpacking.stream_reader(packed, read_across_frames=True).read, most)
    return data


def _all(read: Callable[[int], bytes], most: int) -> bytes:
    made = bytearray()
    while part := read(_CHUNK):
        made += part
        if len(made) > most:
            raise _too_much(most)
    return bytes(made)


class _Xz:
    """xz within a bound on memory, which the library's own file does not know."""

    def __init__(self, packed: io.BytesIO) -> None:
        self._packed = packed
        self._stream = self._begun()

    def read(self, size: int) -> bytes:
        while True:
            if self._stream.eof:
                rest = self._stream.unused_data.lstrip(b"\0") or self._packed.read(_CHUNK).lstrip(b"\0")
                if not rest:
                    return b""
                self._stream, taken = self._begun(), rest
            else:
                taken = self._packed.read(_CHUNK) if self._stream.needs_input else b""
                if not taken and self._stream.needs_input:
                    raise _fault("ends in the middle")
            if part := self._stream.decompress(taken, size):
                return part

    def _begun(self) -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=256 * 1024**2)


def _old_tar(data: bytes) -> bool:
    try:
        tarfile.TarInfo.frombuf(data[:512], "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True


def _too_much(most: int) -> Misuse:
    return _fault(f"would unpack to more than {most // 1024**2} MiB")


def _fault(said: str) -> Misuse:
    return Misuse("bad-archive", f"The archive {said}.")
