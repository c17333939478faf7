"""The door to the sandbox: ``async with Sandbox.open(files) as box: outcome = await box.run(Command(...))``."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

from django.conf import settings

import seatrial
from seatrial.kernel.errors import Misuse, NotFound, Unavailable

from .adapters import bubblewrap, machine, places, trees, users
from .adapters.bubblewrap import Process
from .adapters.folder import Folder
from .adapters.hosts import Network, network
from .adapters.trees import tree_of
from .core.hosts import LIMITS as HOST_LIMITS
from .core.limits import clamp, explain
from .core.policy import Place, Policy
from .types import Command, Host, Limits, Outcome, Tree

__all__ = ["Beside", "Sandbox", "available", "explain", "sweep", "toolchain", "tree_of", "version"]

READ_LIMIT = 64 * 1024**2
_BETWEEN_SWEEPS = 60.0
_AT_ONCE = 4 * 1024**2  # bytes of a tree that are copied without leaving the event loop


def available() -> str | None:
    """``None`` if sandboxes can be made here, else one sentence that says what to do."""
    try:
        _policy()
    except Unavailable as error:
        return error.message
    return None


def version() -> str:
    """What makes the boxes here, and which limit does not bind. Raises ``Unavailable`` (``no-sandbox``)."""
    policy = _policy()
    said = [policy.version]
    if not policy.bind_processes:
        said.append("the number of processes is not limited here, only their memory and time")
    if policy.filter is None:
        said.append("the kernel's calls are not filtered on this architecture")
    return "; ".join(said)


def sweep() -> int:
    """Remove what boxes of killed processes left on disk; how many. Opening a box does so too, once a minute."""
    _sweeping.due = time.monotonic() + _BETWEEN_SWEEPS
    return places.sweep()


@cache
def toolchain() -> Mapping[str, str]:
    """What programs can be built and run with in a box: ``cc`` (a C compiler with AddressSanitizer that works) and
    ``python3``, each with its version. Tried once, in a box; empty without a sandbox."""
    if available() is not None:
        return {}
    with ThreadPoolExecutor(1) as apart:  # the caller may be inside an event loop
        return dict(apart.submit(asyncio.run, _toolchain()).result())


class Sandbox:
    """A box: a work folder and a ``/tmp`` that last until it is closed, in which programs run one by one or at once."""

    def __init__(self, policy: Policy, folder: Folder, beside: Network | None) -> None:
        self._policy = policy
        self._folder = folder
        self._beside = beside
        self._runs: set[asyncio.Task[Outcome]] = set()
        self._open = True
        self._users = False  # whether root has been here

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        files: Mapping[str, bytes | str] | None = None,
        *,
        tree: Tree | None = None,
        hosts: Mapping[str, Host] | None = None,
        host_limits: Limits = HOST_LIMITS,
    ) -> AsyncIterator[Sandbox]:
        """A box that holds ``files`` (relative path → content), with ``hosts`` (by name) beside it that listen already.
        With ``tree`` it begins as a copy of that, and ``files`` are laid over it.

        Hosts share a private network with the box's commands: a loopback, from which no way leads out. Each is reached
        by its name or its address (``addresses``). ``host_limits`` bind each of them, save for the wall clock.
        Afterwards nothing of box and hosts is left, alive or on disk.

        Raises ``Unavailable`` (``no-sandbox``, ``host-failed``) or ``Misuse`` (``bad-host``, ``no-hosts``).
        """
        policy = _policy()
        if time.monotonic() >= _sweeping.due:
            await asyncio.to_thread(sweep)
        async with AsyncExitStack() as closing:
            beside = None
            if hosts:
                bound = clamp(host_limits, machine.hard_limits())
                beside = await closing.enter_async_context(network(policy, hosts, bound))
            names = beside.names if beside else {}
            box = cls(policy, Folder.make(nobody=policy.nobody, names=names), beside)
            closing.push_async_callback(box._closed)
            if tree is not None:
                await box._lay(tree)
            for path, content in (files or {}).items():
                await box.write(path, content)
            yield box

    @property
    def addresses(self) -> Mapping[str, str]:
        """The hosts beside the box: name → address on its private network."""
        return dict(self._beside.names) if self._beside else {}

    async def run(self, command: Command) -> Outcome:
        """Run ``command`` to its end or to one of its limits. Cancelling kills it and all that it started.

        Raises ``Misuse`` (``bad-command``, ``bad-limit``, ``no-such-user``, ``box-closed``) or ``Unavailable``
        (``sandbox-failed``, ``network-ended``).
        """
        self._check_open()
        limits = clamp(command.limits, machine.hard_limits())
        place = self._place(command.user)
        run = asyncio.ensure_future(bubblewrap.run(self._policy, place, command, limits))
        self._runs.add(run)
        run.add_done_callback(self._runs.discard)
        return await run

    async def write(self, path: str, data: bytes | str, *, executable: bool = False) -> None:
        """Write a file of the work folder from outside; no link is followed.

        Raises ``Misuse`` (``bad-path``) or ``Refused`` (``not-a-plain-file``, ``file-closed``).
        """
        self._check_open()
        self._folder.write(path, data.encode() if isinstance(data, str) else data, executable=executable)

    async def read(self, path: str, *, limit: int = READ_LIMIT) -> bytes:
        """Read a file of the work folder from outside; no link is followed.

        Raises ``Misuse`` (``bad-path``, ``file-too-large``), ``NotFound`` (``no-such-file``) or ``Refused``
        (``not-a-plain-file``, ``file-closed``).
        """
        self._check_open()
        return self._folder.read(path, limit=limit)

    async def names(self) -> list[str]:
        """The names at the top of the work folder, sorted."""
        self._check_open()
        return self._folder.names()

    async def keep(self, into: Path, *, limits: Limits = Limits()) -> Tree:
        """Copy what the box's programs have left in the work folder into the empty folder ``into``, which is ours.

        Links are kept as they are and never followed; ``limits`` bound disk and files. Raises ``Refused``
        (``tree-too-large``, ``tree-closed``) or ``Misuse`` (``box-busy``).
        """
        self._check_open()
        if self._runs:
            raise Misuse("box-busy", "A program still runs in this sandbox; keep its work folder afterwards.")
        return await asyncio.to_thread(trees.keep, f"{self._folder.path}/work", into, limits)

    def host(self, name: str) -> Beside:
        """The host of that name beside the box. Raises ``NotFound`` (``no-such-host``)."""
        if self._beside is None or name not in self._beside.serving:
            raise NotFound("no-such-host", f"There is no host {name} beside this sandbox.")
        return Beside(*self._beside.serving[name])

    async def _lay(self, tree: Tree) -> None:
        laying = partial(trees.lay, tree, f"{self._folder.path}/work", nobody=self._folder.nobody)
        if tree.size > _AT_ONCE:
            await asyncio.to_thread(laying)
        else:
            laying()

    def _place(self, user: str) -> Place:
        """Where a command of ``user`` runs. The first of root gives the box users."""
        place = Place(self._folder.path, keeper=self._beside.keeper if self._beside else None)
        if user == "root" and self._policy.filter_of_root is not None:
            users.prepare(self._folder, self.addresses)
            self._users = True
        if not self._users:
            if user != "nobody":
                raise Misuse("no-such-user", f"There is no user {user} in the sandbox; its root may add one.")
            return place
        place = replace(place, users=self._folder.users)
        if user == "nobody":
            return place
        found = users.find(self._folder, user)
        return replace(place, user=found.number, group=found.group, home=found.home)

    async def _closed(self) -> None:
        await bubblewrap.to_its_end(self._close())

    async def _close(self) -> None:
        self._open = False
        for run in self._runs:
            run.cancel()
        await asyncio.gather(*self._runs, return_exceptions=True)
        await asyncio.to_thread(self._folder.remove)

    def _check_open(self) -> None:
        if not self._open:
            raise Misuse("box-closed", "This sandbox is closed; open another.")


class Beside:
    """A host beside a box, seen from outside: what it has said, and what it has left in its work folder."""

    def __init__(self, process: Process, folder: Folder) -> None:
        self._process = process
        self._folder = folder

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self._process.over

    @property
    def stdout(self) -> bytes:
        """What it has written there so far."""
        return self._process.stdout

    @property
    def stderr(self) -> bytes:
        """What it has written there so far."""
        return self._process.stderr

    def names(self) -> list[str]:
        """The names at the top of its work folder, sorted."""
        return self._folder.names()

    def read(self, path: str, *, limit: int = READ_LIMIT) -> bytes:
        """As ``Sandbox.read``."""
        return self._folder.read(path, limit=limit)


class _Sweeping:
    """When this process looks again for what others left."""

    due = 0.0


_sweeping = _Sweeping()


def _policy() -> Policy:
    return machine.policy(_hidden())


def _hidden() -> tuple[str, ...]:
    """What must not be seen even where it lies among the system's programs (a checkout in /usr/src, say)."""
    private = [Path.home(), settings.SEATRIAL.home]
    checkout = Path(seatrial.__file__).parents[2]
    if (checkout / "pyproject.toml").exists():
        private.append(checkout)
    return tuple(sorted({str(place.resolve()) for place in private if place.exists()}))


_PROBES: Mapping[str, str] = {
    "cc": "cc -g -fsanitize=address probe.c -o probe && ./probe && cc --version | head -n 1",
    "python3": "python3 --version",
}


async def _toolchain() -> dict[str, str]:
    limits = Limits(wall_seconds=60, cpu_seconds=60, memory_bytes=None)
    found = {}
    async with Sandbox.open({"probe.c": "int main(void) { return 0; }\n"}) as box:
        for tool, probe in _PROBES.items():
            outcome = await box.run(Command(("sh", "-c", probe), limits=limits))
            if outcome.ok:
                found[tool] = outcome.stdout.decode(errors="replace").strip()
    return found
