"""The gateway's process: bind, settle what a crash left, serve, drain."""

from __future__ import annotations

import asyncio
import gc
import ipaddress
import logging
import signal
import socket
import ssl
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from seatrial.gateway import several
from seatrial.gateway.carriage import GATEWAY_STOPPED, Means
from seatrial.gateway.certificates import Certificates, endpoints_context
from seatrial.gateway.conduct import Conductor
from seatrial.gateway.door import DatabaseDoor, Door
from seatrial.gateway.house import House
from seatrial.gateway.keeping import Keeper, SealingKeeper
from seatrial.gateway.limits import LIMITS, Limits
from seatrial.gateway.listening import bind
from seatrial.gateway.live import Live
from seatrial.gateway.metrics import Metrics
from seatrial.gateway.server import Connection
from seatrial.gateway.spool import Spools, check_folder
from seatrial.gateway.upstream import HttpUpstream
from seatrial.kernel.settings import Settings
from seatrial.review.access import api as access

log = logging.getLogger("seatrial.gateway")

_RECORD_SECONDS = 3.0  # at the end, for records under way
_SWITCH_SECONDS = 0.0005  # the lanes' threads yield to the loop this soon: answers in flight wait for no batch


def serve(settings: Settings) -> int:
    """Serve until told to stop (SIGTERM, SIGINT); returns an exit code.

    Raises ``Unavailable`` (``port-in-use``), ``Misuse`` (``bad-setting``: a file or folder that cannot be used).
    """
    if Certificates.of(settings) is None and not _loopback(settings.host):
        log.warning(
            "the gateway listens on %s without TLS: keys and answers cross the network readable; set "
            "SEATRIAL_GATEWAY_TLS_CERTIFICATE and SEATRIAL_GATEWAY_TLS_KEY, or put it behind what speaks TLS",
            settings.host,
        )
    if settings.gateway_processes > 1:
        return several.serve(settings, lambda: _serve_one(settings, shared=True))
    return _serve_one(settings, shared=False)


def _serve_one(settings: Settings, *, shared: bool) -> int:
    limits = replace(
        LIMITS,
        cut_seconds=settings.cut_bound_seconds,
        drain_seconds=float(settings.gateway_drain_seconds),
        large_bytes=settings.gateway_body_limit,
        spool_bytes=settings.gateway_spool_limit,
    )
    check_folder(settings.gateway_spool)
    sys.setswitchinterval(_SWITCH_SECONDS)
    place = several.free_place(settings) if shared else 0
    listening = bind(settings.host, settings.gateway_port, shared=shared)
    metrics, port = Metrics(), settings.gateway_metrics_port
    stop_metrics = metrics.serve(settings.host, port + max(0, place - 1)) if port else None
    certificates = Certificates.of(settings)
    endpoints = endpoints_context(
        settings.gateway_upstream_ca, settings.gateway_upstream_certificate, settings.gateway_upstream_key
    )
    work = run(
        listening,
        DatabaseDoor(),
        limits,
        place=place,
        metrics=metrics,
        certificates=certificates,
        endpoints=endpoints,
        spool=settings.gateway_spool,
    )
    try:
        if sys.platform == "win32":
            asyncio.run(work)
        else:
            import uvloop

            uvloop.run(work)
    finally:
        if stop_metrics is not None:
            stop_metrics()
    return 0


async def run(
    listening: socket.socket,
    door: Door,
    limits: Limits,
    *,
    place: int = 0,
    metrics: Metrics | None = None,
    keeper: Keeper | None = None,
    certificates: Certificates | None = None,
    endpoints: ssl.SSLContext | None = None,
    spool: Path | None = None,
    stop: asyncio.Event | None = None,
    ready: Callable[[], None] | None = None,
) -> None:
    """Serve on ``listening`` until ``stop`` is set, or a signal comes if there is no ``stop``.

    Holding the socket, or the ``place`` among several on one port, means that no earlier process of this name lives, so
    what it left open is settled first. ``certificates`` are for callers, ``endpoints`` for calls to developers;
    ``spool`` is where large bodies are, the system's folder for such files unless given.
    """
    host, port = listening.getsockname()[:2]
    name = f"{socket.gethostname()}:{host}:{port}" + (f":{place}" if place else "")
    left = await door.recover(name)
    if left:
        log.warning("%d exchanges left open by an earlier gateway were settled; their reservation stays charged", left)
    upstream, live = HttpUpstream(limits, endpoints), Live(door, limits)
    metrics, keeper = metrics or Metrics(), keeper or SealingKeeper(access.bodies())
    metrics.watch("in_flight", "Calls let through and not ended.", lambda: live.watched)
    conductor = Conductor(Means(door, upstream, live, limits, metrics, keeper), name)
    spools = Spools(spool, limits.spool_bytes)
    house = House(conductor, door, limits, spools, certificates)
    metrics.watch("connections", "Connections of callers.", lambda: len(house.connections))
    watches = {asyncio.create_task(live.watch()), asyncio.create_task(house.watch_clock())}
    if certificates is not None:
        metrics.watch("failed_handshakes", "TLS handshakes that failed.", lambda: house.failed_handshakes)
        metrics.watch("certificate_ends", "When ours does, in seconds since 1970.", lambda: certificates.ends)
        watches.add(asyncio.create_task(certificates.watch()))
        if stop is None and sys.platform != "win32":
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, certificates.look)
    metrics.watch("spool_left_bytes", "Room left for large bodies.", lambda: spools.left)
    server = await asyncio.get_running_loop().create_server(
        lambda: house.admit(Connection(house)), sock=listening, backlog=1024
    )
    gc.collect()
    gc.freeze()  # a look through all that a process begins with takes tens of milliseconds, in the middle of answers
    if ready is not None:
        ready()
    try:
        stopped = asyncio.create_task((stop or _on_signal()).wait())
        ended, _ = await asyncio.wait({stopped, *watches}, return_when=asyncio.FIRST_COMPLETED)
        if stopped not in ended:  # nothing may flow that nobody watches over
            raise RuntimeError("the watch over calls in flight ended") from ended.pop().exception()
    finally:
        conductor.stopping = True
        server.close()
        await _drain(house, live, limits)
        for watch in watches:
            watch.cancel()
        unkept = await conductor.decided(_RECORD_SECONDS) + await keeper.ended(_RECORD_SECONDS)
        if unkept + await door.recorded(_RECORD_SECONDS):
            log.error("some exchanges could not be settled; the next start of this gateway settles them")
        await upstream.close()
        await keeper.close()
        await door.close()
        spools.close()
        conductor.close()


async def _drain(house: House, live: Live, limits: Limits) -> None:
    """Take no more calls, give those in flight a little time, then end them with a word."""
    house.close_idle()
    if not await live.none_left(limits.drain_seconds):
        live.end_all(GATEWAY_STOPPED)
        await live.none_left(limits.cut_seconds)
    await house.closed(limits.cut_seconds)


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _on_signal() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:  # Windows: a signal ends the process, and the next start settles
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
    return stop
