"""The socket that callers come to."""

from __future__ import annotations

import os
import socket

from seatrial.kernel.errors import Unavailable


def bind(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """A listening socket; ``shared`` lets other processes of ours listen on the same port.

    Raises ``Unavailable`` (``port-in-use``).
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=1024, reuse_port=shared)
    except OSError as error:
        raise port_in_use(host, port, error) from error


def port_in_use(host: str, port: int, error: OSError) -> Unavailable:
    """Why nothing of ours can listen there."""
    return Unavailable(
        "port-in-use",
        f"The gateway cannot listen on port {port} of {host} ({os.strerror(error.errno or 0)}); "
        "set SEATRIAL_GATEWAY_PORT to a free one.",
        port=port,
    )
