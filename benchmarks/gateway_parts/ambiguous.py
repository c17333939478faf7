"""Requests that two readers could take differently, each followed on the wire by what a smuggler would hide in it.

Written after the families that the literature knows (CL.TE, TE.CL, TE.TE, two lengths, lengths with a sign, folded
lines, bare line feeds, chunks whose size is doubtful). ``{auth}`` is put in by whoever sends them.
"""

from __future__ import annotations

import socket

_HIDDEN = "POST /v1/completions HTTP/1.1\r\nHost: h\r\nX: y\r\nContent-Length: 0\r\n\r\n"
_BODY = '{"model": "north", "max_tokens": 5}'


def _post(*lines: str, body: str = "", target: str = "/v1/chat/completions", version: str = "HTTP/1.1") -> bytes:
    head = "\r\n".join([f"POST {target} {version}", "Host: h", "{auth}", "Content-Type: application/json", *lines])
    return (head + "\r\n\r\n" + body).encode("latin-1")


def _chunked(*lines: str, body: str) -> bytes:
    return _post(*lines, body=body)


_SIZE = f"{len(_BODY):x}"
_WHOLE = f"{_SIZE}\r\n{_BODY}\r\n0\r\n\r\n"

CLEAR: dict[str, bytes] = {  # what differs from the others in nothing but its clearness, and must pass
    "one length": _post(f"Content-Length: {len(_BODY)}", body=_BODY),
    "chunks": _post("Transfer-Encoding: chunked", body=_WHOLE),
}

