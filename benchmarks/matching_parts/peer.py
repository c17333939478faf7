"""The peer, run with its own interpreter: loads the advisories, looks up package URLs in batches, prints one JSON line.

    var/peers/vdb/bin/python benchmarks/matching_parts/peer.py ADVISORIES PURLS

It knows nothing of this project. Its better way of asking counts: in batches, or one by one.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from vdb.lib import db, search
from vdb.lib.osv import OSVSource


def main(advisories: str, purls: str) -> None:
    source = OSVSource()
    kept = []
    for line in Path(advisories).read_text().splitlines():
        kept += source.convert(json.loads(line))
    source.store(kept)
    db.optimize_and_close_all()
    db.reset_connections()
    names = Path(purls).read_text().splitlines()
    begun = time.perf_counter()
    found = sum(len(part) for part in search.search_packages_batched([{"purl": name} for name in names], 500))
    batched = time.perf_counter() - begun
    some = names[: len(names) // 10]
    begun = time.perf_counter()
    for name in some:
        search.search_by_purl_like(name)
    single = time.perf_counter() - begun
    print(
        json.dumps(
            {
                "records": len(kept),
                "components": len(names),
                "found": found,
                "batched": len(names) / batched,
                "single": len(some) / single,
            }
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
