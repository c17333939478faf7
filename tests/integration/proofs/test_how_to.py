"""The examples of the page that tells how to write a proof do what the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from seatrial.clearinghouse.proofs import api
from seatrial.clearinghouse.proofs.core.recipe import USES
from seatrial.clearinghouse.proofs.types import Proof, Verdict
from seatrial.kernel.digests import digest
from simulators import proof_targets as targets

from .conftest import Validate

pytestmark = [pytest.mark.sandbox, pytest.mark.compiler]

PAGE = (Path(__file__).parents[3] / "docs" / "how-to" / "proofs.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
ARCHIVES = [
    targets.archive(targets.RECORD),
    targets.archive({"lists.py": targets.LISTS_PY}),
    targets.archive(targets.SERVER),
]


@pytest.mark.parametrize("place", range(len(EXAMPLES)))
async def test_an_example_is_reproduced(validate: Validate, place: int) -> None:
    named = digest(ARCHIVES[place])
    recipe, files = api.parse(EXAMPLES[place].replace("TARGET", named))
    found = await validate(Proof(recipe, {**files, named: ARCHIVES[place]}))
    assert found.verdict is Verdict.REPRODUCED, found.reason


def test_the_page_knows_every_oracle_and_verdict() -> None:
    assert len(EXAMPLES) == len(ARCHIVES)
    for kind in USES:
        assert f"| `{kind.value}` |" in PAGE
    for verdict in Verdict:
        assert f"*{verdict.value.replace('-', ' ')}*" in PAGE
