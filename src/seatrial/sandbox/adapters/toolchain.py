"""Which tools this machine has for sandboxed items."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path


@cache
def toolchain() -> frozenset[str]:
    """``cc`` if a C compiler builds AddressSanitizer programs that run, ``python3`` always (ours is bound)."""
    found = {"python3"}
    if shutil.which("cc"):
        with tempfile.TemporaryDirectory() as folder:
            source, built = Path(folder) / "a.c", Path(folder) / "a"
            source.write_text("int main(void) { return 0; }\n")
            words = ["cc", "-fsanitize=address", str(source), "-o", str(built)]
            compiled = subprocess.run(words, capture_output=True, check=False, timeout=60)
            if (
                compiled.returncode == 0
                and subprocess.run([str(built)], capture_output=True, check=False).returncode == 0
            ):
                found.add("cc")
    return frozenset(found)
