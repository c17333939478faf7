"""root-cause: from a crash report to the line that is to blame.

A C file with one planted flaw and the report of a crash that it led to, in AddressSanitizer's form without addresses
and library frames. The answer is the number of the flawed line, which is never the line that crashed. The twin shows a
program that stopped at a failed assertion. That a build of each program really reports this is tested where there is a
compiler. Chance level: 1 in the number of lines (26-50); 1 in 2 to 3 for who knows the template's places.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from seatrial.review.benchmarks.core.practice.draw import Draw
from seatrial.review.benchmarks.core.practice.planting import numbered
from seatrial.review.benchmarks.core.practice.root_cause_cases import CASES
from seatrial.review.benchmarks.core.practice.root_cause_planting import Case, Crashed, crash
from seatrial.review.benchmarks.core.practice.root_cause_twins import NEUTRAL
from seatrial.review.benchmarks.types import Check, Item

FAMILY = "root-cause"
TEMPLATES: tuple[Case, ...] = CASES

_PROMPT = """\
A program crashed. AddressSanitizer's report, without addresses and library frames:

{report}

This is {file}:

```c
{source}
```

Exactly one line is wrong, and it is not the one that crashed. Which line has to be corrected?
End with one line: ANSWER: <line number>
"""
_NEUTRAL = """\
A program stopped because what it counts on does not hold:

{report}

This is {file}:

```c
{source}
```

Exactly one line is wrong, and it is not the one that stopped it. Which line has to be corrected?
End with one line: ANSWER: <line number>
"""


def make(template: Case, draw: Draw, item_id: str) -> Item:
    crashed = crash(template, draw)
    return _item(crashed, _PROMPT, sanitizer_report(crashed), item_id, None)


def twin(template: Case, draw: Draw, item_id: str, twin_of: str) -> Item:
    neutral = NEUTRAL[TEMPLATES.index(template) % len(NEUTRAL)]
    stopped = crash(neutral, draw.apart())
    return _item(stopped, _NEUTRAL, assertion_report(stopped), item_id, twin_of)


def sanitizer_report(crashed: Crashed) -> str:
    """What AddressSanitizer says of it, shortened."""
    report = crashed.report
    lines = [f"ERROR: AddressSanitizer: {report.kind}", report.access, *_stack(crashed, report.frames)]
    if report.freed:
        lines += ["freed by:", *_stack(crashed, report.freed)]
    if report.allocated:
        lines += ["allocated by:", *_stack(crashed, report.allocated)]
    return "\n".join(lines)


def assertion_report(stopped: Crashed) -> str:
    """What the C library says of a failed assertion, and from where it was reached."""
    function, mark = stopped.report.frames[0]
    where = f"{stopped.file}:{stopped.marks[mark]}: {_named(function, stopped.names)}"
    first = f"{where}: Assertion `{stopped.report.kind}' failed."
    return "\n".join([first, *_stack(stopped, stopped.report.frames)])


def _stack(crashed: Crashed, frames: Sequence[tuple[str, str]]) -> list[str]:
    return [
        f"    #{number} in {_named(function, crashed.names)} {crashed.file}:{crashed.marks[mark]}"
        for number, (function, mark) in enumerate(frames)
    ]


def _named(function: str, names: Mapping[str, object]) -> str:
    return str(names.get(function, function))


def _item(crashed: Crashed, prompt: str, report: str, item_id: str, twin_of: str | None) -> Item:
    at = crashed.marks[crashed.report.frames[0][1]]
    return Item(
        id=item_id,
        family=FAMILY,
        prompt=prompt.format(report=report, file=crashed.file, source=numbered(crashed.source)),
        check=Check("number", equals=str(crashed.line)),
        oracle=f"What goes wrong there was prepared in line {crashed.line}.\nANSWER: {crashed.line}",
        naive=f"That is where it happened.\nANSWER: {at}",
        human_minutes=8.0,
        max_tokens=192,
        twin_of=twin_of,
    )
