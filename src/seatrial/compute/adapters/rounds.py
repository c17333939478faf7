"""What many ask at once, done in rounds by the thread that called for the work.

1. One thread owns what is written; those who work in others only ask and wait.
2. All that was asked while a round was being written is the next round, so that one transaction can hold it.
3. An answer is given after the round, so whoever has one may rely on what was written.
4. What fails in a round fails everybody who waits, and the work; nobody waits for ever.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

Q = TypeVar("Q")


@dataclass(eq=False, slots=True)
class Asked(Generic[Q]):
    """A question and its answer to come."""

    question: Q
    answer: Future[Any] = field(default_factory=Future)


class Rounds(Generic[Q]):
    """``broken`` is what failed, if anything did; then nothing further should be begun."""

    def __init__(self, name: str, *, pause: float | None = None) -> None:
        """``pause``: seconds after which a round is made even if nobody asks."""
        self.broken: BaseException | None = None
        self._name, self._pause = name, pause
        self._desk: queue.SimpleQueue[Asked[Q] | None] = queue.SimpleQueue()
        self._open: list[Asked[Q]] = []

    async def ask(self, question: Q) -> Any:
        """The answer; from any event loop. Raises what failed."""
        asked = Asked(question)
        self._desk.put(asked)
        return await asyncio.wrap_future(asked.answer)

    def serve(
        self,
        work: Callable[[], None],
        write: Callable[[Sequence[Asked[Q]]], Iterable[tuple[Asked[Q], Any]]],
        then: Callable[[], None],
    ) -> None:
        """Run ``work`` in a thread of its own and do here what it asks for.

        ``write`` is given what was asked since the last round and says what is answered now, of that or of what waits
        since earlier; ``then`` follows each round that answered something. Interrupted from the keyboard, work goes on
        until it ends by itself, and then ``KeyboardInterrupt`` goes on its way. Raises what failed.
        """

        def outside() -> None:
            try:
                work()
            except BaseException as error:  # handed to the calling thread, which raises it
                self.broken = self.broken or error
            finally:
                self._desk.put(None)

        thread = threading.Thread(target=outside, name=self._name, daemon=True)
        thread.start()
        goes_on = True
        while goes_on:
            asked: list[Asked[Q]] = []
            try:
                goes_on = self._gather(asked)
            except KeyboardInterrupt as interrupt:
                if self.broken is not None:
                    raise
                self.broken = interrupt
            self._round([one for one in asked if one.answer.set_running_or_notify_cancel()], write, then)
        thread.join()
        if self.broken is not None:
            raise self.broken

    def _gather(self, asked: list[Asked[Q]]) -> bool:
        """Wait for something to be asked, and take all that was; false once the work has ended."""
        try:
            one = self._desk.get(timeout=self._pause)
        except queue.Empty:
            return True
        while one is not None:
            asked.append(one)
            try:
                one = self._desk.get_nowait()
            except queue.Empty:
                return True
        return False

    def _round(
        self,
        asked: Sequence[Asked[Q]],
        write: Callable[[Sequence[Asked[Q]]], Iterable[tuple[Asked[Q], Any]]],
        then: Callable[[], None],
    ) -> None:
        self._open = [one for one in (*self._open, *asked) if not one.answer.done()]
        try:
            answers = list(write(asked))
        except BaseException as error:
            self.broken = self.broken or error
            said = error if isinstance(error, Exception) else InterruptedError("interrupted")
            for one in self._open:
                if not one.answer.done():
                    one.answer.set_exception(said)
            return
        for one, answer in answers:
            one.answer.set_result(answer)
        if answers:
            try:
                then()
            except BaseException as error:
                self.broken = self.broken or error
