"""Several gateway processes on one port: each has a place, and whoever takes a place settles what its last holder left.

A place is a lock on a file, which the system gives back when its holder ends, however it ends. A gateway that drains
keeps its place; one that is started meanwhile takes the next.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import time
from collections.abc import Callable

from django.db import connections

from seatrial.gateway.listening import port_in_use
from seatrial.kernel.errors import Misuse, Unavailable
from seatrial.kernel.settings import Settings

log = logging.getLogger("seatrial.gateway")

_PLACES = 256
_PAUSE_SECONDS = 1.0  # before a process that ended by itself is started again
_held: list[int] = []  # descriptors: a place is kept until the process ends


def serve(settings: Settings, one: Callable[[], int]) -> int:
    """Run ``one`` in each of the processes, start it again where it ends by itself, end all when told to.

    Raises ``Unavailable`` (``port-in-use``), ``Misuse`` (``one-process-only``).
    """
    if not hasattr(os, "fork"):
        raise Misuse("one-process-only", "Here only one gateway can run; set SEATRIAL_GATEWAY_PROCESSES to 1.")
    connections.close_all()  # no process may inherit one
    with _reserved(settings.host, settings.gateway_port):
        stopping = False
        children: set[int] = set()

        def stop(*_: object) -> None:
            nonlocal stopping
            stopping = True
            for child in children:
                os.kill(child, signal.SIGTERM)

        def look(*_: object) -> None:
            for child in children:
                os.kill(child, signal.SIGHUP)

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        if settings.gateway_tls_certificate is not None:
            signal.signal(signal.SIGHUP, look)
        failed = 0
        while True:
            while not stopping and len(children) < settings.gateway_processes:
                children.add(_started(one))
            if not children:
                return failed
            child, status = os.wait()
            children.discard(child)
            if stopping:
                failed = failed or os.waitstatus_to_exitcode(status)
            else:
                log.error("a gateway process ended by itself (%d); it is started again", status)
                time.sleep(_PAUSE_SECONDS)


def free_place(settings: Settings) -> int:
    """The first place nobody holds, from 1; held until this process ends. Raises ``Unavailable`` (``no-place``)."""
    import fcntl

    folder = settings.home / "gateway"
    folder.mkdir(parents=True, exist_ok=True)
    for place in range(1, _PLACES):
        descriptor = os.open(folder / f"{settings.gateway_port}-{place}.lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
        else:
            _held.append(descriptor)
            return place
    raise Unavailable("no-place", f"All {_PLACES - 1} places for gateways on one port are taken; end some of them.")


def _started(one: Callable[[], int]) -> int:
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until it is read what it asks for
        code = one()
    except Exception:
        log.exception("a gateway process failed")
    finally:
        os._exit(code)


def _reserved(host: str, port: int) -> socket.socket:
    """Bound and not listening: nobody who does not share may take the port, and no call comes here."""
    held = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        held.bind((host, port))
    except OSError as error:
        held.close()
        raise port_in_use(host, port, error) from error
    return held
