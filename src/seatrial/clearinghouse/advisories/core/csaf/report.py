"""What judging a CSAF document says: one finding a fault, each with the official test's number, its group, a JSON
pointer and one sentence."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Group(StrEnum):
    """How much a finding weighs. A document is valid when nothing of SCHEMA or MANDATORY was found."""

    SCHEMA = "schema"
    MANDATORY = "mandatory"
    RECOMMENDED = "recommended"
    INFORMATIVE = "informative"


BINDING = frozenset({Group.SCHEMA, Group.MANDATORY})


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: the official test's number ("6.1.1"; "schema" for the JSON schema), where it lies (RFC 6901), and a
    sentence."""

    number: str
    group: Group
    pointer: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Report:
    """All that was found in one document.

    `version` is "2.0", "2.1", or "" when the document names neither; `unjudged` are tests that could not be run.
    """

    version: str
    findings: tuple[Finding, ...]
    unjudged: tuple[str, ...] = ()

    @property
    def valid(self) -> bool:
        """Whether a conforming program has to take the document: no finding of the schema and of a mandatory test."""
        return not any(finding.group in BINDING for finding in self.findings)

    def of(self, groups: Iterable[Group]) -> tuple[Finding, ...]:
        """Those findings that belong to one of these groups."""
        wanted = frozenset(groups)
        return tuple(finding for finding in self.findings if finding.group in wanted)

    def failed(self, number: str) -> bool:
        """Whether the official test of that number failed."""
        return any(finding.number == number for finding in self.findings)
