"""A box for each test; without a sandbox on this machine, the tests here are skipped with the reason."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

from seatrial.sandbox import api
from seatrial.sandbox.types import Command, Outcome

Run = Callable[..., Coroutine[Any, Any, Outcome]]


@pytest.fixture(autouse=True)
def _needs_a_sandbox() -> None:
    if (reason := api.available()) is not None:
        pytest.skip(reason)


@pytest.fixture
async def box() -> AsyncIterator[api.Sandbox]:
    async with api.Sandbox.open() as opened:
        yield opened


@pytest.fixture
def run(box: api.Sandbox) -> Run:
    """``await run("sh", "-c", "…", limits=…)``."""

    async def running(*argv: str, **how: Any) -> Outcome:
        return await box.run(Command(argv, **how))

    return running


@pytest.fixture
def boxes(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], set[str]]]:
    """Names of the boxes' folders in a place of the test's own, where no other program of this machine makes any."""
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)  # nobody's boxes are made from there
        monkeypatch.setattr(tempfile, "tempdir", place)
        yield lambda: {folder.name for folder in Path(place).iterdir() if folder.name.startswith("seatrial-box-")}


@pytest.fixture
def alive() -> Callable[[str], bool]:
    """Whether any process of this machine has the marker on its command line."""

    def looking(marker: str) -> bool:
        for process in Path("/proc").iterdir():
            if process.name.isdecimal():
                try:
                    if marker.encode() in (process / "cmdline").read_bytes():
                        return True
                except OSError:
                    continue
        return False

    return looking
