"""Over HTTP a lab's command imports no Django: a pipeline pays for every import at every step."""

from __future__ import annotations

import os
import subprocess
import sys

SCRIPT = """
import sys
sys.argv = ["seatrial", "lab", *sys.argv[1:]]
from seatrial.config.main import main
try:
    main()
finally:
    servers = {"django", "ninja", "inspect_ai", "numpy", "aiohttp", "sqlite3", "cryptography", "altair"}
    print("HEAVY", sorted(servers & set(sys.modules)))
"""


def started(*words: str) -> tuple[int, str]:
    environment = {**os.environ, "SEATRIAL_URL": "http://127.0.0.1:9", "SEATRIAL_TOKEN": "sta-x"}
    for name in ("DJANGO_SETTINGS_MODULE", "SEATRIAL_HOME"):
        environment.pop(name, None)
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *words], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    return done.returncode, done.stdout + done.stderr


def test_neither_help_nor_a_call_imports_what_a_server_needs() -> None:
    code, said = started("--help")
    assert code == 0
    assert "HEAVY []" in said
    code, said = started("reviews")
    assert code == 5, "nobody listens there"
    assert "No answer came from http://127.0.0.1:9" in said
    assert "HEAVY []" in said
    assert "Traceback" not in said
