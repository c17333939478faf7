"""The buckets of one reporter, locked until the transaction ends: what is left in the least, and spending it."""

from __future__ import annotations

from datetime import datetime

from seatrial.clearinghouse.findings.core.quota import DAY, Quotas, level
from seatrial.clearinghouse.findings.core.reporting import Reporter, buckets
from seatrial.clearinghouse.findings.models import Bucket
from seatrial.clearinghouse.findings.queries import allowance

_SWEPT_AT_ONCE = 50


def allowance_of(whose: Reporter, quotas: Quotas, at: datetime) -> float:
    """What may be sent now, as far as can be seen without locking anything."""
    a_day = buckets(whose, quotas)
    seen = allowance(a_day)
    return min((level(size, *seen.get(name, (size, at)), at) for name, size in a_day.items()), default=float("inf"))


def sweep_buckets(*, at: datetime) -> None:
    """Forget what nobody has touched for a day: those buckets are full again."""
    Bucket.objects.filter(at__lt=at - DAY).delete()


class Allowance:
    """``left`` is what may be sent now, ``a_day`` the quota that bounds it. For one transaction."""

    def __init__(self, whose: Reporter, quotas: Quotas, at: datetime) -> None:
        self._at = at
        self._a_day = buckets(whose, quotas)
        Bucket.objects.bulk_create(
            [Bucket(name=name, tokens=a_day, at=at) for name, a_day in self._a_day.items()], ignore_conflicts=True
        )
        self._rows = list(Bucket.objects.select_for_update().filter(name__in=self._a_day).order_by("name"))
        levels = [(level(self._a_day[row.name], row.tokens, row.at, at), self._a_day[row.name]) for row in self._rows]
        self.left, self.a_day = min(levels, default=(float("inf"), 0))

    def spend(self, tokens: float) -> None:
        """Take them from every bucket; sweep a few that nobody has touched for a day, which are full again."""
        for row in self._rows:
            row.tokens, row.at = level(self._a_day[row.name], row.tokens, row.at, self._at) - tokens, self._at
        Bucket.objects.bulk_update(self._rows, ["tokens", "at"])
        self.left -= tokens
        old = Bucket.objects.filter(at__lt=self._at - DAY).values_list("name", flat=True)
        Bucket.objects.filter(name__in=list(old[:_SWEPT_AT_ONCE]), at__lt=self._at - DAY).delete()
