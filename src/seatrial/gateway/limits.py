"""Every bound of the gateway, in bytes, seconds and tokens."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one gateway process. ``cut_seconds`` is the promise; the others serve it or protect the machine."""

    memory_bytes: int = 2**20  # of a request's body; a longer one is in a file
    body_bytes: int = 20 * 2**20  # of a JSON body, which is read to know what it asks for
    large_bytes: int = 2 * 2**30  # of any other body
    spool_bytes: int = 8 * 2**30  # of all bodies in files together
    body_rate: int = 2**18  # bytes a second that a large body must bring beyond 'request_seconds'
    linger_seconds: float = 2.0  # that a caller who is still sending may read why it is refused
    unknown_bytes: int = 2**16  # of a request that brings nothing that looks like an access key
    connections: int = 10_000  # of callers at once
    handshakes: int = 1_000  # under way at once; with one more the oldest gives way
    handshake_seconds: float = 10.0  # for one of TLS
    header_bytes: int = 16 * 2**10  # of all headers of a request together
    kept_bytes: int = 8 * 2**20  # of a JSON answer, to read the usage from; a longer one is charged its reservation
    request_seconds: float = 30.0  # for the caller to send its request
    keepalive_seconds: float = 75.0  # a caller's connection without a request
    read_seconds: float = 30.0  # for a large JSON body to be read, others before it too
    decide_seconds: float = 5.0  # for the decision; then 503, fail closed
    connect_seconds: float = 5.0  # to the developer's endpoint
    reuse_seconds: float = 4.0  # a connection to an endpoint may rest and be used again
    idle_connections: int = 512  # that rest at once, for each endpoint
    first_byte_seconds: float = 300.0  # from the request sent to the answer's first byte
    idle_seconds: float = 60.0  # between two chunks of an answer
    cut_seconds: float = 1.0  # a stream ends at most this long after its right
    watch_seconds: float = 0.1  # between two looks at the rights of what is in flight
    drain_seconds: float = 4.0  # for calls in flight when the gateway is asked to stop
    answer_tokens: int = 4096  # reserved for an answer whose request names no 'max_tokens'


LIMITS = Limits()
