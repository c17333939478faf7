"""CSAF 2.0 and 2.1: every official test over plain dictionaries, and strict parsing of bytes.

Pure: no clock, no network, no database.

report = validate(parse(data))
report.valid, report.findings
"""

from seatrial.clearinghouse.advisories.core.csaf.aids import Aids, Extension
from seatrial.clearinghouse.advisories.core.csaf.convert import Converted, Warned, convert
from seatrial.clearinghouse.advisories.core.csaf.parsing import Unreadable, parse, written
from seatrial.clearinghouse.advisories.core.csaf.report import Finding, Group, Report
from seatrial.clearinghouse.advisories.core.csaf.validating import checks_of, validate, version_of

__all__ = [
    "Aids",
    "Converted",
    "Extension",
    "Finding",
    "Group",
    "Report",
    "Unreadable",
    "Warned",
    "checks_of",
    "convert",
    "parse",
    "validate",
    "version_of",
    "written",
]
