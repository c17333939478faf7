"""What is put beside a proof for one run alone, so that what it shows cannot have been made beforehand.

A token is drawn for each run. From it come: the name of the file to which sanitizers and languages write their reports
(whoever only controls a program's input cannot write there, however it is echoed), the status with which a sanitizer
ends its program, and the value of a flag. Reports are not symbolised in the run: that would take seven times as long.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass

from seatrial.clearinghouse.proofs.types import Oracle, OracleKind

from .recipe import OURS

WORK = "/box"
_STATUSES = range(66, 125)  # of a sanitizer's end: none that shells, signals and most programs use

# UndefinedBehaviorSanitizer goes on after a report unless told to end; it ends only where its report is claimed,
# so that it does not stand before another tool's. Its words for kinds:
_UNDEFINED = frozenset(
    {
        *("signed-integer-overflow", "unsigned-integer-overflow", "shift-exponent", "shift-base", "pointer-overflow"),
        *("index-out-of-bounds", "nonnull-argument", "nonnull-return", "misaligned-address", "object-size", "bad-cast"),
        *("invalid-value", "integer-divide-by-zero", "non-positive-vla-bound-value", "missing-return", "unreachable"),
        *("float-cast-overflow", "incorrect-function-pointer-type", "implicit-conversion", "invalid-builtin-use"),
    }
)

PYTHON_HOOK = '''\
"""Writes the report of an exception that nobody caught to the file that this run names."""
import os, sys, threading

_file = os.environ.pop("SEATRIAL_REPORT", "") + "." + str(os.getpid())

def _report(kind, value, trace):
    import traceback
    try:
        with open(_file, "a", encoding="utf-8", errors="replace") as file:
            file.write("".join(traceback.format_exception(kind, value, trace, -100)))
    except BaseException:
        pass
    sys.__excepthook__(kind, value, trace)

sys.excepthook = _report
threading.excepthook = lambda said: _report(said.exc_type, said.exc_value, said.exc_traceback)
'''
NODE_HOOK = """\
const file = (process.env.SEATRIAL_REPORT || "") + "." + process.pid;
delete process.env.SEATRIAL_REPORT;
process.on("uncaughtExceptionMonitor", (error) => {
  const said = error && error.stack ? error.stack : String(error);
  const text = "Uncaught:\\n" + said + "\\n\\nNode.js " + process.version + "\\n";
  try { require("fs").appendFileSync(file, text); } catch {}
});
"""


@dataclass(frozen=True, slots=True)
class Plant:
    """What is planted for one run."""

    token: str  # 32 hex digits

    @property
    def report(self) -> str:
        """How the names of report files begin, in the work folder."""
        return f"{OURS}-report-{self.token}"

    @property
    def hooks(self) -> str:
        """The folder, in the work folder, of what languages load first."""
        return f"{OURS}-hooks-{self.token}"

    @property
    def status(self) -> int:
        """How a sanitizer that ends its program ends it."""
        return _STATUSES[int(self.token[:8], 16) % len(_STATUSES)]

    @property
    def flag(self) -> str:
        """The value that a flag has in this run."""
        return f"seatrial-flag-{self.token}"

    def shown_in(self, output: bytes) -> bool:
        """Whether the flag stands in ``output``, plain, in hex or in base64."""
        value = self.flag.encode()
        forms = [value, value.hex().encode(), value.hex().upper().encode()]
        for shift in range(3):  # base64 of it wherever in a longer text it begins
            coded = base64.b64encode(bytes(shift) + value)
            forms.append(coded[(0, 2, 3)[shift] : -4])
        return any(form in output for form in forms)

    def environment(self, oracle: Oracle, *, hooked: bool) -> dict[str, str]:
        """The variables under which the proof's own programs run."""
        report = f"{WORK}/{self.report}"
        if oracle.kind is OracleKind.SANITIZER:
            common = f"symbolize=0:log_path={report}:exitcode={self.status}:print_legend=0"
            handled = ":".join(f"handle_{name}=2" for name in ("segv", "sigbus", "sigfpe", "sigill", "abort"))
            halts = int(ends_at_undefined(oracle))
            found = {
                "ASAN_OPTIONS": f"{common}:{handled}:allow_user_segv_handler=0:detect_stack_use_after_return=1",
                "UBSAN_OPTIONS": f"{common}:print_stacktrace=1:halt_on_error={halts}",
                "MSAN_OPTIONS": f"{common}:{handled}",
                "TSAN_OPTIONS": f"{common}:{handled}:halt_on_error=1",
            }
        else:
            found = {f"{tool}SAN_OPTIONS": "symbolize=0" for tool in ("A", "UB", "M", "T")}
        if hooked:
            hooks = f"{WORK}/{self.hooks}"
            found |= {
                "SEATRIAL_REPORT": report,
                "PYTHONPATH": hooks,
                "PYTHONDONTWRITEBYTECODE": "1",
                "NODE_OPTIONS": f"--require={hooks}/report.cjs",
            }
        return found

    def hook_files(self) -> Mapping[str, str]:
        """What languages load first, by path in the work folder."""
        return {f"{self.hooks}/sitecustomize.py": PYTHON_HOOK, f"{self.hooks}/report.cjs": NODE_HOOK}


def ends_at_undefined(oracle: Oracle) -> bool:
    """Whether a report of undefined behaviour ends the run."""
    if oracle.kind is not OracleKind.SANITIZER or oracle.tool not in ("", "ubsan"):
        return False
    return oracle.tool == "ubsan" or oracle.crash in _UNDEFINED or not oracle.crash
