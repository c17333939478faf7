"""A proxy between a client and a real server that lets requests through and drops answers, as networks do."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager


class DroppingProxy:
    """Forwards one HTTP/1.1 request per connection. ``drop`` says how many answers are still to be lost, ``cut``
    after how many bytes of an answer the connection ends (0: nothing of it arrives)."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.drop = 0
        self.cut = 0
        self.requests = 0
        self._stopped = False
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def stop(self) -> None:
        """Nobody answers any more."""
        if not self._stopped:
            self._stopped = True
            self._listener.shutdown(socket.SHUT_RDWR)  # a thread that waits in accept() is told
            self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        with closing(client):
            request = _whole_request(client)
            if not request:
                return
            self.requests += 1
            lose = self.drop > 0
            self.drop -= lose
            with closing(socket.create_connection(self._target)) as server:
                server.sendall(request)
                answer = b"".join(iter(lambda: server.recv(65536), b""))  # the server has acted, and answered whole
            client.sendall(answer[: self.cut] if lose else answer.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))


def _whole_request(client: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = client.recv(65536)
        if not piece:
            return b""
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    length = next((int(line.split(b":")[1]) for line in lines if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length:
        body += client.recv(65536)
    kept = [line for line in lines if not line.lower().startswith(b"connection:")]
    return b"\r\n".join([*kept, b"Connection: close"]) + b"\r\n\r\n" + body


@contextmanager
def dropping_proxy(host: str, port: int) -> Iterator[DroppingProxy]:
    proxy = DroppingProxy(host, port)
    try:
        yield proxy
    finally:
        proxy.stop()
