"""A crew: workers that each do one task and ask whoever started them, over one connection each.

The one who started them answers in an event loop and keeps all state; a worker keeps none that matters. A worker that
is killed, or whose machine is gone, is noticed by its connection. A worker whose coordinator is gone ends itself.

The channel is ``multiprocessing.connection``: a Unix socket for processes of this machine, TCP for a cluster, both
sides proven by a key that is drawn for this crew (HMAC). Tasks go through it and stand in no command line and no store.
It is not encrypted: a cluster's network is part of the instance.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import multiprocessing
import os
import secrets
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import Future
from multiprocessing.connection import Client, Connection, Listener
from typing import Any, Protocol

from seatrial.compute.types import Ended, Executor, ExecutorKind, WorkerEnd
from seatrial.kernel.errors import SeatrialError, Unavailable

_START = 120.0  # seconds in which a process must have connected; a cluster may let a task wait for a free machine
_HEARD = 10.0  # in which the coordinator hears that a worker has ended
_LOOK = 0.1

Address = str | tuple[str, int]
Answer = Callable[[int, Any], Awaitable[Any]]


class Line:
    """A worker's end of its connection. ``news`` is what the coordinator said last of the whole."""

    def __init__(self, connection: Connection, news: Any) -> None:
        self.news = news
        self._heard = threading.Event()
        self._connection = connection
        self._numbers = itertools.count()
        self._waiting: dict[int, Future[Any]] = {}
        self._lock = threading.Lock()
        threading.Thread(target=self._listen, name="line to the coordinator", daemon=True).start()

    def ask(self, question: Any) -> Future[Any]:
        """The answer to come. Its exception is ``Unavailable`` (``crew-refused``) if the coordinator raised one."""
        number, answer = next(self._numbers), Future[Any]()
        self._waiting[number] = answer
        with self._lock:
            self._connection.send(("ask", number, question))
        return answer

    def _end(self, *said: str) -> None:
        with self._lock:
            self._connection.send(said)
        self._heard.wait(_HEARD)

    def _listen(self) -> None:
        while True:
            try:
                number, refused, value, self.news = self._connection.recv()
            except (EOFError, OSError):
                os._exit(1)  # the coordinator is gone: nobody wants this work any more
            if number < 0:
                self._heard.set()
                return
            answer = self._waiting.pop(number)
            if refused:
                answer.set_exception(Unavailable("crew-refused", value))
            else:
                answer.set_result(value)


def work(address: Address, key: bytes, worker: int) -> None:
    """What a worker's process runs: connect, learn what to do and do it, say how it ended."""
    with Client(address, authkey=key) as connection:
        connection.send(("hello", worker))
        function, task, news = connection.recv()
        line = Line(connection, news)
        try:
            function(task, line)
        except SeatrialError as error:
            line._end("failed", error.code, error.message)
        except Exception as error:
            line._end("failed", "", f"{type(error).__name__}: {error}")
        else:
            line._end("done")


class Handle(Protocol):
    """A started worker."""

    def alive(self) -> bool: ...

    def stop(self) -> None:
        """End it now, if it has not ended."""
        ...


async def crew(
    executor: Executor,
    function: Callable[[Any, Line], None],
    tasks: Sequence[Any],
    *,
    answer: Answer,
    lost: Callable[[Ended], Awaitable[Any]],
    news: Callable[[], Any],
) -> tuple[Ended, ...]:
    """Have each of ``tasks`` done by a worker of its own; ends when all have ended, in whatever way.

    ``function(task, line)`` runs in the worker and must be importable there. ``answer(worker, question)`` runs here,
    for each question of a line; ``news()`` goes along with every answer. ``lost(ended)`` is told of each worker that is
    gone, at once; a task it returns is given to a new worker, whose number is the next. Raises ``Unavailable``
    (``no-cluster``) if workers cannot be started at all, and what ``lost`` raises.
    """
    key = secrets.token_bytes(32)
    with _starter(executor) as (start, address):
        listener = Listener(address, authkey=key)
        patience = _START if executor.kind is ExecutorKind.PROCESSES else float("inf")
        desk = _Desk(listener, answer, news, patience)
        handles: list[Handle] = []

        def hire(task: Any) -> None:
            worker = desk.expect(function, task)
            handles.append(start(work, (listener.address, key, worker)))

        try:
            for task in tasks:
                hire(task)
            ended: list[Ended] = []
            while len(ended) < len(handles):
                one = await desk.next_end(handles)
                ended.append(one)
                if one.end is WorkerEnd.LOST:
                    task = await lost(one)
                    if task is not None:
                        hire(task)
            return tuple(sorted(ended, key=lambda one: one.worker))
        finally:
            for handle in handles:
                handle.stop()
            desk.close()


