"""Archives: what is in them, and a sentence for each that would get out, blow up or lie."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import stat
import tarfile
import time
import zipfile
from collections.abc import Callable

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.clearinghouse.proofs.core.archive import Bounds, File, files_of, read
from seatrial.clearinghouse.proofs.types import Target, TargetKind
from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Misuse


def tar(*members: tuple[str, bytes | str, dict[str, object]] | tuple[str, bytes | str]) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, content, *how in members:
            info = tarfile.TarInfo(name)
            data = content.encode() if isinstance(content, str) else content
            info.size = len(data)
            for key, value in (how[0] if how else {}).items():
                setattr(info, key, value)
            archive.addfile(info, io.BytesIO(data) if info.isreg() else None)
    return made.getvalue()


def zipped(*members: tuple[str, bytes, int]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data, mode in members:
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return made.getvalue()


def link(kind: bytes, to: str) -> dict[str, object]:
    return {"type": kind, "linkname": to, "size": 0}


PLAIN = tar(("./a/main.c", "int x;"), ("a/run", "#!/bin/sh\n", {"mode": 0o755}), ("a/", b"", {"type": tarfile.DIRTYPE}))
EXPECTED = {"a/main.c": File(b"int x;"), "a/run": File(b"#!/bin/sh\n", True)}


def in_two(data: bytes) -> bytes:
    return gzip.compress(data[:700]) + gzip.compress(data[700:])


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress, zstandard.compress, in_two])
def test_every_form_holds_the_same(pack: Callable[[bytes], bytes]) -> None:
    assert read(pack(PLAIN)) == EXPECTED


def test_a_zip_holds_the_same() -> None:
    assert read(zipped(("a/main.c", b"int x;", 0o100644), ("a/run", b"#!/bin/sh\n", 0o100755))) == EXPECTED


def test_the_work_folder_may_lie_inside() -> None:
    target = Target(TargetKind.SOURCE, digest(PLAIN), top="a")
    assert set(files_of(PLAIN, target)) == {"main.c", "run"}
    with pytest.raises(Misuse, match="has no folder 'b'"):
        files_of(PLAIN, Target(TargetKind.SOURCE, digest(PLAIN), top="b"))


def test_a_lie_about_the_digest_is_seen() -> None:
    with pytest.raises(Misuse, match="is not what its digest says"):
        files_of(PLAIN, Target(TargetKind.SOURCE, digest(b"other")))


def test_links_that_stay_inside_become_copies() -> None:
    links = {"lib/so": "so.1", "bin/so": "../lib/so"}
    hard = ("hard", b"", link(tarfile.LNKTYPE, "lib/so.1"))
    found = read(tar(("lib/so.1", "x"), *((at, b"", link(tarfile.SYMTYPE, to)) for at, to in links.items()), hard))
    assert found == dict.fromkeys(("lib/so.1", "lib/so", "bin/so", "hard"), File(b"x"))
    assert read(zipped(("a", b"x", 0o100644), ("b", b"a", stat.S_IFLNK | 0o777)))["b"] == File(b"x")


def bomb(pack: Callable[[bytes], bytes]) -> bytes:
    return pack(tar(("zeros", bytes(300 * 1024**2 // 4))))


HOSTILE = {
    "traversal": (tar(("../x", "x")), "leads out of the work folder"),
    "traversal inside": (tar(("a/../../x", "x")), "leads out of the work folder"),
    "absolute": (tar(("/etc/passwd", "x")), "absolute path"),
    "folder that leads out": (tar(("../d", b"", {"type": tarfile.DIRTYPE}), ("a", "x")), "leads out"),
    "zip traversal": (zipped(("../x", b"x", 0o100644)), "leads out of the work folder"),
    "zip absolute": (zipped(("/x", b"x", 0o100644)), "absolute path"),
    "zip backslash": (zipped(("..\\x", b"x", 0o100644)), "character that is not used here"),
    "link out": (tar(("a", b"", link(tarfile.SYMTYPE, "../../etc/passwd"))), "link that leads out"),
    "absolute link": (tar(("a", b"", link(tarfile.SYMTYPE, "/etc/passwd"))), "link that leads out"),
    "hard link out": (tar(("a", b"", link(tarfile.LNKTYPE, "../x"))), "link that leads out"),
    "zip link out": (zipped(("a", b"/etc/passwd", stat.S_IFLNK | 0o777)), "link that leads out"),
    "link to nothing": (tar(("a", b"", link(tarfile.SYMTYPE, "b"))), "link to what is no file"),
    "link to a folder": (tar(("d/x", "x"), ("a", b"", link(tarfile.SYMTYPE, "d"))), "link to what is no file"),
    "file through a link": (
        tar(("d/x", "x"), ("a", b"", link(tarfile.SYMTYPE, "d/x")), ("a/y", "y")),
        "both as a file",
    ),
    "circle": (tar(("a", b"", link(tarfile.SYMTYPE, "b")), ("b", b"", link(tarfile.SYMTYPE, "a"))), "in a circle"),
    "device": (tar(("null", b"", {"type": tarfile.CHRTYPE})), "neither file nor folder nor link"),
    "pipe": (tar(("p", b"", {"type": tarfile.FIFOTYPE})), "neither file nor folder nor link"),
    "twice": (tar(("a", "x"), ("a", "y")), "holds 'a' twice"),
    "twice in another case": (tar(("a", "x"), ("A", "y")), "holds 'a' twice (also as 'A')"),
    "file and folder": (tar(("a", "x"), ("a/b", "y")), "both as a file and as a folder"),
    "control character": (tar(("a\nb", "x")), "character that is not used here"),
    "not text": (tar(("a\udcff", "x")), "character that is not used here"),
    "too deep": (tar(("/".join("a" * 50), "x")), "path that is too long"),
    "nothing": (tar(), "is neither tar"),
    "only folders": (tar(("a/", b"", {"type": tarfile.DIRTYPE})), "holds no file"),
    "no archive": (b"GIF89a" * 500, "is neither tar"),
    "empty": (b"", "is neither tar"),
    "cut": (gzip.compress(PLAIN)[:-20], "is damaged"),
    "cut xz": (lzma.compress(PLAIN)[:-40], "ends in the middle"),
    "cut tar": (tar(("a", b"x" * 4000))[:1024], "is damaged"),
    "cut zip": (zipped(("a", b"x" * 4000, 0))[:60], "is damaged"),
    "gzip bomb": (bomb(gzip.compress), "would unpack to more than"),
    "bzip2 bomb": (bomb(bz2.compress), "would unpack to more than"),
    "xz bomb": (bomb(lzma.compress), "would unpack to more than"),
    "zst bomb": (bomb(zstandard.compress), "would unpack to more than"),
    "zip bomb": (zipped(*((str(n), bytes(1 << 22), 0) for n in range(9))), "would unpack to more than"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_hostile_is_refused_with_a_sentence(name: str) -> None:
    data, said = HOSTILE[name]
    begun = time.perf_counter()
    with pytest.raises(Misuse) as caught:
        read(data)
    assert caught.value.code == "bad-archive"
    assert said in caught.value.message
    assert caught.value.message.endswith(".")
    assert time.perf_counter() - begun < 5


def test_bounds_bind() -> None:
    many = tar(*((str(n), b"") for n in range(30)))
    with pytest.raises(Misuse, match="more than 20 files"):
        read(many, Bounds(files=20))
    with pytest.raises(Misuse, match="more than 20 files"):
        read(tar(*((f"{n}/", b"", {"type": tarfile.DIRTYPE}) for n in range(50))), Bounds(files=20))
    with pytest.raises(Misuse, match="file of more than 1 MiB"):
        read(tar(("a", bytes(2 << 20))), Bounds(one=1 << 20))
    copies = tar(("a", bytes(1 << 20)), *((f"l{n}", b"", link(tarfile.LNKTYPE, "a")) for n in range(30)))
    with pytest.raises(Misuse, match="unpack to more than 16 MiB"):
        read(copies, Bounds(growth=10))  # links that would fill the disk


@settings(deadline=None)
@given(
    st.binary(max_size=400),
    st.integers(0, 3000),
    st.sampled_from([PLAIN, gzip.compress(PLAIN), zipped(("a", b"b", 0))]),
)
def test_damage_is_a_sentence_or_changes_nothing_else(noise: bytes, place: int, data: bytes) -> None:
    damaged = data[:place] + noise + data[place + len(noise) :]
    try:
        found = read(damaged)
    except Misuse as error:
        found, code = {}, error.code
    else:
        code = "bad-archive"
    assert code == "bad-archive"
    assert all(not path.startswith("/") and ".." not in path.split("/") for path in found)
