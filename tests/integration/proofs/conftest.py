"""A shelf for each file of tests; without a sandbox on this machine, the tests here are skipped with the reason."""

from __future__ import annotations

import tempfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from seatrial.clearinghouse.proofs import api
from seatrial.clearinghouse.proofs.types import Proof, Validation
from seatrial.sandbox import api as sandbox

Validate = Callable[[Proof], Awaitable[Validation]]


@pytest.fixture(autouse=True)
def _needs_a_sandbox() -> None:
    if (reason := sandbox.available()) is not None:
        pytest.skip(reason)


@pytest.fixture(scope="module")
def shelf() -> Iterator[api.Shelf]:
    with tempfile.TemporaryDirectory(prefix="seatrial-shelf-") as place:
        yield api.Shelf(Path(place))


@pytest.fixture
def validate(shelf: api.Shelf) -> Validate:
    async def validating(proof: Proof) -> Validation:
        return await api.validate(proof.recipe, proof.attachments, shelf=shelf)

    return validating