class _Desk:
    """The coordinator's end: one thread accepts, one a worker reads; everything is answered in the loop."""

    def __init__(self, listener: Listener, answer: Answer, news: Callable[[], Any], patience: float) -> None:
        self._patience = patience
        self._loop, self._listener, self._answer, self._news = asyncio.get_running_loop(), listener, answer, news
        self._orders: list[tuple[Callable[[Any, Line], None], Any]] = []
        self._started: list[float] = []
        self._ends: asyncio.Queue[Ended] = asyncio.Queue()
        self._ended: set[int] = set()
        self._connected: set[int] = set()
        self._running: set[asyncio.Task[None]] = set()  # the loop holds tasks weakly
        threading.Thread(target=self._accept, name="crew's door", daemon=True).start()

    def expect(self, function: Callable[[Any, Line], None], task: Any) -> int:
        """The number of the worker that will be given this."""
        self._orders.append((function, task))
        self._started.append(time.monotonic())
        return len(self._orders) - 1

    async def next_end(self, handles: Sequence[Handle]) -> Ended:
        """The next worker's end; one that ended, or hangs, before it ever connected is lost."""
        while True:
            with contextlib.suppress(TimeoutError):
                return await asyncio.wait_for(self._ends.get(), _LOOK)
            for worker, handle in enumerate(handles):
                if worker not in self._connected:
                    late = time.monotonic() - self._started[worker] > self._patience
                    if late or not handle.alive():
                        self._set(Ended(worker, WorkerEnd.LOST, "it ended before it had begun"))

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection = self._listener.accept()
            except (OSError, EOFError):
                return  # closed
            except multiprocessing.AuthenticationError:
                continue
            threading.Thread(target=self._read, args=(connection,), name="crew's worker", daemon=True).start()

    def _read(self, connection: Connection) -> None:
        worker, lock = -1, threading.Lock()
        try:
            while True:
                kind, *said = connection.recv()
                if kind == "hello":
                    worker = said[0]
                    self._connected.add(worker)
                    with lock:
                        connection.send((*self._orders[worker], self._news()))
                elif kind == "ask":
                    self._loop.call_soon_threadsafe(self._take, connection, lock, worker, *said)
                else:
                    code, why = said if said else ("", "")
                    ended = Ended(worker, WorkerEnd(kind), why, code)
                    with lock:
                        connection.send((-1, False, None, None))
                    self._loop.call_soon_threadsafe(self._set, ended)
                    return
        except (EOFError, OSError):
            self._loop.call_soon_threadsafe(
                self._set, Ended(worker, WorkerEnd.LOST, "its process was killed, or its machine is gone")
            )

    def _take(self, connection: Connection, lock: threading.Lock, worker: int, number: int, question: Any) -> None:
        async def answered() -> None:
            try:
                reply = (number, False, await self._answer(worker, question), self._news())
            except Exception as error:
                reply = (number, True, str(error), self._news())
            with lock, contextlib.suppress(OSError):  # a worker that is gone needs no answer
                connection.send(reply)

        task = self._loop.create_task(answered())
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def _set(self, ended: Ended) -> None:
        if ended.worker >= 0 and ended.worker not in self._ended:
            self._ended.add(ended.worker)
            self._ends.put_nowait(ended)


Start = Callable[[Callable[..., None], tuple[Any, ...]], Handle]


@contextlib.contextmanager
def _starter(executor: Executor) -> Iterator[tuple[Start, Address | None]]:
    """How workers are started, and where the coordinator listens."""
    if executor.kind is ExecutorKind.RAY:
        from .ray_cluster import cluster

        with cluster(executor.address) as (start, host):
            yield start, (host, 0)
        return
    yield _Process, None  # multiprocessing finds a Unix socket of its own


class _Process:
    """A process of this machine; it dies with this one."""

    def __init__(self, function: Callable[..., None], arguments: tuple[Any, ...]) -> None:
        context = multiprocessing.get_context("spawn")
        self._process = context.Process(target=function, args=arguments, daemon=True)
        self._process.start()

    def alive(self) -> bool:
        return self._process.is_alive()

    def stop(self) -> None:
        self._process.join(2.0)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
