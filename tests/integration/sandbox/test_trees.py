"""Boxes that begin as a copy of a folder of ours, and what they are left with."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.kernel.errors import NotFound, Refused
from seatrial.sandbox import api
from seatrial.sandbox.types import Command, Host, Limits

pytestmark = pytest.mark.sandbox


def planted(root: Path) -> api.Tree:
    (root / "bin").mkdir()
    (root / "bin" / "hello").write_text("#!/bin/sh\necho hello $(cat ../name)\n")
    (root / "bin" / "hello").chmod(0o755)
    (root / "name").write_text("world")
    (root / "link").symlink_to("bin/hello")
    (root / "out").symlink_to("/etc/hostname")
    return api.tree_of(root)


async def test_a_box_begins_as_a_copy_that_it_may_change(tmp_path: Path) -> None:
    tree = planted(tmp_path)
    async with api.Sandbox.open({"more": "laid over it"}, tree=tree) as box:
        assert (await box.run(Command(("./hello",), cwd="bin"))).stdout == b"hello world\n"
        spoilt = await box.run(Command(("sh", "-c", "echo x > name; chmod 777 bin; rm -rf bin; cat more")))
        assert spoilt.stdout == b"laid over it"
    assert (tmp_path / "name").read_text() == "world"
    async with api.Sandbox.open(tree=tree) as box:
        assert (await box.run(Command(("ls", "-A")))).stdout.split() == [b"bin", b"link", b"name", b"out"]


async def test_what_a_box_was_left_with_is_kept_and_no_link_is_followed(tmp_path: Path) -> None:
    made = (
        "mkdir d; echo x > d/x; chmod +x d/x; ln -s /etc/passwd p; ln -s d e; mkfifo f; "
        "echo q > \"$(printf 'bad\\377')\""
    )
    async with api.Sandbox.open() as box:
        assert (await box.run(Command(("sh", "-c", made)))).ok
        assert await box.names() == sorted(["d", "e", "f", "p", "bad\udcff"])
        tree = await box.keep(tmp_path)
    assert tree.files == (("d/x", True),)
    assert tree.links == (("e", "d"), ("p", "/etc/passwd"))
    assert tree.folders == ("d",)


async def test_a_box_left_with_too_much_is_not_kept(tmp_path: Path) -> None:
    async with api.Sandbox.open() as box:
        await box.run(Command(("sh", "-c", "for i in 1 2 3 4 5 6 7 8 9; do echo x > $i; done")))
        with pytest.raises(Refused, match="more than"):
            await box.keep(tmp_path, limits=Limits(disk_files=5))


async def test_a_program_is_laid_executable(tmp_path: Path) -> None:
    async with api.Sandbox.open() as box:
        await box.write("run", "#!/bin/sh\necho ran\n", executable=True)
        assert (await box.run(Command(("./run",)))).stdout == b"ran\n"


async def test_a_host_begins_as_a_copy_too_and_is_looked_at_from_outside(tmp_path: Path) -> None:
    (tmp_path / "serve.py").write_text(
        "import http.server, os, pathlib\n"
        "pathlib.Path('left').write_text(os.environ['SAID'])\nprint('begun', flush=True)\n"
        "http.server.HTTPServer(('127.0.0.1', 8080), http.server.SimpleHTTPRequestHandler).serve_forever()\n"
    )
    host = Host(("python3", "serve.py"), {"page": b"\0"}, env={"SAID": "so"}, tree=api.tree_of(tmp_path), loopback=True)
    async with api.Sandbox.open(hosts={"web": host}) as box:
        beside = box.host("web")
        assert beside.names() == ["left", "page", "serve.py"]
        assert beside.read("left") == b"so"
        assert beside.stdout == b"begun\n"
        assert not beside.over
        fetched = await box.run(
            Command(
                ("python3", "-c", "import urllib.request as u; print(u.urlopen('http://127.0.0.1:8080/page').read())")
            )
        )
        assert fetched.stdout == b"b'\\x00'\n"
        with pytest.raises(NotFound):
            box.host("db")
