"""Commands run in this process: what they said, as text or JSON, and the one sentence of a refusal."""

from __future__ import annotations

import json
from typing import Any

import pytest

from seatrial.cli.main import run
from simulators import staged_reviews


@pytest.fixture(autouse=True)
def no_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEATRIAL_JSON", "")
    monkeypatch.delenv("SEATRIAL_AS", raising=False)


class Cli:
    """Runs commands in this process and keeps what they said."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys = capsys
        self._monkeypatch = monkeypatch

    def __call__(self, *words: str, status: int = 0) -> str:
        self._monkeypatch.setenv("SEATRIAL_JSON", "")
        self._capsys.readouterr()
        code = run(words)
        said = self._capsys.readouterr()
        self.err = said.err
        assert code == status, said.err + said.out
        assert "Traceback" not in said.err
        return said.out

    def json(self, *words: str) -> Any:
        return json.loads(self(*words, "--json"))

    def refused(self, status: int, *words: str) -> str:
        self(*words, status=status)
        lines = self.err.strip().splitlines()
        assert len(lines) == 1, "a refusal is one sentence"
        assert lines[0].startswith("seatrial: ")
        return lines[0]


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    return Cli(capsys, monkeypatch)


@pytest.fixture
def consented(world: Any) -> str:
    """A review with a signed consent, open now."""
    return staged_reviews.consented(world, "A voyage of commands")
