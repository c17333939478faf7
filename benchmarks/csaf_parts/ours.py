"""Judges documents with our own validation: python -m benchmarks.csaf_parts.ours LIST SHARE SHARES GROUPS ROUNDS."""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from seatrial.clearinghouse.advisories.core.csaf import Group, parse, validate

NOW = datetime(2026, 11, 28, tzinfo=UTC)


def main() -> None:
    """One JSON line: seconds, documents, how many raised (none may)."""
    listed, share, shares, groups, rounds = Path(sys.argv[1]), *sys.argv[2:]
    wanted = tuple(Group) if groups == "all" else (Group.SCHEMA, Group.MANDATORY)
    names = listed.read_text().splitlines()
    texts = [Path(name).read_bytes() for name in names[int(share) :: int(shares)]]
    for text in texts[:100]:
        validate(parse(text), now=NOW, groups=wanted)
    began = time.perf_counter()
    for _ in range(int(rounds)):
        for text in texts:
            validate(parse(text), now=NOW, groups=wanted)
    seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "documents": len(texts) * int(rounds), "raised": 0}))


if __name__ == "__main__":
    main()
