"""The generated reference says what the program says."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

DOCS = Path(__file__).parents[2] / "docs"


def generator() -> Any:
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["cli.md", "http-api.md", "client.md", "report-format.md"])
def test_the_reference_is_current(name: str) -> None:
    current = generator().PAGES[name]()
    assert (DOCS / "reference" / name).read_text() == current, "run: .venv/bin/python docs/generate.py"
