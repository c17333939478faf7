"""The official tests by number. Each theme of `checks` fills one `Table`; `validating` runs them all."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from seatrial.clearinghouse.advisories.core.csaf.reading import Reading
from seatrial.clearinghouse.advisories.core.csaf.report import Group

Hits = Iterator[tuple[str, str]]
Judge = Callable[[Reading], Hits]

BOTH = frozenset({"2.0", "2.1"})
NEW = frozenset({"2.1"})
OLD = frozenset({"2.0"})

_GROUPS = {"6.1": Group.MANDATORY, "6.2": Group.RECOMMENDED, "6.3": Group.INFORMATIVE}


@dataclass(frozen=True, slots=True)
class Check:
    """One official test: its number, the versions that have it, what it needs besides the document ("" or a field of
    `Aids`), and its judge."""

    number: str
    versions: frozenset[str]
    needs: str
    judge: Judge
    group: Group


class Table:
    """The tests of one theme, in the order in which they were written down."""

    def __init__(self) -> None:
        self.checks: list[Check] = []

    def test(self, number: str, versions: frozenset[str] = BOTH, needs: str = "") -> Callable[[Judge], Judge]:
        """Write a judge down under its number."""

        def note(judge: Judge) -> Judge:
            self.checks.append(Check(number, versions, needs, judge, _GROUPS[number[:3]]))
            return judge

        return note
