"""The whole tree of errors a person can meet.

    SeatrialError
    ├── Refused       a rule says no (consent, window, label, budget, lifecycle)
    │   └── Forbidden     … because of who is asking
    ├── Misuse        the caller can mend it (bad value, wrong file, wrong order of calls)
    │   ├── NotFound      the thing named does not exist, or must not be seen to exist
    │   └── Conflict      it was changed by someone else meanwhile, or is there already
    └── Unavailable   this machine or a neighbour lacks something (tool, port, upstream, database)

Each carries a stable ``code`` for programs and one sentence for people that says what happened, to
what, and what to do. None of them knows HTTP or exit codes: the surfaces keep one table each.
Anything that is not a ``SeatrialError`` is a defect.
"""

from __future__ import annotations


class SeatrialError(Exception):
    """One clear sentence with a stable code.

    ``code`` is lower-case words joined by hyphens (``window-too-long``); ``facts`` are JSON-ready
    values a program may read (never secrets).
    """

    def __init__(self, code: str, message: str, **facts: object) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.facts = facts

    def __str__(self) -> str:
        return self.message


class Refused(SeatrialError):
    """A rule of the house says no."""


class Forbidden(Refused):
    """A rule says no because of who is asking."""


class Misuse(SeatrialError):
    """The caller asked for something that cannot be; the message says how to ask."""


class NotFound(Misuse):
    """Nothing of that name, or nothing the asker may know of: the two are told apart to nobody."""


class Conflict(Misuse):
    """The thing changed meanwhile, or exists already."""


class Unavailable(SeatrialError):
    """Something outside is missing, down or busy; trying again or installing it may help."""
