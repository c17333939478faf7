"""The schema of CycloneDX 1.6, as its own library carries it."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import cyclonedx.schema._res as resources
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator


class CycloneDxSchema:
    """See ``Schema``."""

    def check(self, bom: bytes) -> None:
        fault = _validator().validate_str(bom.decode())
        if fault is not None:
            raise ValueError(f"the ML-BOM does not fit the CycloneDX 1.6 schema: {fault}")

    def spdx(self) -> frozenset[str]:
        return _spdx()


@cache
def _validator() -> JsonStrictValidator:
    return JsonStrictValidator(SchemaVersion.V1_6)


@cache
def _spdx() -> frozenset[str]:
    return frozenset(json.loads(Path(resources.SPDX_JSON).read_text(encoding="utf-8"))["enum"])
