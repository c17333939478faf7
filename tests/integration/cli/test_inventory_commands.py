"""Inventories and matching on the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from simulators.inventories import cyclonedx, fleet, osv

RECORD = osv("PYSEC-1", "oar", {"introduced": "1.0"}, {"fixed": "2.0"}, aliases=["CVE-2026-1"])


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "boat.json").write_bytes(cyclonedx("boat", "pkg:pypi/oar@1.5"))
    (tmp_path / "advisories").mkdir()
    (tmp_path / "advisories" / "one.json").write_text(json.dumps(RECORD))
    return tmp_path


def test_an_inventory_is_kept_shown_and_removed(world: Any, cli: Any, files: Path) -> None:
    fleet(world.operator, world.start)
    dora, boat = ("--as", "dora"), str(files / "boat.json")
    cli("inventory", "learn", str(files / "advisories" / "one.json"), "--as", "anna")
    kept = cli.json("inventory", "add", "grid", "plant", boat, *dora)["id"]
    assert cli.json("inventory", "list", *dora)[0]["id"] == kept
    assert "1 affected" in cli("inventory", "show", kept, *dora)
    (one,) = cli.json("inventory", "matches", *dora)
    assert (one["vulnerability"], one["system_name"]) == ("CVE-2026-1", "boat")
    assert cli.json("inventory", "matches", "--as", "walt") == []
    (files / "bad.csv").write_text("colour\nred\n")
    assert "1 systems" in cli("inventory", "watch", "grid", str(files), "--once", *dora)
    assert "Removed" in cli("inventory", "remove", kept, *dora)
    assert len(cli.json("inventory", "matches", *dora)) == 1  # of the watched folder's


def test_matching_at_home_needs_no_instance(files: Path) -> None:
    home = files / "untouched"
    words = ["match", str(files / "boat.json"), "--advisories", str(files / "advisories")]

    def run(*more: str) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SEATRIAL_")}
        return subprocess.run(
            [sys.executable, "-m", "seatrial.config.main", *words, *more],
            env=environment | {"SEATRIAL_HOME": str(home), "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            timeout=60,
        )

    shown = run("--fail")
    assert shown.returncode == 10, shown.stderr
    assert "CVE-2026-1" in shown.stdout
    assert "1 systems, 1 advisories: 1 affected." in shown.stderr
    assert run("--form", "csv").stdout.splitlines()[1].startswith('"boat","oar","1.5","CVE-2026-1","affected"')
    out = files / "out.vex"
    assert run("--form", "vex", "--output", str(out), "--author", "Grid").returncode == 0
    assert json.loads(out.read_text())["author"] == "Grid"
    (files / "boat.json").write_bytes(cyclonedx("boat")[:-3])
    broken = run()
    assert broken.returncode == 2
    assert broken.stderr.startswith("seatrial: boat.json is not valid JSON")
    assert not home.exists()
