"""How urgent an exposure is, of what is known without asking the operator anything.

SSVC's words (CISA, 2022). Its decision needs the operator's mission and safety, which are not ours to know: what is
left is exploitation. Known to be exploited is *act*; else the probability of exploitation within thirty days decides
(EPSS; a tenth of all published flaws is above 1 %, few are above 10 %). Unknown is *track*, the least.
"""

from __future__ import annotations

EPSS = ((0.1, "attend"), (0.01, "track*"))  # at least → urgency


def urgency(*, exploited: bool, epss: float | None) -> str:
    """One of ``URGENCIES``."""
    if exploited:
        return "act"
    return next((word for least, word in EPSS if (epss or 0.0) >= least), "track")
