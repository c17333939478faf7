"""Small targets with flaws, each an archive, and the recipes that show them."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from typing import Any

from seatrial.clearinghouse.proofs import api
from seatrial.clearinghouse.proofs.types import Proof
from seatrial.kernel.digests import digest

SANITIZED = ["gcc", "-g", "-O1", "-fsanitize=address,undefined", "record.c", "-o", "record"]

# A record reader: one byte of length, then so many bytes into a buffer of 16; lengths of 200 and more are refused.
RECORD_C = r"""
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void copy_name(char *into, const unsigned char *from, int length) {
  for (int i = 0; i < length; i++)
    into[i] = (char)from[i];
}

static int read_record(const unsigned char *data, size_t size) {
  if (size < 1)
    return 2;
  int length = data[0];
  if (length >= 200 || (size_t)length + 1 > size)
    return 2;
  char *name = malloc(17);
  copy_name(name, data + 1, length);
  name[length < 16 ? length : 16] = 0;
  printf("name: %s\n", name);
  free(name);
  return 0;
}

int main(int argc, char **argv) {
  unsigned char data[256];
  FILE *in = argc > 1 ? fopen(argv[1], "rb") : stdin;
  if (!in)
    return 3;
  size_t size = fread(data, 1, sizeof data, in);
  int status = read_record(data, size);
  if (status)
    fprintf(stderr, "bad record: %.200s\n", (const char *)data);
  return status;
}
"""
RECORD_TEST = """\
#!/bin/sh
set -e
test "$(printf '\\003abc' | ./record)" = "name: abc"
test "$(printf '\\020abcdefghijklmnop' | ./record)" = "name: abcdefghijklmnop"
if printf '\\005ab' | ./record 2>/dev/null; then exit 1; fi
"""
RECORD = {"record.c": RECORD_C, "test.sh": RECORD_TEST}
OVERFLOW = bytes([40]) + b"A" * 40

# A reader of lists like 1,2,3 that promises a clean refusal of all else.
LISTS_PY = """\
import sys

def parse(text):
    numbers = [int(part) for part in text.split(",")]
    return numbers[0], numbers[1]

def main():
    text = open(sys.argv[1]).read().strip()
    try:
        print("first two:", parse(text))
    except ValueError:
        print("no list of numbers:", text, file=sys.stderr)
        return 2
    return 0

if __name__ == "__main__":
    sys.exit(main())
"""

# A server of the files below public/, which a path may leave.
SERVER_PY = """\
import http.server, pathlib, urllib.parse

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        place = pathlib.Path("public") / urllib.parse.unquote(self.path.lstrip("/"))
        try:
            body, status = place.read_bytes(), 200
        except OSError:
            body, status = b"not found\\n", 404
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *said):
        pass

http.server.ThreadingHTTPServer(("0.0.0.0", 8080), Handler).serve_forever()
"""
SERVER = {"server.py": SERVER_PY, "public/index.html": "<p>welcome</p>", "private/token": "changed on every start\n"}

SUM_JS = """\
const text = require("fs").readFileSync(process.argv[2], "utf8");
const data = JSON.parse(text);
console.log("total", data.items.map((item) => item.price).reduce((a, b) => a + b, 0));
"""


def archive(files: Mapping[str, str | bytes]) -> bytes:
    """A tar of ``files``; what begins with #! is executable."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        for path, content in sorted(files.items()):
            data = content.encode() if isinstance(content, str) else content
            info = tarfile.TarInfo(path)
            info.size, info.mode = len(data), 0o755 if data.startswith((b"#!", b"\x7fELF")) else 0o644
            tar.addfile(info, io.BytesIO(data))
    return made.getvalue()


def proof(target: Mapping[str, str | bytes] | bytes, *, kind: str = "source", **said: Any) -> Proof:
    """A proof over ``target`` (its files, or its archive) with what else its recipe says."""
    data = target if isinstance(target, bytes) else archive(target)
    document = {"format": "seatrial-proof/1", "target": {"kind": kind, "digest": digest(data)}, **said}
    recipe, files = api.parse(document)
    return Proof(recipe, {**files, recipe.target.digest: data})


def record(data: bytes = OVERFLOW, target: Mapping[str, str | bytes] = RECORD, **said: Any) -> Proof:
    """The overflow of the record reader, unless something else is said."""
    usual = {
        "build": [{"argv": SANITIZED}],
        "oracle": {"kind": "sanitizer", "tool": "asan", "crash": "heap-buffer-overflow"},
        "reproduce": {"argv": ["./record", "crash.bin"]},
        "files": {"crash.bin": {"base64": base64_of(data)}},
    }
    return proof(target, **{name: value for name, value in {**usual, **said}.items() if value is not ...})


def base64_of(data: bytes) -> str:
    import base64

    return base64.b64encode(data).decode()
