"""An OpenAI-compatible endpoint on loopback whose answers a test scripts. Real HTTP, no model."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Reply:
    """What to send back: a completion, or an error when ``status`` is not 200. ``drop`` closes without a word."""

    text: str = ""
    status: int = 200
    code: str | None = None
    seconds: float = 0.0
    model: str = "scripted"
    fingerprint: str | None = "fp-1"
    finish: str = "stop"
    logprobs: dict[str, Any] | None = None
    drop: bool = False
    call: tuple[str, dict[str, Any]] | None = None  # a tool to be called, and its arguments


@dataclass
class ScriptedModel:
    """``script(prompt, number)`` answers the ``number``-th request (from 1) to carry that prompt."""

    script: Callable[[str, int], Reply]
    prompts: list[str] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    at_once: int = 0
    most_at_once: int = 0

    def __enter__(self) -> ScriptedModel:
        model, lock = self, threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                pass

            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                prompt = asked["messages"][-1]["content"]
                with lock:
                    model.prompts.append(prompt)
                    model.requests.append(asked)
                    model.keys.add(self.headers.get("Authorization", ""))
                    model.at_once += 1
                    model.most_at_once = max(model.most_at_once, model.at_once)
                    number = model.prompts.count(prompt)
                try:
                    self.answer(prompt, number)
                except (BrokenPipeError, ConnectionResetError):
                    pass  # the client was killed meanwhile
                finally:
                    with lock:
                        model.at_once -= 1

            def answer(self, prompt: str, number: int) -> None:
                reply = model.script(prompt, number)
                time.sleep(reply.seconds)
                if reply.drop:
                    self.close_connection = True
                    return
                if reply.status == 200:
                    message: dict[str, Any] = {"role": "assistant", "content": reply.text}
                    if reply.call is not None:
                        name, arguments = reply.call
                        function = {"name": name, "arguments": json.dumps(arguments)}
                        message["tool_calls"] = [{"id": f"call-{number}", "type": "function", "function": function}]
                    body: dict[str, Any] = {
                        "id": "chatcmpl-1",
                        "object": "chat.completion",
                        "created": 0,
                        "model": reply.model,
                        "system_fingerprint": reply.fingerprint,
                        "choices": [
                            {
                                "index": 0,
                                "message": message,
                                "finish_reason": reply.finish if reply.call is None else "tool_calls",
                                "logprobs": reply.logprobs,
                            }
                        ],
                        "usage": {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18},
                    }
                else:
                    error = {"message": f"scripted {reply.status}", "type": "scripted", "code": reply.code}
                    body = {"error": error}
                data = json.dumps(body).encode()
                self.send_response(reply.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, request: Any, client_address: Any) -> None:
                pass  # a client that was killed leaves its connection reset

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"
