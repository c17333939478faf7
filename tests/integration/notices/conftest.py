"""A wheel that tests turn by hand: entries read, mails sent into a list, webhooks posted to a real receiver."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from seatrial.kernel.labels import Label
from seatrial.ledger import api as ledger
from seatrial.notices import api as notices
from seatrial.notices.adapters.http_poster import HttpPoster
from seatrial.notices.types import Letter, Outcome


@dataclass
class Post:
    """A mailer that keeps what it is given; ``outcome`` says how each letter fares."""

    outcome: Callable[[Letter], Outcome] = lambda letter: Outcome()
    letters: list[Letter] = field(default_factory=list)

    def send(self, letters: Sequence[Letter]) -> Iterator[tuple[Letter, Outcome]]:
        for letter in letters:
            self.letters.append(letter)
            yield letter, self.outcome(letter)

    def to(self, person: str) -> list[Letter]:
        return [letter for letter in self.letters if letter.to.startswith(f"{person}@")]


@dataclass
class Wheel:
    at: datetime
    post: Post = field(default_factory=Post)
    poster: Any = None

    def later(self, **passed: float) -> None:
        self.at += timedelta(**passed)

    def turn(self) -> None:
        """Everything there is to do now."""
        while notices.watch(at=self.at):
            pass
        while notices.send_mail(lambda: self.at, mailer=self.post):
            pass
        if self.poster is not None:
            for webhook in notices.due_webhooks(self.at):
                while notices.post_next(webhook, lambda: self.at, poster=self.poster):
                    pass


@pytest.fixture
def wheel(world: Any) -> Wheel:
    """Nothing of what made the world waits any more."""
    made = Wheel(world.start)
    made.turn()
    made.post.letters.clear()
    return made


@pytest.fixture
def poster() -> HttpPoster:
    return HttpPoster(loopback=True, origin="tests", patience=2.0)


@pytest.fixture
def loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """A development instance, in which webhooks may be on this machine."""
    from dataclasses import replace

    from django.conf import settings

    monkeypatch.setattr(settings, "SEATRIAL", replace(settings.SEATRIAL, loopback_webhooks=True))


def happen(
    at: datetime, *audience: str, kind: str = "case.asked", review: str = "review-1", by: str = "eva", log: str = "main"
) -> None:
    """Something was recorded for that audience."""
    with transaction.atomic():
        ledger.append(log=log, kind=kind, actor=by, facts={"review": review}, label=Label.among(*audience), at=at)
