"""The panel that calibrates: for each family some simple programs of rising effort. None knows an answer beforehand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from seatrial.review.benchmarks.core.practice import (
    crash_parser,
    fix_parser,
    log_forensics,
    root_cause,
    spot_flaw_c,
    spot_flaw_go,
    spot_flaw_javascript,
    spot_flaw_python,
    weak_crypto,
)
from seatrial.review.benchmarks.core.practice.calibration import Solver
from seatrial.review.benchmarks.core.practice.panel_ciphers import CIPHERS
from seatrial.review.benchmarks.core.practice.panel_lines import blamers, spotters
from seatrial.review.benchmarks.core.practice.panel_logs import LOGS
from seatrial.review.benchmarks.core.practice.panel_parsers import FUZZERS, MENDERS

_SPOTTING = (spot_flaw_c, spot_flaw_python, spot_flaw_javascript, spot_flaw_go)

PANELS: Mapping[str, Sequence[Solver]] = {
    **{family.FAMILY: spotters([template.source for template in family.TEMPLATES]) for family in _SPOTTING},
    root_cause.FAMILY: blamers([template.source for template in root_cause.TEMPLATES]),
    crash_parser.FAMILY: FUZZERS,
    fix_parser.FAMILY: MENDERS,
    weak_crypto.FAMILY: CIPHERS,
    log_forensics.FAMILY: LOGS,
}
SEEDS: Mapping[str, int] = {crash_parser.FAMILY: 12, fix_parser.FAMILY: 12}  # these build programs; the others take 100
