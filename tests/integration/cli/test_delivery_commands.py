"""The ceremony, a vendor's signing and `fetch-patch` on the command line, against the running instance."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from seatrial.kernel.clock import now
from simulators.harbour import furnished

DIFF = b"--- a/curd.c\n+++ b/curd.c\n@@ -1,1 +1,1 @@\n-int most = 9;\n+int most = 8;\n"


def test_from_the_ceremony_to_a_patch_that_is_verified(
    live_server: Any, durable_world: Any, cli: Any, tmp_path: Path
) -> None:
    furnished(durable_world, now())
    ann, mia, room = ("--as", "ann"), ("--as", "mia"), "delivery"
    one, two, vendor = (str(tmp_path / name) for name in ("one.pem", "two.pem", "vendor.pem"))
    for file in (one, two, vendor):
        cli(room, "key", file)
    assert Path(one).stat().st_mode & 0o777 == 0o600
    cli.refused(2, room, "key", one)
    online = str(tmp_path / "online.pub")
    cli(room, "online-key", "--to", online)
    holders = ("--key", one, "--key", two)
    cli(room, "root", "new", *holders, "--online", online, "--threshold", "2", "--to", str(tmp_path))
    root, targets = (str(tmp_path / f"1.{role}.json") for role in ("root", "targets"))
    second = str(tmp_path / "2.targets.json")
    cli(room, "root", "delegate", targets, "vendor-a", *holders, "--vendor-key", vendor + ".pub", "--to", second)
    for role, file in (("root", root), ("targets", targets), ("targets", second)):
        cli(room, "accept", role, file, *ann)
    patch, mine = tmp_path / "fix.diff", str(tmp_path / "mine.json")
    patch.write_bytes(DIFF)
    cli(room, "sign", "vendor-a", str(patch), "--key", vendor, "--to", mine)
    assert "version 1" in cli(room, "accept", "vendor-a", mine, "--file", str(patch), *mia)
    assert "vendor-a/fix.diff" in cli(room, "roles")
    where = ("--from", live_server.url, "--trust", root, "--state", str(tmp_path / "state"))
    said = cli("fetch-patch", "vendor-a/fix.diff", *where, "--to", str(tmp_path / "got"))
    assert "Signed by vendor-a" in said
    assert "root 1, targets 2" in said
    assert (tmp_path / "got" / "fix.diff").read_bytes() == DIFF
    cli("fetch-patch", "vendor-a/other.diff", *where, status=4)
    next_root, renewed = str(tmp_path / "2.root.json"), str(tmp_path / "3.targets.json")
    cli(room, "root", "renew", root, *holders, "--threshold", "1", "--to", next_root)
    cli(room, "root", "renew-targets", second, *holders, "--to", renewed)
    cli(room, "accept", "root", next_root, "--targets", renewed, *ann)
    assert "root 2, targets 3" in cli("fetch-patch", "vendor-a/fix.diff", *where, "--to", str(tmp_path / "got"))
