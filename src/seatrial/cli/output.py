"""How results reach a terminal: JSON for programs, a table or lines for people; one table of exit codes."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from seatrial.kernel.canonical import plain
from seatrial.kernel.errors import Misuse, NotFound, Refused, SeatrialError, Unavailable

EXIT_CODES: Mapping[int, str] = {
    0: "done",
    1: "a defect of Seatrial itself",
    2: "wrong use: a value, a file or an order of calls to mend",
    3: "refused by a rule (consent, window, label, role)",
    4: "nothing of that name, or nothing you may see",
    5: "something outside is missing, down or busy",
}

# In a pipeline's log there is no terminal to fit: an id must not be folded there.
console = Console(width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else 200)


def wants_json() -> bool:
    """True if the caller wrote ``--json`` anywhere, or set ``SEATRIAL_JSON=1``."""
    return os.environ.get("SEATRIAL_JSON") == "1"


def exit_code(error: SeatrialError) -> int:
    """The exit code of an error: see ``EXIT_CODES``."""
    for kind, code in ((NotFound, 4), (Misuse, 2), (Refused, 3), (Unavailable, 5)):
        if isinstance(error, kind):
            return code
    return 1


def fail(error: SeatrialError) -> int:
    """Say what went wrong on stderr, in one sentence or one JSON object; returns the exit code."""
    code = exit_code(error)
    if wants_json():
        problem = {"code": error.code, "message": error.message, "facts": plain(error.facts), "exit": code}
        sys.stderr.write(json.dumps(problem) + "\n")
    else:
        sys.stderr.write(f"seatrial: {error.message}\n")
    return code


def show(value: object, *, lines: Sequence[str] | None = None) -> None:
    """Print ``value`` as JSON if asked for, else ``lines``, else its fields one a line."""
    data = plain(value)
    if wants_json():
        print(json.dumps(data, indent=2, ensure_ascii=False))
    elif lines is not None:
        for line in lines:
            console.print(line, markup=False, highlight=False, soft_wrap=True)
    elif isinstance(data, dict):
        width = max((len(key) for key in data), default=0)
        for key, item in data.items():
            console.print(f"{key:<{width}}  {_cell(item)}", markup=False, highlight=False, soft_wrap=True)
    else:
        console.print(_cell(data), markup=False, highlight=False, soft_wrap=True)


def show_table(rows: Sequence[object], columns: Mapping[str, str], *, empty: str) -> None:
    """Print ``rows`` as JSON if asked for, else as a table: ``columns`` maps a field to its heading."""
    data = [plain(row) for row in rows]
    if wants_json():
        print(json.dumps(data, indent=2, ensure_ascii=False))
        return
    if not data:
        console.print(empty, markup=False, highlight=False)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in columns.values():
        table.add_column(heading, overflow="fold")
    for row in data:
        table.add_row(*(_cell(row.get(name)) for name in columns))
    console.print(table)


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, list):
        return ", ".join(_cell(item) for item in value) or "–"
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return str(value)
