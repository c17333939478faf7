"""Notices: that something changed, and nothing of what; the webhooks through which a pipeline hears of it."""

from __future__ import annotations

from dataclasses import dataclass

from seatrial.kernel.labels import Label
from seatrial.notices.types import Cadence, Choices, NewSecret, NoticeView, WebhookView

from .calling import Caller, at


@dataclass(frozen=True, slots=True)
class Notices:
    """Nothing of a review waits for a notice: what a webhook misses can be read at any time."""

    _caller: Caller

    def list(self, *, limit: int = 50) -> tuple[NoticeView, ...]:
        """Your own notices, newest first."""
        return self._caller.get_all(NoticeView, "/notices", limit=limit)

    def choices(self) -> Choices:
        """How often you are told by mail; ``everything`` is ``None`` as long as you have not chosen."""
        return self._caller.get(Choices, "/notices/choices")

    def choose(self, cadence: Cadence, *, review: str = "") -> Choices:
        """Be told of each change, once a day, or never; of one review, or of all without a choice of their own."""
        return self._caller.change(Choices, "POST", "/notices/choices", {"cadence": cadence, "review": review})

    def webhooks(self) -> tuple[WebhookView, ...]:
        """The webhooks you look after."""
        return self._caller.get_all(WebhookView, "/notices/webhooks")

    def webhook(self, webhook: str) -> WebhookView:
        """One webhook: whether it works, what waits for it."""
        return self._caller.get(WebhookView, at("notices", "webhooks", webhook))

    def add_webhook(self, organisation: str, url: str, *, label: Label | None = None) -> NewSecret:
        """Register a public https address (Standard Webhooks 1.0). The secret is shown this once."""
        said = {"organisation": organisation, "url": url, "label": label}
        return self._caller.change(NewSecret, "POST", "/notices/webhooks", said)

    def rotate_secret(self, webhook: str) -> NewSecret:
        """Make a new secret, shown this once; the one before signs too for 24 hours."""
        return self._caller.change(NewSecret, "POST", at("notices", "webhooks", webhook, "rotate"))

    def remove_webhook(self, webhook: str) -> None:
        """Send nothing there any more; its secrets are erased."""
        self._caller.change_silently("DELETE", at("notices", "webhooks", webhook))

    def deliveries(self, webhook: str, *, undelivered: bool = False, limit: int = 50) -> tuple[NoticeView, ...]:
        """The last notices to a webhook, newest first."""
        path = at("notices", "webhooks", webhook, "deliveries")
        return self._caller.get_all(NoticeView, path, undelivered=undelivered, limit=limit)

    def redeliver(self, webhook: str, *, notice: str | None = None) -> int:
        """Send one notice again, or everything that has not arrived; returns how many."""
        path = at("notices", "webhooks", webhook, "redeliver")
        return int(self._caller.change_json("POST", path, {"notice": notice})["again"])

    def send_test(self, webhook: str) -> str:
        """Send a notice that belongs to no review; returns its id."""
        return str(self._caller.change_json("POST", at("notices", "webhooks", webhook, "test"))["notice"])
