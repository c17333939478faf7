"""The hosts beside one box: each a program in a box of its own, on a network that they share with the box's commands.

The network is kept by a process of ours that does nothing; what joins it gains its loopback and no more. Folders,
processes, users and all else stay each box's own.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from seatrial.kernel.errors import Unavailable
from seatrial.sandbox.core.hosts import addresses, listens
from seatrial.sandbox.core.policy import Place, Policy, keeper_argv
from seatrial.sandbox.types import Command, Host, Limits

from . import places
from .bubblewrap import Process, launch, launched, to_its_end
from .folder import Folder
from .starting import start
from .trees import lay

_PATIENCE = 20.0  # for all hosts to listen
_LOOK = 0.005


class Network:
    """A private network of loopback addresses, with its hosts."""

    def __init__(self, keeper: Process, names: Mapping[str, str]) -> None:
        self._keeper = keeper
        self.names = names  # host → address
        self.serving: dict[str, tuple[Process, Folder]] = {}

    @property
    def keeper(self) -> int:
        """The process that keeps it. Raises ``Unavailable`` (``network-ended``) if somebody has killed that."""
        if self._keeper.over or self._keeper.first is None:
            raise Unavailable("network-ended", "The network of this sandbox has ended; open another sandbox.")
        return self._keeper.first

    def table(self) -> str:
        """Its TCP sockets, as the kernel lists them."""
        place = Path(f"/proc/{self.keeper}/net")
        return (place / "tcp").read_text() + ((place / "tcp6").read_text() if (place / "tcp6").exists() else "")


@asynccontextmanager
async def network(policy: Policy, hosts: Mapping[str, Host], limits: Limits) -> AsyncIterator[Network]:
    """A network on which every one of ``hosts`` listens. Afterwards nothing of it or them is left.

    Raises ``Misuse`` (``bad-host``, ``bad-command``, ``bad-path``) or ``Unavailable`` (``sandbox-failed``,
    ``host-failed``).
    """
    names = addresses(hosts)
    async with AsyncExitStack() as closing:
        folder, lock = places.make()
        closing.callback(places.remove, folder)
        closing.callback(os.close, lock)
        keeper = await launched(
            policy, lambda: start(lambda found: keeper_argv(policy, folder, found), rlimits={}), 1 << 12
        )
        closing.push_async_callback(_settled, keeper)
        await keeper.said_something()
        made = Network(keeper, names)
        made.table()  # or there is none, and that is said
        serving = [await closing.enter_async_context(_serving(policy, made, name, hosts, limits)) for name in hosts]
        try:
            async with asyncio.timeout(_PATIENCE):
                for name, server in zip(hosts, serving, strict=True):
                    await _ready(made, name, hosts, server)
        except TimeoutError:
            raise Unavailable("host-failed", f"The host {name} did not listen within {_PATIENCE:g} seconds.") from None
        yield made


@asynccontextmanager
async def _serving(
    policy: Policy, made: Network, name: str, hosts: Mapping[str, Host], limits: Limits
) -> AsyncIterator[Process]:
    """The program of one host, over its files, bound as every program is, until it is no longer needed."""
    folder = Folder.make(nobody=policy.nobody, names=made.names)
    async with AsyncExitStack() as closing:
        closing.push_async_callback(_removed, folder)
        host = hosts[name]
        if host.tree is not None:
            await asyncio.to_thread(lay, host.tree, f"{folder.path}/work", nobody=policy.nobody)
        for path, content in host.files.items():
            folder.write(path, content.encode() if isinstance(content, str) else content)
        place = Place(folder.path, name=name, keeper=made.keeper)
        server = await launch(policy, place, Command(host.argv, env=host.env), limits)
        made.serving[name] = server, folder
        watching = asyncio.ensure_future(server.ended(limits, folder.path))
        closing.push_async_callback(_settled, server)
        closing.callback(watching.cancel)
        watching.add_done_callback(lambda watched: None if watched.cancelled() else server.kill())  # it held too much
        yield server


async def _ready(made: Network, name: str, hosts: Mapping[str, Host], server: Process) -> None:
    while not listens(hosts[name], made.names[name], hosts, made.table()):
        if server.over:
            said = server.stderr.decode(errors="replace").strip().splitlines() or ["it said nothing"]
            raise Unavailable(
                "host-failed", f"The host {name} ended before it listened on port {hosts[name].ready} ({said[-1]})."
            )
        await asyncio.sleep(_LOOK)


async def _settled(process: Process) -> None:
    await to_its_end(process.settle())


async def _removed(folder: Folder) -> None:
    await to_its_end(asyncio.to_thread(folder.remove))
