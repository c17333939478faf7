"""Whatever a dossier says, its ML-BOM fits the strict schema of CycloneDX 1.6."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from seatrial.review.dossiers.adapters.bom_schema import CycloneDxSchema
from seatrial.review.dossiers.core.exports.ml_bom import bom
from seatrial.review.dossiers.core.reading import from_toml
from seatrial.review.dossiers.types import Dossier
from simulators.written_dossiers import dossiers

AT = datetime(2026, 7, 1, 9, tzinfo=UTC)
CARDS = sorted((Path(__file__).parents[1] / "data" / "dossiers").glob("*.toml"))
SCHEMA = CycloneDxSchema()


@pytest.mark.parametrize("card", CARDS, ids=lambda path: path.stem)
def test_the_bom_of_a_real_card_fits_the_schema(card: Path) -> None:
    SCHEMA.check(bom(from_toml(card.read_text(encoding="utf-8")), AT, spdx=SCHEMA.spdx()))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(dossiers())
def test_the_bom_of_any_dossier_fits_the_schema(document: Dossier) -> None:
    SCHEMA.check(bom(document, AT, spdx=SCHEMA.spdx()))


def test_a_bom_that_does_not_fit_is_a_defect_and_not_an_output() -> None:
    with pytest.raises(ValueError, match=r"CycloneDX 1\.6 schema"):
        SCHEMA.check(b'{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"type": "model"}]}')
