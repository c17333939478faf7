"""Reports of crashes as facts: every tool's text in, one form out. Pure.

    >>> facts_of(b"", b"prog.c:7:9: runtime error: division by zero\\n", 1).kind
    'integer-divide-by-zero'

- ``facts_of(stdout, stderr, status)``: the crash, or none; ``every(…)``: all that the output tells, the most telling
  first.
- ``unnamed(facts)``: what a report without names wants to know, as (module, offset); ``symbolised(facts, names)``:
  with it.
- ``normal(name)``: a function's name without what changes from build to build.
"""

from __future__ import annotations

from .facts import every, facts_of
from .names import cut, normal
from .symbols import Place, symbolised, unnamed

__all__ = ["Place", "cut", "every", "facts_of", "normal", "symbolised", "unnamed"]