AMBIGUOUS: dict[str, bytes] = {
    "CL.TE": _post(f"Content-Length: {len(_WHOLE)}", "Transfer-Encoding: chunked", body=_WHOLE + _HIDDEN),
    "TE.CL": _post("Transfer-Encoding: chunked", "Content-Length: 4", body=_WHOLE + _HIDDEN),
    "TE.TE identity": _post("Transfer-Encoding: chunked", "Transfer-Encoding: identity", body=_WHOLE),
    "TE.TE unknown": _post("Transfer-Encoding: xchunked", body=_WHOLE),
    "TE list": _post("Transfer-Encoding: gzip, chunked", body=_WHOLE),
    "TE twice chunked": _post("Transfer-Encoding: chunked, chunked", body=_WHOLE),
    "TE space before colon": _post("Transfer-Encoding : chunked", f"Content-Length: {len(_BODY)}", body=_BODY),
    "TE leading space": _post(" Transfer-Encoding: chunked", f"Content-Length: {len(_BODY)}", body=_BODY),
    "TE vertical tab": _post("Transfer-Encoding: \x0bchunked", body=_WHOLE),
    "TE quoted": _post('Transfer-Encoding: "chunked"', body=_WHOLE),
    "TE bare LF in value": _post("X: y\nTransfer-Encoding: chunked", f"Content-Length: {len(_BODY)}", body=_BODY),
    "TE in HTTP/1.0": _post("Transfer-Encoding: chunked", body=_WHOLE, version="HTTP/1.0"),
    "CL twice, equal": _post(f"Content-Length: {len(_BODY)}", f"Content-Length: {len(_BODY)}", body=_BODY),
    "CL twice, different": _post(f"Content-Length: {len(_BODY)}", "Content-Length: 0", body=_BODY),
    "CL list": _post(f"Content-Length: {len(_BODY)}, {len(_BODY)}", body=_BODY),
    "CL plus": _post(f"Content-Length: +{len(_BODY)}", body=_BODY),
    "CL minus": _post("Content-Length: -1", body=_BODY),
    "CL hex": _post(f"Content-Length: 0x{_SIZE}", body=_BODY),
    "CL space inside": _post("Content-Length: 3 5", body=_BODY),
    "CL underscore": _post("Content-Length: 3_5", body=_BODY),
    "CL overflow": _post("Content-Length: 18446744073709551651", body=_BODY),
    "CL empty": _post("Content-Length: ", body=_BODY),
    "CL NUL": _post("Content-Length: 35\x00", body=_BODY),
    "chunk size overflow": _post("Transfer-Encoding: chunked", body="1" + "0" * 16 + "\r\n" + _BODY),
    "chunk size sign": _post("Transfer-Encoding: chunked", body=f"+{_SIZE}\r\n{_BODY}\r\n0\r\n\r\n"),
    "chunk size 0x": _post("Transfer-Encoding: chunked", body=f"0x{_SIZE}\r\n{_BODY}\r\n0\r\n\r\n"),
    "chunk size space": _post("Transfer-Encoding: chunked", body=f"{_SIZE} \r\n{_BODY}\r\n0\r\n\r\n"),
    "chunk bare LF": _post("Transfer-Encoding: chunked", body=f"{_SIZE}\n{_BODY}\n0\n\n"),
    "chunk data too long": _post("Transfer-Encoding: chunked", body=f"2\r\n{_BODY}\r\n0\r\n\r\n"),
    "chunk LF in extension": _post("Transfer-Encoding: chunked", body=f"{_SIZE};a\nb\r\n{_BODY}\r\n0\r\n\r\n"),
    "folded header": _post("X: a", "\tb: c", f"Content-Length: {len(_BODY)}", body=_BODY),
    "header without colon": _post("Nonsense", f"Content-Length: {len(_BODY)}", body=_BODY),
    "header without name": _post(": nameless", f"Content-Length: {len(_BODY)}", body=_BODY),
    "header NUL": _post("X: a\x00b", f"Content-Length: {len(_BODY)}", body=_BODY),
    "header bare CR": _post("X: a\rb: c", f"Content-Length: {len(_BODY)}", body=_BODY),
    "bare LF lines": _post(f"Content-Length: {len(_BODY)}", body=_BODY).replace(b"\r\n", b"\n"),
    "two hosts": _post("Host: other", f"Content-Length: {len(_BODY)}", body=_BODY),
    "no host": _post(f"Content-Length: {len(_BODY)}", body=_BODY).replace(b"Host: h\r\n", b""),
    "absolute target": _post(f"Content-Length: {len(_BODY)}", body=_BODY, target="http://other/v1/chat/completions"),
    "target with space": _post(f"Content-Length: {len(_BODY)}", body=_BODY, target="/v1/chat completions"),
    "target with tab": _post(f"Content-Length: {len(_BODY)}", body=_BODY, target="/v1/chat\tcompletions"),
    "target with fragment": _post(f"Content-Length: {len(_BODY)}", body=_BODY, target="/v1/chat/completions#x"),
    "HTTP/0.9": b"GET /v1/chat/completions\r\n\r\n",
    "HTTP/1.9": _post(f"Content-Length: {len(_BODY)}", body=_BODY, version="HTTP/1.9"),
    "HTTP/2.0": _post(f"Content-Length: {len(_BODY)}", body=_BODY, version="HTTP/2.0"),
    "version lower case": _post(f"Content-Length: {len(_BODY)}", body=_BODY, version="http/1.1"),
    "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "CONNECT": b"CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n",
    "TRACE": b"TRACE /v1/chat/completions HTTP/1.1\r\nHost: h\r\n{auth}\r\n\r\n",
    "method with lower case": _post(f"Content-Length: {len(_BODY)}", body=_BODY).replace(b"POST", b"post", 1),
    "unknown method": _post(f"Content-Length: {len(_BODY)}", body=_BODY).replace(b"POST", b"PUSH", 1),
    "unknown expectation": _post("Expect: 200-ok", f"Content-Length: {len(_BODY)}", body=_BODY),
}


def answers_to(port: int, raw: bytes, *, silence: float) -> bytes:
    """What comes back on a connection of its own until that ends, or for ``silence`` seconds nothing does."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as one:
        one.sendall(raw)
        one.settimeout(silence)
        said = b""
        try:
            while data := one.recv(65536):
                said += data
        except OSError:
            pass
    return said
